/** The words of what is no known error shape: a page, XML of a storage, a stack trace, JSON of any kind. It finds no code. */
import { oneLine } from '../base/json.ts';

/** Of a list of errors. */
export const MAX_ITEMS = 50;

export function looksLikeHtml(text: string): boolean {
  return /^\s*</.test(text);
}

/** What an HTML page, or the XML of a storage, says of itself, in one line. */
export function pageTitle(html: string): string {
  const head = html.slice(0, 20_000);
  const parts = [/<Code>([^<]*)/, /<Message>([^<]*)/].flatMap((part) => part.exec(head)?.[1] ?? []);
  const xml = oneLine(parts.join(': '));
  if (/<Error>/.test(head) && xml !== '') return xml;
  const title = /<title[^>]*>([^<]*)/i.exec(head)?.[1] ?? /<h1[^>]*>([^<]*)/i.exec(head)?.[1];
  return title && oneLine(title) !== ''
    ? oneLine(`an HTML page: ${oneLine(title)}`)
    : 'an HTML page';
}

/** Names under which a shape that nobody knows has its words. */
const wordKeys =
  /^(error|err|message|msg|detail|title|reason|description|faultstring)s?$|_(message|msg)$/i;
/** Values looked at, and how deep. */
const MAX_VALUES = 500;
const MAX_WORDS_DEPTH = 12;

/** What a JSON value of no known shape says in any field with the name of a message; '' when nothing. */
export function wordsAnywhere(json: unknown): string {
  const lines = new Set<string>();
  let left = MAX_VALUES;
  const look = (value: unknown, isWords: boolean, depth: number): void => {
    left -= 1;
    if (left < 0 || depth > MAX_WORDS_DEPTH) return;
    if (typeof value === 'string') {
      const line = isWords ? oneLine(withoutStack(value)) : '';
      if (line !== '') lines.add(line);
    } else if (Array.isArray(value)) {
      for (const item of value.slice(0, MAX_ITEMS)) look(item, isWords, depth + 1);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value))
        look(item, isWords || wordKeys.test(key), depth + 1);
    }
  };
  look(json, false, 0);
  return oneLine([...lines].join('; '));
}

/** Frames of a program that failed are no use to the reader; Python puts the words behind them. */
export function withoutStack(text: string): string {
  const python = text.indexOf('Traceback (most recent call last):');
  if (python !== -1) {
    const last = text.trimEnd().split('\n').at(-1) ?? '';
    return `${text.slice(0, python)} ${last}`;
  }
  const frame = text.search(
    /\n[ \t]{0,40}at [^\n]{1,300}(:\d+\)?|\(native\)|\(<anonymous>\))[ \t\r]{0,40}(\n|$)/,
  );
  return frame === -1 ? text : text.slice(0, frame);
}
