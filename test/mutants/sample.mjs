/** Draws mutants with a seed. */
import { createHash } from 'node:crypto';

/**
 * `count` mutants, spread over the files by how many each has. A mutant's place in the draw depends on the seed, its file and
 * its own text, so that a change elsewhere leaves the rest of the sample as it was.
 */
export function draw(mutants, seed, count) {
  const eligible = mutants.filter((mutant) => !isProse(mutant));
  const files = new Map();
  const seen = new Map();
  for (const mutant of eligible) {
    const text = [mutant.file, mutant.mutator, mutant.original, mutant.replacement].join('\0');
    const nth = (seen.get(text) ?? 0) + 1;
    seen.set(text, nth);
    const rank = createHash('sha256').update(`${seed}\0${text}\0${nth}`).digest('hex');
    files.set(mutant.file, [...(files.get(mutant.file) ?? []), { mutant, rank }]);
  }
  const quotas = shares(
    [...files].map(([file, list]) => [file, list.length]),
    Math.min(count, eligible.length),
  );
  return [...files].flatMap(([file, list]) =>
    list
      .sort((one, two) => (one.rank < two.rank ? -1 : 1))
      .slice(0, quotas.get(file))
      .map(({ mutant, rank }) => ({ ...mutant, key: rank })),
  );
}

/** A text with a space in it is a sentence for people, which may be worded in another way at any time. */
function isProse({ mutator, original }) {
  return mutator === 'StringLiteral' && /\s/.test(original);
}

/** Whole numbers in proportion to `sizes` that add up to `count`: what is left over goes to the largest fractions. */
function shares(sizes, count) {
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  const exact = sizes.map(([name, size]) => ({ name, share: (size * count) / total }));
  const quotas = new Map(exact.map(({ name, share }) => [name, Math.floor(share)]));
  const left = count - [...quotas.values()].reduce((sum, quota) => sum + quota, 0);
  const fraction = ({ share }) => share - Math.floor(share);
  for (const { name } of exact.sort((one, two) => fraction(two) - fraction(one)).slice(0, left))
    quotas.set(name, quotas.get(name) + 1);
  return quotas;
}
