/** Whether bytes are the beginning of a text document, and of which: an error is often sent where a file was promised. It looks at the bytes alone. */

export type DocumentKind = 'json' | 'html' | 'xml' | 'svg' | 'text';

/** The most bytes that are looked at. */
export const DOCUMENT_HEAD = 4096;

/** Elements with which a page begins that has no `<html>`. */
const htmlRoots = new Set([
  ...['html', 'head', 'body', 'title', 'meta', 'script', 'style', 'center', 'div', 'p', 'h1', 'h2'],
  ...['pre', 'table', 'a', 'b'],
]);

/** `head`: the first 4096 bytes, or all there are. null: binary data, or nothing. */
export function documentKind(head: Uint8Array): DocumentKind | null {
  const text = textOf(head);
  if (text === null || text === '') return null;
  if (text.startsWith('<')) return markupKind(text);
  if (/^[{[]\s*(["{[\]}\d-]|true\b|false\b|null\b|$)/.test(text) || isJson(text)) return 'json';
  return text.includes('\ufffd') ? null : 'text';
}

/** Whether more bytes are needed to see that it is markup or JSON, and of which kind. */
export function mayBeDocument(head: Uint8Array): boolean {
  const text = textOf(head);
  return text !== null && /^$|^[<{[]/.test(text);
}

/** Without the white space at its beginning; null where it is no text. */
function textOf(bytes: Uint8Array): string | null {
  const head = bytes.subarray(0, DOCUMENT_HEAD);
  const wide = head[0] === 0xff && head[1] === 0xfe ? 'utf-16le' : null;
  const text = new TextDecoder(wide ?? 'utf-8').decode(head, { stream: true }).trimStart();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters tell binary data from text
  return /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text) ? null : text;
}

function markupKind(text: string): DocumentKind {
  let rest = text;
  for (;;) {
    const before = /^(<\?.*?\?>|<!--.*?-->|<!doctype\s+([\w:-]+)[^>[]*(\[[^\]]*\]\s*)?>)\s*/is.exec(
      rest,
    );
    if (before === null) break;
    if (before[2]?.toLowerCase() === 'html') return 'html';
    rest = rest.slice(before[0].length);
  }
  const root = /^<(?:[\w-]+:)?([A-Za-z][\w-]*)/.exec(rest)?.[1]?.toLowerCase();
  if (root === 'svg') return 'svg';
  return root !== undefined && htmlRoots.has(root) ? 'html' : 'xml';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
