/** Words that look like flags, and the flag that was probably meant. It suggests; nothing acts on it unasked. */
import type { Option } from 'commander';
import leven from 'leven';

/** Editors make one of these of `--`. */
const dashes = '-\u2010-\u2015\u2212';
const flagLike = new RegExp(`^([${dashes}]{1,3})([a-z][\\w-]{0,63})`, 'i');
const onlyFlag = new RegExp(`^[${dashes}]{1,3}[a-z][\\w-]*(=|$)`, 'i');

/** Nothing but dashes and a name, maybe with a value. */
export function looksLikeFlag(word: string): boolean {
  return onlyFlag.test(word.slice(0, 80));
}

/** How the flag is written that `word` nearly is; null when it is nearly none. */
export function nearFlag(word: string, options: readonly Option[]): string | null {
  const [, dash = '', name = ''] = flagLike.exec(word) ?? [];
  if (name === '') return null;
  const glued = /^-([a-z])(\d+$|=)/i.exec(word)?.[1];
  const short = options.find((option) => option.short === `-${glued}`);
  if (short !== undefined) return short.flags;
  const near = dash === '--' ? isNear : isNearly;
  const wanted = name.toLowerCase();
  const found = options
    .flatMap(({ long }) => (long ? [long.slice(2)] : []))
    .filter((known) => near(wanted, known))
    .sort((a, b) => leven(wanted, a) - leven(wanted, b));
  return found[0] === undefined ? null : `--${found[0]}`;
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
