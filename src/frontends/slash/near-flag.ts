/** Words that look like flags, and the flag that was probably meant. It suggests; nothing acts on it unasked. */
import type { Option } from 'commander';
import leven from 'leven';

const dashes = '\\p{Pd}\\u2043\\u2212';
const flagLike = new RegExp(`^([${dashes}]{1,3})([a-z][\\w-]{0,63})`, 'iu');
/** No flag is as long. */
const LONGEST = 100;

/** Nothing but dashes and a name, maybe with a value, in whatever shape an editor or a browser left them. */
export function looksLikeFlag(word: string): boolean {
  return flagLike.test(plain(word));
}

/** How the flag is written that `word` nearly is; null when it is nearly none. */
export function nearFlag(word: string, options: readonly Option[]): string | null {
  const shown = plain(word);
  const [, dash = '', name = ''] = flagLike.exec(shown) ?? [];
  if (name === '') return null;
  const short = gluedShort(shown, options);
  if (short !== undefined) return short.flags;
  const near = dash === '--' ? isNear : isNearly;
  const wanted = name.toLowerCase();
  const found = options
    .flatMap(({ long }) => (long ? [long.slice(2)] : []))
    .filter((known) => near(wanted, known))
    .sort((a, b) => leven(wanted, a) - leven(wanted, b));
  return found[0] === undefined ? null : `--${found[0]}`;
}

/** `-n4`, `-ocat.png`, `-n=4`. Letters alone may be the end of a word: `-green`. */
function gluedShort(word: string, options: readonly Option[]): Option | undefined {
  const [, letter, value = ''] = /^-([a-z])(.*[^a-z].*)$/i.exec(word) ?? [];
  const option = options.find(({ short }) => short === `-${letter}`);
  return option?.required || value.startsWith('=') ? option : undefined;
}

/** Without what nobody sees, the bracket before it, and the widths that some keyboards give. */
function plain(word: string): string {
  return word
    .slice(0, LONGEST)
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/^[([{<]+/, '');
}

/** As the command line itself suggests. */
function isNear(wanted: string, known: string): boolean {
  const longest = Math.max(wanted.length, known.length);
  if (Math.abs(wanted.length - known.length) > 3) return false;
  const distance = leven(wanted, known);
  return distance <= 3 && (longest - distance) / longest > 0.4;
}

/** With other dashes it is often prose. */
function isNearly(wanted: string, known: string): boolean {
  if (Math.abs(wanted.length - known.length) > 1) return false;
  return leven(wanted, known) <= (known.length > 3 ? 1 : 0);
}
