/** A module of `serve --agent` that cannot be used: what is wrong, and what to do. */
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { start, temporaryFolder } from '../helpers/executable.ts';

const usual = 'or serve the default agent, without a path, with --agent';

test.each([
  ['nope.mjs', null, 'FILE does not exist', `correct the path, ${usual}`],
  ['nope.ts', null, 'FILE does not exist', `correct the path, ${usual}`],
  ['folder', undefined, 'FILE is a directory', `name the module in it, ${usual}`],
  ['throws.mjs', 'throw new Error("boom")', 'cannot load throws.mjs: boom', 'see where: node FILE'],
  ['syntax.mjs', 'syntax error (', 'cannot load syntax.mjs: Unexpected', 'see where: node FILE'],
  ['imports.mjs', 'import "./gone.mjs";', "Cannot find module '", 'correct that import'],
  ['package.mjs', 'import "gone";', "Cannot find package 'gone'", 'if it is alltoken-cli that is'],
  [
    'none.mjs',
    'export const x = 1',
    'its default export has to be a function',
    'end it with: export',
  ],
  [
    'five.mjs',
    'export default () => 5',
    'its default export makes no agent',
    'end it with: export',
  ],
  [
    'late.mjs',
    'export default () => {\n  throw new Error("no")\n}',
    'its default export threw: no',
    'mend it at FILE:2:9',
  ],
])('%s', async (name, text, problem, hint) => {
  const folder = realpathSync(temporaryFolder());
  const file = join(folder, name);
  if (text === undefined) mkdirSync(file);
  else if (text !== null) writeFileSync(file, text);
  const argv = ['serve', '-g', 'sandbox', '--port', '0', '--agent', name];
  const { code, stderr } = await start(argv, { cwd: folder }).done;
  expect(code, stderr).toBe(2);
  const [first = '', second = ''] = stderr.split('\n').slice(-3);
  expect(first).toContain(problem.replace('FILE', file));
  expect(first).toMatch(/ \[usage code=bad_agent\]$/);
  expect(first).not.toContain('start.js');
  expect(second).toContain(`hint: ${hint.replace('FILE', file)}`);
});
