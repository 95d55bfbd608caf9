/** `help environment` against the source: a variable that something reads is on the page, or here with the reason why not. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { environmentVariables } from '../../src/cli/help-environment.ts';

const root = join(import.meta.dirname, '..', '..');

/** By the reason why nobody sets them for us. */
const others: Readonly<Record<string, readonly string[]>> = {
  'how a terminal describes itself': [
    ...['COLORTERM', 'KONSOLE_VERSION', 'LC_TERMINAL', 'STY', 'TERM_PROGRAM', 'TMUX', 'ZELLIJ'],
  ],
  'of the system': ['APPDATA', 'LOCALAPPDATA', 'HOME', 'PATH'],
  'of agent hosts: where their own files are, and how they run us': [
    ...['CLAUDE_CONFIG_DIR', 'CODEX_HOME', 'HERMES_HOME', 'CODEX_SANDBOX', 'CODEX_THREAD_ID'],
    ...['OPENCLAW_CONFIG_PATH', 'OPENCLAW_HOME', 'OPENCLAW_STATE_DIR', 'GEMINI_CLI_HOME'],
  ],
  'of git, whose repository init looks for': ['GIT_DIR', 'GIT_WORK_TREE'],
  'from our own completion scripts': ['ALLTOKEN_COMPLETION_WORDS'],
  'beside one of the page, which names it': [
    ...['CIRCLE_NODE_TOTAL', 'CI_NODE_TOTAL', 'HTTP_PROXY', 'SLURM_ARRAY_TASK_COUNT'],
    ...['SLURM_ARRAY_TASK_MIN', 'SLURM_ARRAY_TASK_STEP'],
  ],
  'set for programs below run, and not read': ['ALL_PROXY'],
  'codes of Node': ['MODULE_NOT_FOUND'],
};

function sources(): string[] {
  return ['src', 'bin'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|js)$/.test(name))
      .map((name) => readFileSync(join(root, folder, name), 'utf8')),
  );
}

/** Names in files that read the environment: after `env.`, taken out of it, or as a text. */
function namesRead(): Set<string> {
  const names = new Set<string>();
  for (const text of sources()) {
    if (!/\b(?:rawV|v)ariable\(|\benv\[|\benv\.|_VARIABLE\b/.test(text)) continue;
    for (const [, name = ''] of text.matchAll(/\benv\.([A-Z][A-Z0-9_]*)\b/g)) names.add(name);
    for (const [, taken = ''] of text.matchAll(/\{([^{}]*)\} = env;/g))
      for (const [name] of taken.matchAll(/\b[A-Z][A-Z0-9_]+\b/g)) names.add(name);
    for (const [, name = ''] of text.matchAll(/'([A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9]|APPDATA)'/g))
      if (!/^ERR_/.test(name)) names.add(name);
  }
  return names;
}

test('each variable that the code reads is on the page', () => {
  const shown = new Set(environmentVariables().map(({ name }) => name));
  const known = new Set(Object.values(others).flat());
  const read = namesRead();
  expect([...read].filter((name) => !shown.has(name) && !known.has(name)).sort()).toEqual([]);
  for (const name of ['ALLTOKEN_GATEWAY', 'VISUAL', 'CI_NODE_INDEX', 'ALLTOKEN_SERVE_TOKEN'])
    expect(read).toContain(name);
});

test('and no other one is excused', () => {
  const read = namesRead();
  expect(
    Object.values(others)
      .flat()
      .filter((name) => !read.has(name)),
  ).toEqual([]);
});
