/** Which marks open a quotation, and where it ends. It knows marks, and no word between them. */

interface Pair {
  /** At the end of a word, so that an apostrophe is none; one that needs no blank may close anywhere. */
  close: RegExp;
  /** It opens in the middle of a word, too: Chinese and Japanese have no blanks. */
  anywhere: boolean;
}

const wordEnd = '(?=$|[\\s.,:;!?…)\\]}>*_~|—–”’“»«›」』。，！？：；）])';
const pair = (open: string, close: string): [string, Pair] => [
  open,
  { close: new RegExp(close + wordEnd, 'g'), anywhere: false },
];
const wide = (open: string, close: string): [string, Pair] => [
  open,
  { close: new RegExp(close, 'g'), anywhere: true },
];

const pairs: ReadonlyMap<string, Pair> = new Map([
  pair('"', '"'),
  pair("'", "'"),
  pair('“', '”'),
  pair('‘', '’'),
  pair('„', '[“”]'),
  pair('‚', '[‘’]'),
  pair('«', '»'),
  pair('»', '«'),
  pair('‹', '›'),
  pair('›', '‹'),
  wide('「', '」'),
  wide('『', '』'),
]);

/** A blank, or what may open a quotation. */
export const blankOrMark = new RegExp(`[^\\S\\ufeff]|\`|[${[...pairs.keys()].join('')}]`, 'g');
/** Behind one of these, as at the beginning of a word, a mark opens. */
const openers = '([{:=,;*_~¡¿—–（：';

/** From the first mark up to, not including, `end`. */
interface Quotation {
  end: number;
  /** Where its one closing mark is; null where the marks belong to the text: a block of code. */
  close: number | null;
}

/** Finds what the mark at a position opens: null for nothing. `isFirst`: it begins a word; `isLine`: a line. */
export type FindQuotation = (at: number, isFirst: boolean, isLine: boolean) => Quotation | null;

/** Asked only for later and later positions, it looks at each character a few times at most. */
export function quotationFinder(text: string): FindQuotation {
  const known = new Map<string, number>();
  const next = (key: string, from: number, find: (from: number) => number | null): number => {
    let at = known.get(key) ?? -1;
    if (at < from) at = find(from) ?? Number.POSITIVE_INFINITY;
    known.set(key, at);
    return at;
  };
  return (at, isFirst, isLine) => {
    const mark = text[at] ?? '';
    const isOpen = isFirst || openers.includes(text[at - 1] ?? '');
    if (mark === '`') return isOpen ? code(at, isLine) : null;
    const found = pairs.get(mark);
    if (found === undefined || !(isOpen || found.anywhere)) return null;
    const close = next(mark, at + 1, (from) => indexOf(found.close, text, from));
    return Number.isFinite(close) ? { end: close + 1, close } : null;
  };

  /** As many backticks close it; a block of three or more at the beginning of a line may be left open. */
  function code(at: number, isLine: boolean): Quotation | null {
    const length = Math.min(3, runAt(text, at));
    const from = at + runAt(text, at);
    const close = next(`\`${length}`, from, (after) => nextRun(text, after, length));
    if (!Number.isFinite(close))
      return isLine && length === 3 ? { end: text.length, close: null } : null;
    return length === 1
      ? { end: close + 1, close }
      : { end: close + runAt(text, close), close: null };
  }
}

const backticks = /`+/g;

function runAt(text: string, at: number): number {
  backticks.lastIndex = at;
  return backticks.exec(text)?.[0].length ?? 1;
}

/** The next run of backticks as long as this; 3 stands for more, too. */
function nextRun(text: string, from: number, length: number): number | null {
  backticks.lastIndex = from;
  for (;;) {
    const found = backticks.exec(text);
    if (found === null) return null;
    if (Math.min(3, found[0].length) === length) return found.index;
  }
}

function indexOf(pattern: RegExp, text: string, from: number): number | null {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? null;
}
