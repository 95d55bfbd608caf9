/** Files and URLs given as input of a job: files are identified by their bytes and uploaded. It downloads nothing. */

import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { say } from '../../base/next-step.ts';
import { uploadFile } from '../../client/uploads.ts';
import type { Gateway } from '../../gateways/types.ts';
import { type FileType, fileTypeOf, formatName } from '../../jobs/file-type.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { Connection } from '../connection.ts';
import { type FileDeps, readInputFile } from '../input/attachments.ts';

/** A larger input is treated as a mistake; the gateway may have a lower limit. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Types that the gateway's storage accepts. */
const uploadable = new Set([
  'image/png',
  'image/jpeg',
  'image/webp',
  'video/mp4',
  'video/webm',
  'video/quicktime',
  'audio/wav',
  'audio/mpeg',
  'audio/mp4',
  'audio/aac',
  'audio/ogg',
  'audio/webm',
]);

export interface LocalFile {
  bytes: Uint8Array;
  type: FileType;
  /** As the user named it. */
  name: string;
}

export function isAddress(value: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(value) || /^(data|asset):/i.test(value);
}

/** Throws `CliError` usage for a URL that a gateway could not fetch, or that contains a password. */
export function checkAddress(value: string, flag: string): URL {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || !/^(https?|asset):$/.test(url.protocol))
    throw new CliError(
      'usage',
      `${flag}: ${value.slice(0, 60)} is neither a file nor an http(s) URL`,
      {
        code: 'bad_url',
        next: say('save it to a file and pass its path'),
      },
    );
  if (url.username !== '' || url.password !== '')
    throw new CliError(
      'usage',
      `${flag}: a URL with a password in it would be sent to the gateway`,
      {
        code: 'bad_url',
      },
    );
  return url;
}

/** Throws `CliError` usage when it is none of `kinds`, or of a type that the storage does not accept. */
export async function readLocal(
  path: string,
  flag: string,
  kinds: readonly FileType['kind'][],
  deps: FileDeps,
): Promise<LocalFile> {
  const bytes = await readInputFile(path, flag, deps, MAX_BYTES);
  const type = fileTypeOf(bytes);
  if (type === null || !kinds.includes(type.kind) || !uploadable.has(type.mime)) {
    const name = formatName(bytes);
    const problem = `${name === null ? '' : `${name} is `}not a supported file type`;
    throw new CliError('usage', `${flag} ${path}: ${problem}`, {
      code: 'bad_file',
      next: say(`expected ${kinds.map((kind) => takes[kind]).join(', ')}`),
    });
  }
  return { bytes, type, name: path };
}

const takes: Readonly<Record<FileType['kind'], string>> = {
  image: 'PNG, JPEG or WebP',
  video: 'MP4, WebM or MOV',
  audio: 'WAV, MP3, M4A, AAC or OGG',
};

/** The placeholder in a body until the file is uploaded; a dry run shows it. */
export function uploadLater({ name, bytes, type }: LocalFile): string {
  return `(upload of ${name}: ${type.mime}, ${bytes.length} bytes)`;
}

/** `name`: of a local file that the gateway cannot store. */
export function noUploads({ label }: Gateway, name: string): CliError {
  return new CliError('usage', `${label} does not accept local files`, {
    code: 'unsupported',
    next: say(`give ${name} as a public https URL`),
  });
}

/** Returns the upload id, good for one task. */
export async function* upload(
  file: LocalFile,
  purpose: string,
  connection: Connection,
  deps: Deps,
): AsyncGenerator<OutputEvent, string, undefined> {
  const { gateway, headers, policy } = connection;
  if (gateway.routes.uploads === undefined) throw noUploads(gateway, file.name);
  const place = {
    url: `${gateway.baseUrl}${gateway.routes.uploads}`,
    headers,
    baseUrl: gateway.baseUrl,
    policy,
  };
  const what = { bytes: file.bytes, mime: file.type.mime, purpose, name: file.name };
  return yield* uploadFile(what, place, connection.fetch, await connection.storage(), deps);
}
