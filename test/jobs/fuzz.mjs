/** The long run of the fuzz test: `npm run fuzz:jobs -- --cases 10000 --seed 1`. A failing case names its seed; run it alone with `--cases 1`. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
  },
});
const env = { ...process.env, FUZZ_CASES: values.cases, FUZZ_SEED: values.seed };
const { status } = spawnSync('npx', ['vitest', 'run', 'test/jobs/fuzz.test.ts'], {
  env,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
