/** The text of a part of a message, literally. Flags that stood in it are cut out; nothing else changes. */
import { isQuoted, type Token, unquoted } from './tokens.ts';

/** Its text, and whether it was one quoted string; '' for none. */
export function textOf(
  message: string,
  texts: readonly Token[],
): { text: string; quoted: boolean } {
  const [first] = texts;
  if (first === undefined) return { text: '', quoted: false };
  if (texts.length === 1 && isQuoted(first))
    return { text: unquoted(message, first), quoted: true };
  const pieces = texts.map((token, index) => {
    const following = texts[index + 1];
    const word = message.slice(token.start, token.end);
    return following === undefined ? word : word + between(message, token.end, following.start);
  });
  return { text: pieces.join(''), quoted: false };
}

/** The white space between two texts; where flags are cut out, that of one side, with its line end if there is one. */
function between(message: string, from: number, to: number): string {
  const gap = message.slice(from, to);
  if (gap.length === 1) return gap;
  const left = /^\s+/.exec(gap)?.[0] ?? '';
  if (left.length === gap.length) return gap;
  const right = gap.slice(gap.trimEnd().length);
  return right.includes('\n') || !left.includes('\n') ? right : left;
}
