/** Saves the images of a chat reply, which were paid for: whole, under names of their own. It never prints one and replaces no file. */
import type { Deps } from '../../base/deps.ts';
import { errnoWords } from '../../base/errno.ts';
import { toCliError } from '../../base/error-document.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import type { Image } from '../../client/images.ts';
import { BadBase64, Base64Decoder } from '../../jobs/base64.ts';
import { startDeadline } from '../../jobs/fetch-item.ts';
import { fileTypeOf } from '../../jobs/file-type.ts';
import { type HashedFile, openHashed } from '../../jobs/hashed-file.ts';
import { NameTaken, publish } from '../../jobs/publish.ts';
import type { ChatSuccess } from '../../schemas/chat.ts';
import { download } from '../../transport/download.ts';
import type { Connection } from '../connection.ts';

/** More than any image. */
const MAX_BYTES = 256 * 1024 ** 2;
/** Base64 decoded at a time, in characters. */
const PIECE = 256 * 1024;
/** How often another random name is tried. */
const NAMES = 5;

type SavedFile = ChatSuccess['files'][number];

/** What became of them. */
export interface SavedImages {
  readonly files: SavedFile[];
  /** Addresses of images that could not be downloaded. */
  readonly urls: ChatSuccess['urls'];
  readonly warnings: string[];
  /** The first problem because of which an image is not saved; null: all are. */
  failure: CliError | null;
}

type SaveContext = { connection: Connection; deps: Deps };

/** `directories`: where to save them, the first that can be written. Never throws. */
export async function saveImages(
  images: readonly Image[],
  directories: readonly string[],
  context: SaveContext,
): Promise<SavedImages> {
  const result: SavedImages = { files: [], urls: [], warnings: [], failure: null };
  for (const image of images) {
    try {
      await saveOne(image, directories, result, context);
    } catch (error) {
      result.failure ??= notSaved(error);
      if (image.url !== null) result.urls.push({ url: image.url, expires_at: null });
    }
  }
  return result;
}

/** In the first directory that can be written; the answer is paid for, so a full or read-only one is not the end. */
async function saveOne(
  image: Image,
  directories: readonly string[],
  result: SavedImages,
  context: SaveContext,
): Promise<void> {
  let problem: unknown;
  for (const directory of directories) {
    try {
      const file = await saveIn(directory, image, result, context);
      result.files.push(file);
      if (problem !== undefined)
        result.warnings.push(
          `cannot write to ${directories[0]}: the image is saved in ${directory}`,
        );
      return;
    } catch (error) {
      if (systemErrorCode(error) === undefined || error instanceof CliError) throw error;
      problem ??= error;
    }
  }
  throw problem;
}

async function saveIn(
  directory: string,
  image: Image,
  result: SavedImages,
  context: SaveContext,
): Promise<SavedFile> {
  const { deps } = context;
  const { files, path } = deps;
  const temporary = path.join(directory, `.alltoken-chat-${deps.uuid()}.part`);
  const output = await openHashed(temporary, null, deps);
  try {
    let kind: Kind;
    try {
      kind = await fill(output, image, context);
      await output.file.sync();
    } finally {
      await output.file.close();
    }
    const final = await giveName(directory, temporary, kind.extension, deps);
    if (kind.warning !== null) result.warnings.push(`${final}: ${kind.warning}`);
    return { path: final, ...output.facts(), mime: kind.mime };
  } catch (error) {
    await files.remove(temporary).catch(() => {});
    throw error;
  }
}

interface Kind {
  mime: string;
  extension: string;
  warning: string | null;
}

async function fill(output: HashedFile, image: Image, context: SaveContext): Promise<Kind> {
  const { data, url, mime } = image;
  if (data === null) return kindOf(output.head, await fetchInto(output, url ?? '', context));
  const inline = inlineOf(data);
  try {
    await decodeInto(output, inline);
  } catch (error) {
    if (!(error instanceof BadBase64)) throw error;
    // What was paid for stays, for whoever can repair it.
    await output.restart();
    await output.write(Buffer.from(data));
    return {
      mime: 'text/plain',
      extension: 'b64',
      warning: 'the base64 of the image is damaged; it is saved as it was sent',
    };
  }
  return kindOf(output.head, inline.mime ?? mime);
}

interface Inline {
  mime: string | null;
  /** false: the text is percent-encoded. */
  isBase64: boolean;
  text: string;
}

/** A `data:` URL taken apart; other text is base64. */
function inlineOf(data: string): Inline {
  const head = /^data:([^,]{0,256}),/i.exec(data);
  if (head === null) return { mime: null, isBase64: true, text: data };
  const [, facts = ''] = head;
  return {
    mime: facts.split(';', 1)[0] || null,
    isBase64: /;\s*base64\s*$/i.test(facts),
    text: data.slice(head[0].length),
  };
}

/** Line breaks and missing padding are common, and lose nothing. Throws `BadBase64`. */
async function decodeInto(output: HashedFile, { isBase64, text }: Inline): Promise<void> {
  if (!isBase64) {
    await output.write(Buffer.from(percentDecoded(text)));
    return;
  }
  const letters = withoutPadding(text.replace(/\s+/g, ''));
  const padded = letters + '='.repeat((4 - (letters.length % 4)) % 4);
  const decoder = new Base64Decoder();
  for (let at = 0; at < padded.length; at += PIECE)
    await output.write(decoder.push(Buffer.from(padded.slice(at, at + PIECE))));
  await output.write(decoder.end());
  if (output.size() === 0) throw new BadBase64('no data', 0);
}

/** In one walk, whatever the text is. */
function withoutPadding(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === '=') end -= 1;
  return text.slice(0, end);
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** By the bytes; an unknown kind is saved, too, with what the server calls it. */
function kindOf(head: Uint8Array, said: string | null): Kind {
  const type = fileTypeOf(head);
  if (type !== null) return { mime: type.mime, extension: type.extension, warning: null };
  const named = /^([a-z]+)\/([a-z0-9]{1,8})\b/i.exec(said ?? '');
  return {
    mime: named === null ? 'application/octet-stream' : named[0].toLowerCase(),
    extension: named?.[2]?.toLowerCase() ?? 'bin',
    warning: 'not a known image format; check whether it opens',
  };
}

/** Downloads it; returns the type that the server sent. Throws `CliError`, or the disk's error. */
async function fetchInto(
  output: HashedFile,
  url: string,
  { connection, deps }: SaveContext,
): Promise<string | null> {
  const { policy, gateway } = connection;
  const deadline = startDeadline({ policy, deps });
  const request = {
    url,
    baseUrl: gateway.baseUrl,
    userAgent: `alltoken-cli/${deps.version}`,
    timeouts: policy.timeouts,
    maxBytes: MAX_BYTES,
    part: null,
    sink: {
      restart: () => output.restart(),
      write: (bytes: Uint8Array) => output.write(bytes),
      head: async () => {},
    },
  };
  try {
    const signal = deadline?.signal ?? deps.signal;
    const notes = download(request, await connection.storage(), { ...deps, signal });
    for (;;) {
      const { done, value } = await notes.next();
      if (done) return value.contentType;
    }
  } finally {
    deadline?.stop();
  }
}

/** `alltoken-chat-1a2b3c4d.png`, absolute. */
async function giveName(
  directory: string,
  temporary: string,
  extension: string,
  deps: Deps,
): Promise<string> {
  for (let tried = 1; ; tried += 1) {
    const random = deps.uuid().replaceAll('-', '').slice(-8);
    const path = deps.path.join(directory, `alltoken-chat-${random}.${extension}`);
    try {
      const onReserve = async (): Promise<void> => {};
      await publish({ temporary, path, force: false, reserved: false, onReserve }, deps);
      return path;
    } catch (error) {
      if (!(error instanceof NameTaken) || tried === NAMES) throw error;
    }
  }
}

/** The answer was bought, so no code may say that running it again costs nothing. */
function notSaved(error: unknown): CliError {
  const code = systemErrorCode(error);
  if (!(error instanceof CliError) && code !== undefined)
    return new CliError('local_io', `cannot save an image of the answer: ${errnoWords(code)}`, {
      code,
      billed: 'yes',
      cause: error,
    });
  const found = toCliError(error);
  if (found.isStop) return found;
  return new CliError('partial', `an image of the answer is not saved: ${found.message}`, {
    ...found.details,
    code: found.details.code ?? found.exit,
    billed: 'yes',
  });
}
