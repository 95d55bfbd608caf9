/** Cases of a fuzz test, by consecutive seeds, a few at a time. */

/** The verdicts, in the order of their seeds. */
export async function inTurns<Verdict extends { seed: number }>(
  cases: number,
  seed: number,
  atOnce: number,
  once: (seed: number) => Promise<Verdict>,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  let next = seed;
  const work = async (): Promise<void> => {
    while (next < seed + cases) {
      const mine = next;
      next += 1;
      verdicts.push(await once(mine));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return verdicts.sort((a, b) => a.seed - b.seed);
}
