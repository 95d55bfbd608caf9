/** Finds what is quoted or code in a message, and hides it from whoever looks for commands and flags. It knows marks, and no words. */

/** A message, and the same with a mark for each character that is quoted: positions are the same in both. */
export interface Message {
  text: string;
  shown: string;
  /** By the position of a quotation's first mark: behind its last one. Blocks of code are not among them. */
  ends: ReadonlyMap<number, number>;
}

/** Neither a blank nor part of any command or flag. */
const HIDDEN = '\ufffc';

/** A closing mark ends a word, so that an apostrophe is not one. */
const wordEnd = '(?=$|[\\s.,:;!?…)\\]}>*_~|—–”’“»«›」』。，！？：；）])';
const closings = new Map<string, RegExp>([
  ...['""', "''", '“”', '‘’', '„“”', '‚‘’', '«»', '»«', '‹›', '›‹'].map(
    ([open = '', ...close]) => [open, new RegExp(`[${close.join('')}]${wordEnd}`, 'g')] as const,
  ),
  // Chinese and Japanese have no blanks.
  ['「', /」/g],
  ['『', /』/g],
  // As many backticks close it.
  ['`', /(?<!`)`(?!`)/g],
  ['``', /(?<!`)``(?!`)/g],
  ['```', /`{3,}/g],
]);
/** Behind one of these, as at the beginning of a word, a mark opens. */
const opener = /[\s([{:=,;*_~¡¿—–（：]/;

/** Linear: each kind of closing mark is looked for once from left to right. */
export function hideQuotes(text: string): Message {
  const ends = new Map<number, number>();
  const closers = new Map<string, RegExpExecArray | null>();
  const parts: string[] = [];
  let from = 0;
  const candidate = /^([^\S\r\n]*)(>[^\r\n]*|`{3,})|`+|["'“‘„‚«»‹›「『]/gm;
  for (let found = candidate.exec(text); found !== null; found = candidate.exec(text)) {
    const [all, indent = '', line = ''] = found;
    const start = found.index + indent.length;
    const end = line.startsWith('>') ? start + line.trimEnd().length : endOf(start, all, line);
    candidate.lastIndex = end ?? found.index + all.length;
    if (end === null) continue;
    parts.push(text.slice(from, start), HIDDEN.repeat(end - start));
    from = end;
  }
  return { text, shown: parts.join('') + text.slice(from), ends };

  function endOf(start: number, all: string, line: string): number | null {
    const mark = all.trim().slice(0, 3);
    const isOpen = start === 0 || opener.test(text[start - 1] ?? '') || '「『'.includes(mark);
    if (!isOpen) return null;
    const close = closing(mark, start + all.trim().length);
    // A block of code may be left open.
    if (close === null) return line === '' ? null : text.length;
    const end = close.index + close[0].length;
    if (mark.length === 1) ends.set(start, end);
    return end;
  }

  function closing(mark: string, after: number): RegExpExecArray | null {
    const known = closers.get(mark);
    const pattern = closings.get(mark);
    if (known === null || pattern === undefined) return null;
    if (known !== undefined && known.index >= after) return known;
    pattern.lastIndex = after;
    const found = pattern.exec(text);
    closers.set(mark, found);
    return found;
  }
}

/** What is inside when the whole message is one quotation; else null. */
export function unwrap({ text, ends }: Message): string | null {
  return ends.get(0) === text.length ? text.slice(1, -1) : null;
}
