import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { start, temporaryFolder } from '../helpers/executable.ts';

test('a command that waits for what never comes ends with 1, and not with 0', async () => {
  const folder = temporaryFolder();
  const preload = join(folder, 'preload.cjs');
  // A turn of the event loop that does not come.
  writeFileSync(preload, 'globalThis.setImmediate = () => ({});\n');
  writeFileSync(join(folder, 'in.jsonl'), '{"prompt":"x"}\n');
  const argv = [
    'batch',
    '-g',
    'sandbox',
    join(folder, 'in.jsonl'),
    '-o',
    join(folder, 'out.jsonl'),
  ];
  const { code, stderr } = await start(argv, { env: { NODE_OPTIONS: `--require ${preload}` } })
    .done;
  expect([code, stderr]).toEqual([1, expect.stringContaining('[internal code=unfinished]')]);
});
