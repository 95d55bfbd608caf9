/** How many cells of a terminal a text takes. It knows no control sequences: there are none in what it is given. */
import stringWidth from 'string-width';

// Most text is one of these two, and needs no look at each character. Neither has combining marks in it.
const oneCell =
  /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0377\u037a-\u03ff\u0400-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2190-\u2193\u2500-\u257f]*$/;
const twoCells =
  /^[\u3001-\u3029\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]*$/;

/** By text, of what is neither: measuring splits it into graphemes, and words come again. */
const known = new Map<string, number>();
const MAX_KNOWN = 1000;
const MAX_KNOWN_LENGTH = 40;

export function textWidth(text: string): number {
  if (oneCell.test(text)) return text.length;
  if (twoCells.test(text)) return text.length * 2;
  if (text.length > MAX_KNOWN_LENGTH) return stringWidth(text);
  const before = known.get(text);
  if (before !== undefined) return before;
  const width = stringWidth(text);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(text, width);
  return width;
}
