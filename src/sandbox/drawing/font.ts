/** A bitmap font for printable ASCII, five dots wide and eight high. It knows no other character: those become question marks. */

export const glyphWidth = 5;
export const glyphHeight = 8;

/** From the blank to the tilde. Each digit is a row from the top: its five bits are the dots, left to right, in base 32. */
const glyphs =
  '00000000 44444040 aaa00000 aavavaa0 4fke5u40 op248j30 cik8lid0 44800000 24888420 84222480 ' +
  '04lel400 044v4400 00000c48 000v0000 00000cc0 01248g00 ' +
  'ehjlphe0 4c4444e0 eh1248v0 v2421he0 26aiv220 vgu11he0 68guhhe0 v1248880 ehhehhe0 ehhf12c0 ' +
  '0cc0cc00 0cc0c480 248g8420 00v0v000 84212480 eh124040 eh1dlle0 ' +
  'ehhvhhh0 uhhuhhu0 ehggghe0 uhhhhhu0 vgguggv0 vgguggg0 ehgnhhf0 hhhvhhh0 e44444e0 72222ic0 ' +
  'hikokih0 ggggggv0 hrllhhh0 hhpljhh0 ehhhhhe0 uhhuggg0 ehhhlid0 uhhukih0 fgge11u0 v4444440 ' +
  'hhhhhhe0 hhhhha40 hhhllla0 hha4ahh0 hha44440 v1248gv0 ' +
  'e88888e0 0g842100 e22222e0 4ah00000 000000v0 84200000 ' +
  '00e1fhf0 ggmphhu0 00egghe0 11djhhf0 00ehvge0 698s8880 00fhhf1e ggmphhh0 40c444e0 206222ic ' +
  'ggikoki0 c44444e0 00qllhh0 00mphhh0 00ehhhe0 00uhhugg 00fhhf11 00mpggg0 00fge1u0 88s88960 ' +
  '00hhhjd0 00hhha40 00hhlla0 00ha4ah0 00hhhf1e 00v248v0 ' +
  '24484420 44444440 84424480 008l2000';

const rows = glyphs.split(' ').map((glyph) => Array.from(glyph, (digit) => parseInt(digit, 32)));

/** Eight numbers, one a row from the top; bit 4 is the leftmost dot. */
export function glyphOf(character: string): readonly number[] {
  return rows[character.charCodeAt(0) - 32] ?? rows['?'.charCodeAt(0) - 32] ?? [];
}

/** White space of any kind becomes a blank; whatever else the font lacks becomes `?`, one for a character. */
export function toAscii(text: string): string {
  return Array.from(text.replace(/\s+/g, ' ').trim(), (character) =>
    /^[ -~]$/.test(character) ? character : '?',
  ).join('');
}

/** Breaks at blanks where it can; no line is longer than `columns`. Empty when there is no room at all. */
export function wrap(text: string, columns: number): string[] {
  if (columns < 1) return [];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    for (let at = 0; at === 0 || at < word.length; at += columns) {
      const piece = word.slice(at, at + columns);
      if (line !== '' && line.length + 1 + piece.length <= columns) line += ` ${piece}`;
      else {
        if (line !== '') lines.push(line);
        line = piece;
      }
    }
  }
  return line === '' ? lines : [...lines, line];
}
