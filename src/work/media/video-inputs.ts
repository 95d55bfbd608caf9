/** The images, videos and sounds that a video starts from: addresses are passed on, files are uploaded, nothing goes inline. */
import { posix } from 'node:path';
import type { Deps } from '../../base/deps.ts';
import type { FileType } from '../../jobs/file-type.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { Connection } from '../connection.ts';
import type { FileDeps } from '../input/attachments.ts';
import { checkAddress, isAddress, type LocalFile, readLocal, upload } from './local-files.ts';
import type { VideoFlags } from './options.ts';

type Kind = FileType['kind'];

/** As the wire has them. */
type ContentItem = Record<string, unknown> & { type: string; role: string };

interface Input {
  role: string;
  source: { url: string; kind: Kind } | LocalFile;
}

const kindByEnding: Readonly<Record<string, Kind>> = {
  '.mp4': 'video',
  '.mov': 'video',
  '.webm': 'video',
  '.mkv': 'video',
  '.wav': 'audio',
  '.mp3': 'audio',
  '.m4a': 'audio',
  '.aac': 'audio',
  '.ogg': 'audio',
};

export function hasInputs({ firstFrame, lastFrame, reference = [] }: VideoFlags): boolean {
  return firstFrame !== undefined || lastFrame !== undefined || reference.length > 0;
}

/** The first of them that is a file of this machine. */
export function localInput({
  firstFrame,
  lastFrame,
  reference = [],
}: VideoFlags): string | undefined {
  return [firstFrame, lastFrame, ...reference].find(
    (value) => value !== undefined && !isAddress(value),
  );
}

/** Throws `CliError` usage or local_io; nothing is sent yet. */
export async function readInputs(flags: VideoFlags, deps: FileDeps): Promise<Input[]> {
  const inputs: Input[] = [];
  if (flags.firstFrame !== undefined)
    inputs.push({
      role: 'first_frame',
      source: await readSource(flags.firstFrame, '--first-frame', ['image'], deps),
    });
  if (flags.lastFrame !== undefined)
    inputs.push({
      role: 'last_frame',
      source: await readSource(flags.lastFrame, '--last-frame', ['image'], deps),
    });
  for (const value of flags.reference ?? []) {
    const source = await readSource(value, '--reference', ['image', 'video', 'audio'], deps);
    inputs.push({ role: `reference_${kindOf(source)}`, source });
  }
  return inputs;
}

/** One upload a file, right before the task that uses it. */
export async function* uploadInputs(
  inputs: readonly Input[],
  connection: Connection,
  deps: Deps,
): AsyncGenerator<OutputEvent, ContentItem[], undefined> {
  const content: ContentItem[] = [];
  for (const input of inputs) {
    const { source } = input;
    const id =
      'url' in source
        ? ''
        : yield* upload(source, `video_input_${kindOf(source)}`, connection, deps);
    content.push(itemOf(input, () => id));
  }
  return content;
}

/** `uploadId`: of a local file. */
export function itemOf(
  { role, source }: Input,
  uploadId: (file: LocalFile) => string,
): ContentItem {
  const kind = kindOf(source);
  return 'url' in source
    ? { type: `${kind}_url`, [`${kind}_url`]: { url: source.url }, role }
    : { type: kind, upload_id: uploadId(source), role };
}

function kindOf(source: Input['source']): Kind {
  return 'url' in source ? source.kind : source.type.kind;
}

/** The kind of a URL follows from its extension; one without is assumed to be an image. */
async function readSource(
  value: string,
  flag: string,
  kinds: readonly Kind[],
  deps: FileDeps,
): Promise<Input['source']> {
  if (!isAddress(value)) return readLocal(value, flag, kinds, deps);
  const url = checkAddress(value, flag);
  const ending = posix.extname(url.pathname).toLowerCase();
  const kind = kinds.length === 1 ? kinds[0] : kindByEnding[ending];
  return { url: value, kind: kind ?? 'image' };
}
