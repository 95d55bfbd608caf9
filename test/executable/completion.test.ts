import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { compileCache, root, temporaryFolder } from '../helpers/executable.ts';

/**
 * What a Tab does, for pairs of a line and what bash takes for the word in it: bash says the line, and where the cursor is.
 * One line for each of them, with the words that it offers.
 */
const pressTabs = `source <(alltoken completion bash)
while [ $# -gt 0 ]; do
COMP_LINE="$1"
COMP_POINT=\${#1}
_alltoken_complete "\${1%% *}" "$2"
printf '%s\\n' "\${COMPREPLY[*]}"
shift 2
done`;

const run = promisify(execFile);

function environment(folder: string): Record<string, string> {
  return {
    PATH: `${folder}:${process.env.PATH ?? ''}`,
    ALLTOKEN_HOME: folder,
    HOME: folder,
    ALLTOKEN_COMPILE_CACHE: compileCache,
  };
}

/** A folder with an `alltoken` that is the built one. */
function pathWithAlltoken(): string {
  const folder = temporaryFolder();
  const command = join(folder, 'alltoken');
  const start = `exec '${process.execPath}' '${join(root, 'bin/alltoken.js')}' "$@"`;
  writeFileSync(command, `#!/bin/sh\n${start}\n`);
  chmodSync(command, 0o755);
  return folder;
}

test('bash completes options, values, models, conversations and templates', async () => {
  const folder = pathWithAlltoken();
  for (const name of ['sessions', 'templates']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'sessions/paris.jsonl'), '');
  writeFileSync(join(folder, 'templates/review.json'), '{}');
  const tabs = [
    ['alltoken sessions show p', 'p', 'paris'],
    ['alltoken chat --session=', '', 'paris'],
    ['alltoken chat -t ', '', 'review'],
    ['alltoken chat -m gpt-5.4-n', 'gpt-5.4-n', 'gpt-5.4-nano'],
    // bash takes what stands behind = and : for a word of its own.
    ['alltoken chat --model=gpt-5.4-n', 'gpt-5.4-n', 'gpt-5.4-nano'],
    ['alltoken models --kind=', '', 'chat image video all'],
    ['/usr/bin/alltoken-chat -m gpt-5.4-n', 'gpt-5.4-n', 'gpt-5.4-nano'],
    ['alltoken models --kind ', '', 'chat image video all'],
  ];
  const words = tabs.flatMap(([line = '', word = '']) => [line, word]);
  const env = environment(folder);
  const { stdout } = await run('bash', ['-c', pressTabs, 'bash', ...words], { env });
  const offered = stdout.split('\n').slice(0, -1);
  expect(tabs.map(([line], index) => [line, offered[index]])).toEqual(
    tabs.map(([line, , expected]) => [line, expected]),
  );
});

/** Lines, and the words that any shell offers for the last of theirs. */
const lines: [string, string[]][] = [
  ['alltoken chat --mod', ['--model']],
  ['alltoken models --kind ', ['chat', 'image', 'video', 'all']],
  ['alltoken models --sort=o', ['--sort=output']],
  ['alltoken chat -m gpt-5.4-n', ['gpt-5.4-nano']],
  ['alltoken chat "a b; c" --no-st', ['--no-stdin', '--no-stream']],
  ['alltoken-models --sort o', ['output']],
  ['alltoken tasks re', ['resume']],
  ['alltoken help ex', ['exit-codes']],
];

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

describe.runIf(has('fish'))('fish', () => {
  const complete = async (line: string): Promise<string[]> => {
    const folder = pathWithAlltoken();
    writeFileSync(join(folder, 'README'), '');
    const script = 'alltoken completion fish | source; complete -C $LINE';
    const env = { ...environment(folder), LINE: line };
    const { stdout } = await run('fish', ['--no-config', '-c', script], { env, cwd: folder });
    return stdout.split('\n').slice(0, -1).sort();
  };

  test.each(lines)('completes: %s', async (line, words) => {
    expect(await complete(line)).toEqual([...words].sort());
  });

  test.each([
    ['alltoken image -o REA', ['README']],
    ['alltoken image --out=REA', ['--out=README']],
  ])('leaves files to itself: %s', async (line, words) => {
    expect(await complete(line)).toEqual(words);
  });
});

/** A terminal with zsh in it: what the completion adds goes to a file, then the terminal is closed. */
const pressTabInZsh = `zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell 'autoload -Uz compinit; compinit -u -D; source <(alltoken completion zsh)'
zpty -w shell 'compadd() { [[ $1 == -- ]] && print -rl -- "\${@[2,-1]}" >$ADDED; : >$ADDED.end }'
zpty -w -n shell "$LINE"$'\\t'
for i in {1..400}; do [[ -e $ADDED.end ]] && break; sleep 0.05; done
zpty -d shell`;

describe.runIf(has('zsh'))('zsh', () => {
  test.each(lines)('completes: %s', async (line, words) => {
    const folder = pathWithAlltoken();
    const added = join(folder, 'added');
    const env = { ...environment(folder), LINE: line, ADDED: added, TERM: 'dumb' };
    await run('zsh', ['-f', '-c', pressTabInZsh], { env, cwd: folder });
    expect(readFileSync(added, 'utf8').split('\n').slice(0, -1).sort()).toEqual([...words].sort());
  });
});
