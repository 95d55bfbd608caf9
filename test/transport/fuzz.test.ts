import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';

/** `npm run fuzz:transport -- --cases 10000 --seed 1` sets these. */
const cases = Number(process.env.FUZZ_CASES ?? 200);
const seed = Number(process.env.FUZZ_SEED ?? 1);

test(`${cases} servers that misbehave, from seed ${seed}`, {
  timeout: 60_000 + cases * 1000,
}, async () => {
  const verdicts = await fuzz(cases, seed);
  expect(verdicts.filter(({ faults }) => faults.length > 0)).toEqual([]);
  // It found more than one way to fail, and some calls went well.
  if (cases < 100) return;
  const exits = new Set(verdicts.map(({ exit }) => exit));
  expect(exits).toContain('ok');
  expect(exits.size).toBeGreaterThan(4);
});
