/** Inline code: what a run of backticks begins. */

/** Longer runs are text. */
export const MAX_TICKS = 16;

/** Where a run of exactly `length` backticks begins in `text`; -1: nowhere. `isWhole`: the line ends behind the text; otherwise a run at its end may be longer. */
export function closingTicks(text: string, length: number, isWhole: boolean): number {
  for (let at = text.indexOf('`'); at !== -1; at = text.indexOf('`', at)) {
    let count = 1;
    while (text[at + count] === '`') count += 1;
    if (count === length && (isWhole || at + count < text.length)) return at;
    at += count;
  }
  return -1;
}

/** The code between the backticks: a space on both sides is there for backticks in it. */
export function codeText(between: string): string {
  return between.length > 2 &&
    between.startsWith(' ') &&
    between.endsWith(' ') &&
    between.trim() !== ''
    ? between.slice(1, -1)
    : between;
}

/** The length of the code span that `text` begins with; where none ends in it, of the backticks alone. */
export function codeLength(text: string, isWhole: boolean): number {
  let ticks = 1;
  while (text[ticks] === '`') ticks += 1;
  const end = closingTicks(text.slice(ticks), ticks, isWhole);
  return end === -1 ? ticks : ticks + end + ticks;
}
