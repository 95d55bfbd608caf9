import { expect, test } from 'vitest';
import { runs } from '../helpers/share.ts';
import { check } from './fuzz.ts';

const cases = Number(process.env.FUZZ_CASES ?? runs(10_000));
const first = Number(process.env.FUZZ_SEED ?? 1);

test(`${cases} random price lists, usages and caps are counted as exact fractions are`, () => {
  for (let seed = first; seed < first + cases; seed += 1)
    expect(() => check(seed), `seed ${seed}`).not.toThrow();
}, 600_000);
