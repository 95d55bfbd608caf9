/** Files for a chat message: identified by their bytes, never by their names. It reads only what a flag names, and sends nothing. */
import type { Deps } from '../../base/deps.ts';
import { CliError, SignalReceived, systemErrorCode } from '../../base/errors.ts';
import { type NextStep, say } from '../../base/next-step.ts';
import { nearest } from '../../config/nearest.ts';
import { resolvePath } from './paths.ts';

/** A part of a message as it is sent. */
export type ContentPart =
  | { type: 'text'; text: string }
  | { type: 'image_url'; image_url: { url: string } };

/** A larger file is treated as a mistake. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;

export type FileDeps = Pick<Deps, 'files' | 'workingDirectory' | 'path' | 'signal'>;

/** What a flag or a command of a conversation names: an http(s) image URL, a path, or `-` with the bytes of standard input. Throws `CliError` usage or local_io. */
export async function readAttachment(
  value: string,
  flag: string,
  stdin: Uint8Array | null,
  deps: FileDeps,
): Promise<ContentPart> {
  if (/^https?:\/\//i.test(value)) return imageUrl(value, flag);
  const bytes =
    value === '-' ? (stdin ?? new Uint8Array()) : await readInputFile(value, flag, deps);
  return contentOf(bytes, value === '-' ? 'stdin' : value, flag);
}

/**
 * The next step after a file that cannot be used. `flag`: as the error names it. After `/file` and others of a conversation it is
 * `/help file`; after a flag of a command line there is none from here, and that of the command is shown: its `--help`.
 */
function usageOf(flag: string): NextStep[] {
  return flag.startsWith('/') ? [say(`/help ${flag.slice(1)}`)] : [];
}

/** A text file that a flag names (`--system @file`, `--schema file`). */
export async function readTextFile(path: string, flag: string, deps: FileDeps): Promise<string> {
  const text = decodeText(await readInputFile(path, flag, deps));
  if (text === null)
    throw new CliError('usage', `${flag} ${path}: not UTF-8 text`, {
      code: 'bad_file',
      next: usageOf(flag),
    });
  return text;
}

function imageUrl(value: string, flag: string): ContentPart {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    throw new CliError('usage', `${flag} ${value}: not a URL`, {
      code: 'bad_url',
      next: usageOf(flag),
    });
  }
  if (url.username !== '' || url.password !== '')
    throw new CliError(
      'usage',
      `${flag}: a URL with a user name or password in it would be sent to the gateway`,
      { code: 'bad_url', next: usageOf(flag) },
    );
  return { type: 'image_url', image_url: { url: value } };
}

function contentOf(bytes: Uint8Array, name: string, flag: string): ContentPart {
  const mime = imageType(bytes);
  if (mime) {
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    return { type: 'image_url', image_url: { url: `data:${mime};base64,${data}` } };
  }
  const text = decodeText(bytes);
  if (text === null)
    throw new CliError(
      'usage',
      `${flag} ${name}: neither UTF-8 text nor a PNG, JPEG, GIF or WebP image`,
      { code: 'bad_file', next: usageOf(flag) },
    );
  return {
    type: 'text',
    text: `<file name=${JSON.stringify(name)}>
${text}
</file>`,
  };
}

/** The type of an image by its first bytes; null when it is not one that chat models accept. */
function imageType(bytes: Uint8Array): string | null {
  const head = String.fromCharCode(...bytes.subarray(0, 12));
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'image/gif';
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'image/webp';
  return null;
}

/** Null when it is not text: not UTF-8, or with a NUL. */
function decodeText(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

/** A file beside it whose name is nearly the same. */
async function nearestFile(
  path: string,
  whole: string,
  flag: string,
  deps: FileDeps,
): Promise<NextStep[]> {
  const { basename, dirname } = deps.path;
  const names = await deps.files.list(dirname(whole)).catch(() => []);
  const near = nearest(basename(whole), names);
  if (near === null) return usageOf(flag);
  const right = `${path.slice(0, path.length - basename(path).length)}${near}`;
  return [{ do: 'did-you-mean', values: [right] }];
}

/** The bytes of a file that a flag names. Throws `CliError` usage or local_io. */
export async function readInputFile(
  path: string,
  flag: string,
  deps: FileDeps,
  maxBytes = MAX_FILE_BYTES,
): Promise<Uint8Array> {
  const whole = resolvePath(path, deps);
  try {
    return await deps.files.read(whole, maxBytes, deps.signal);
  } catch (error) {
    if (error instanceof SignalReceived || error instanceof CliError) throw error;
    const code = systemErrorCode(error);
    const unusable = (slug: string, why: string, next = usageOf(flag)): CliError => {
      const details = { code: slug, next, cause: error };
      return new CliError('usage', `${flag} ${path}: ${why}`, details);
    };
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw unusable('no_such_file', 'no such file', await nearestFile(path, whole, flag, deps));
    if (code === 'EISDIR') throw unusable('bad_file', 'is a directory');
    if (code === 'ENXIO')
      throw unusable('pipe_silent', 'no program has opened this pipe to write into it', [
        { do: 'retry', first: 'start the program that writes into it' },
      ]);
    if (code === 'EFBIG') throw unusable('bad_file', `larger than ${inWords(maxBytes)}`);
    const why =
      code === 'EACCES' || code === 'EPERM'
        ? 'no permission to read it'
        : (code ?? 'cannot be read');
    throw new CliError('local_io', `${flag} ${path}: ${why}`, {
      code: code ?? 'read_failed',
      billed: 'no',
      cause: error,
    });
  }
}

/** A limit in the largest unit in which it is a whole number. */
function inWords(bytes: number): string {
  if (bytes % 1024 ** 2 === 0) return `${bytes / 1024 ** 2} MB`;
  return bytes % 1024 === 0 ? `${bytes / 1024} KB` : `${bytes} bytes`;
}
