/** What `serve` shows on a terminal when it begins: lines that a person copies into a shell. */
import { expect, test } from 'vitest';
import { fakeDeps } from '../helpers/fake-deps.ts';

test.each([40, 80])('on a terminal of %i columns each export is one line', async (columns) => {
  const world = fakeDeps({ env: {}, atTerminal: [], columns });
  const ending = world.run('serve', '--port', '0', '-g', 'sandbox');
  while (!/ALLTOKEN_RUN=\S+\n/.test(world.err()))
    await new Promise((resolve) => setImmediate(resolve));
  world.signal('SIGTERM');
  await ending;
  const lines = world.err().split('\n');
  const exports = lines.filter((line) => line.startsWith('export'));
  expect(exports.map((line) => /^export (\w+)=\S+$/.exec(line)?.[1])).toEqual([
    ...['OPENAI_BASE_URL', 'OPENAI_API_BASE', 'OPENAI_API_KEY', 'ALLTOKEN_BASE_URL'],
    ...['ALLTOKEN_API_KEY', 'ALLTOKEN_GATEWAY', 'ALLTOKEN_RUN'],
  ]);
});
