import { expect, test } from 'vitest';
import { isWhole } from '../helpers/share.ts';
import { fuzz } from './fuzz.ts';

/** `npm run fuzz:jobs -- --cases 10000 --seed 1` sets these. */
const cases = Number(process.env.FUZZ_CASES ?? (isWhole ? 150 : 75));
const seed = Number(process.env.FUZZ_SEED ?? 1);

test(`${cases} gateways and storages that misbehave, from seed ${seed}`, {
  timeout: 60_000 + cases * 1000,
}, async () => {
  const verdicts = await fuzz(cases, seed);
  expect(verdicts.filter(({ faults }) => faults.length > 0)).toEqual([]);
  // It found more than one way to fail, and some jobs went well.
  if (cases < 75) return;
  const exits = new Set(verdicts.map(({ exits: [first] }) => first));
  expect(exits).toContain(0);
  expect(exits.size).toBeGreaterThan(4);
  expect(verdicts.some(({ files }) => files > 1)).toBe(true);
});
