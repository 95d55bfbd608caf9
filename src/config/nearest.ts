/** Finds the name that was probably meant. It only suggests; nothing may act on it without confirmation. */
import leven from 'leven';

/** `baseUrl`, `base-url` and `base_url` are the same typo. */
function plain(name: string): string {
  return name
    .slice(0, 64)
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll('-', '_');
}

/** A shorter beginning could be of anything. */
const SHORTEST_BEGINNING = 4;

/** The nearest of `known`, the first of equals; null when none is so near that it makes sense. */
export function nearest(name: string, known: Iterable<string>): string | null {
  const wanted = plain(name);
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = distanceBetween(wanted, plain(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Whether it is one slip of the hand away, or two in a long name: for warnings that nobody has asked for. */
export function isSlipOf(name: string, known: string): boolean {
  const [a, b] = [plain(name), plain(known)];
  const letters = leven(a, b);
  return letters <= (a.length < 10 ? 1 : 2) || (letters === 2 && haveSameLetters(a, b));
}

/** In letters that are wrong; infinite for words that only happen to share some. */
function distanceBetween(wanted: string, known: string): number {
  if (wanted === '' || known === '') return Number.POSITIVE_INFINITY;
  const letters = leven(wanted, known);
  // Letters in the wrong order are one slip, and two by the count.
  const isSwapped = letters === 2 && haveSameLetters(wanted, known);
  const distance = isSwapped ? 1 : letters;
  if (distance <= allowed(wanted, known)) return distance;
  const [short, long] = wanted.length < known.length ? [wanted, known] : [known, wanted];
  const isBeginning = short.length >= SHORTEST_BEGINNING && long.startsWith(short);
  return isBeginning ? distance : Number.POSITIVE_INFINITY;
}

/** The longer the word, the more slips; most of them leave the first letter as it was. */
function allowed(wanted: string, known: string): number {
  if (wanted.length <= 2) return 0;
  if (wanted.length <= 3 || wanted[0] !== known[0]) return 1;
  return Math.max(wanted.length <= 4 ? 1 : 2, Math.floor(wanted.length / 3));
}

/** Whether one is the other with its letters in another order. */
export function haveSameLetters(a: string, b: string): boolean {
  return [...a].sort().join('') === [...b].sort().join('');
}
