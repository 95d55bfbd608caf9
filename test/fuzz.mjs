/** The long run of a fuzz test: `npm run fuzz:jobs -- --cases 10000 --seed 1`, also `fuzz:transport` and `fuzz:money`. A failing case names its seed; run it alone with `--cases 1`. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
  },
});
const env = { ...process.env, FUZZ_CASES: values.cases, FUZZ_SEED: values.seed };
const { status } = spawnSync('npx', ['vitest', 'run', `test/${positionals[0]}/fuzz.test.ts`], {
  env,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
