import { execFile } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { root, temporaryFolder } from '../helpers/executable.ts';

/** What a Tab does: bash says the line, where the cursor is in it, and what it takes for the word. */
const pressTab = `source <(alltoken completion bash)
COMP_LINE="$1"
COMP_POINT=\${#1}
_alltoken_complete "\${1%% *}" "$2"
printf '%s\\n' "\${COMPREPLY[@]}"`;

/** A folder with an `alltoken` that is the built one. */
function pathWithAlltoken(): string {
  const folder = temporaryFolder();
  const command = join(folder, 'alltoken');
  const start = `exec '${process.execPath}' '${join(root, 'bin/alltoken.js')}' "$@"`;
  writeFileSync(command, `#!/bin/sh\n${start}\n`);
  chmodSync(command, 0o755);
  return folder;
}

test.each([
  ['alltoken chat -m gpt-5.4-n', 'gpt-5.4-n', ['gpt-5.4-nano']],
  // bash takes what stands behind = and : for a word of its own.
  ['alltoken chat --model=gpt-5.4-n', 'gpt-5.4-n', ['gpt-5.4-nano']],
  ['alltoken models --type=', '', ['chat', 'image', 'video', 'all']],
  ['/usr/bin/alltoken-chat -m gpt-5.4-n', 'gpt-5.4-n', ['gpt-5.4-nano']],
  ['alltoken models --type ', '', ['chat', 'image', 'video', 'all']],
])('bash completes: %s', async (line, word, words) => {
  const folder = pathWithAlltoken();
  const env = { PATH: `${folder}:${process.env.PATH ?? ''}`, ALLTOKEN_HOME: folder };
  const run = promisify(execFile);
  const { stdout } = await run('bash', ['-c', pressTab, 'bash', line, word], { env });
  expect(stdout.split('\n').slice(0, -1)).toEqual(words);
});
