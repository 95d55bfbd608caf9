/**
 * Reads a JSON document that is too large for memory from its source: all but the long strings, which stay there and
 * are only referenced. It decodes none of them, and never guesses the rest of a cut document.
 */
import { JsonScan, KEPT, type LongString } from './json-scan.ts';

export { JsonTooLarge, LongString } from './json-scan.ts';

/** Bytes with random access, usually a file. */
export interface ByteSource {
  /** In bytes. */
  readonly size: number;
  /** Up to `length` bytes from `offset`; none at the end. The next call may reuse the array. */
  read(offset: number, length: number): Uint8Array;
}

/** The text is the beginning of a JSON document whose end is missing. */
export class CutJson extends Error {
  constructor() {
    super('the document ends too early');
    this.name = 'CutJson';
  }
}

/** Bytes read at a time. */
const WINDOW = 256 * 1024;
const LONG_STRING = 16 * 1024;

/** Possible completions of a cut document: one of these, then all closing brackets. */
const endings = [
  ...['', 'null', ':null', '"k":null', '0'],
  ...['rue', 'ue', 'e', 'alse', 'lse', 'se', 'ull', 'll', 'l'],
];

/**
 * The document, in which a string of more than `longString` raw bytes (16 KiB) is a `LongString`; `spans` has these
 * in the order of the document. Memory: the copied text, at most 8 MB, and less than 1 MB more. Throws `CutJson`,
 * `SyntaxError` (not JSON) or `JsonTooLarge`; no error quotes the document.
 */
export function readSpooledJson(
  source: ByteSource,
  options: { longString?: number } = {},
): { json: unknown; spans: readonly LongString[] } {
  const scan = new JsonScan(options.longString ?? LONG_STRING);
  for (let at = 0; at < source.size; ) {
    const bytes = source.read(at, Math.min(WINDOW, source.size - at));
    if (bytes.length === 0) break;
    scan.push(bytes, at);
    at += bytes.length;
  }
  const { text, cut } = scan.end();
  const parsed = cut ? undefined : parse(text);
  if (parsed) return { json: restore(parsed.json, scan.spans), spans: scan.spans };
  const closers = scan.open.reverse().join('');
  if (endings.some((ending) => parse(text + ending + closers))) throw new CutJson();
  throw new SyntaxError('the document is not JSON');
}

function parse(text: string): { json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return undefined; // its message would quote the document
  }
}

/** The value without our markers. The depth is bounded by the scan. */
function restore(value: unknown, spans: readonly LongString[]): unknown {
  if (typeof value === 'string')
    return value.startsWith(KEPT) ? value.slice(1) : spans[Number(value.slice(1))];
  if (Array.isArray(value)) return value.map((item) => restore(item, spans));
  if (typeof value !== 'object' || value === null) return value;
  // fromEntries, or a member called __proto__ would become the prototype.
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [nameOf(name, spans), restore(item, spans)]),
  );
}

function nameOf(name: string, spans: readonly LongString[]): string {
  const restored = restore(name, spans);
  if (typeof restored === 'string') return restored;
  throw new SyntaxError('the document has a member name that is too long');
}
