/** The long run of the fuzz test of money: `npm run fuzz:money -- --cases 100000 --seed 1`. A failing case names its seed; run it alone with `--cases 1`. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
  },
});
const env = { ...process.env, FUZZ_CASES: values.cases, FUZZ_SEED: values.seed };
const { status } = spawnSync('npx', ['vitest', 'run', 'test/money/fuzz.test.ts'], {
  env,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
