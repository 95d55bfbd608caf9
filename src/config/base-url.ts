/** Checks and normalizes a base URL. It checks the text and resolves no name, so it does not know what a host resolves to. */
import { CliError, type ExitName } from '../base/errors.ts';
import { isLoopback } from '../base/loopback.ts';

/**
 * The base URL in its normal form, with no slash at the end. `where` says in words where it came from.
 * Throws `no_key` (or `exit`) with one line that never repeats the URL, because it may hold a password. Plain http to
 * another machine is always `no_key`: the URL is valid, and refused to protect the key; `allowHttp` accepts it.
 */
export function checkBaseUrl(
  text: string,
  where: string,
  exit: ExitName = 'no_key',
  allowHttp = false,
): string {
  const read = readBaseUrl(text, allowHttp);
  if ('fault' in read)
    throw new CliError(read.isUnsafe ? 'no_key' : exit, `${where}: ${read.fault}`, {
      code: 'bad_base_url',
    });
  return read.url;
}

/** The same without throwing; `fault` is a phrase in lower case. */
export function readBaseUrl(
  text: string,
  allowHttp = false,
): { url: string } | { fault: string; isUnsafe?: true } {
  const url = parse(text.trim());
  if (url === null) {
    return { fault: 'not a base URL; expected one like https://api.example.com/v1' };
  }
  if (url.username !== '' || url.password !== '') {
    return {
      fault: 'a base URL cannot contain a user name or a password; keys are configured separately',
    };
  }
  if (/[?#]/.test(text)) return { fault: 'a base URL cannot contain a query or a fragment' };
  if (url.protocol === 'http:' && !allowHttp && !isLoopback(url.hostname)) {
    return {
      fault: `plain http is only allowed for loopback (127.0.0.1, ::1, localhost), not for ${url.hostname}; use https`,
      isUnsafe: true,
    };
  }
  const path = withoutSlashes(url.pathname);
  if (path.endsWith('/chat/completions')) {
    return { fault: 'a base URL must not include /chat/completions' };
  }
  return { url: url.origin + path };
}

/** The URL class repairs `https:/host`, `https:\\host` and inner tabs; here each of them is an error. */
function parse(text: string): URL | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  if (!/^https?:\/\/[^/?#\\]/i.test(text) || /[\s\\\u0000-\u001f\u007f]/.test(text)) return null;
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function withoutSlashes(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

/** Scheme, host and port; null when the text has none, which never equals another origin. */
export function originOf(url: string): string | null {
  try {
    const { origin } = new URL(url);
    return origin === 'null' ? null : origin;
  } catch {
    return null;
  }
}

/** Whether both are URLs with the same origin. */
export function sameOrigin(one: string, other: string): boolean {
  const origin = originOf(one);
  return origin !== null && origin === originOf(other);
}
