import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fakeDeps } from '../helpers/fake-deps.ts';

/** They say where we run, and nobody sets them for us. */
const ofOthers =
  /^(PATH|HOME|EDITOR|COLORTERM|KONSOLE_VERSION|LC_TERMINAL|TERM_PROGRAM|TMUX|ZELLIJ|CIRCLE_NODE_.*|CI_NODE_.*|CLAUDECODE|CLAUDE_CONFIG_DIR|CODEX_.*|GEMINI_CLI_HOME|ALL_PROXY|HTTP_PROXY)$/;

test('help environment has each variable that the program reads', async () => {
  const src = fileURLToPath(new URL('../../src', import.meta.url));
  const read = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/templates|completion|help-environment/.test(file))
    .flatMap((file) => [
      ...readFileSync(join(src, file), 'utf8').matchAll(
        /\benv\.([A-Z][A-Z_]{3,})|'((?:ALLTOKEN|XDG|CODEX|CLAUDE|CLAUDECODE|GEMINI|NODE|HTTPS?|ALL|NO|CI|CIRCLE)_[A-Z_]+)'/g,
      ),
    ])
    .map(([, own, quoted]) => own ?? quoted ?? '')
    .filter((name) => !ofOthers.test(name) && !/^NO(T)?_(?!COLOR|PROXY)/.test(name));
  expect(new Set(read).size).toBeGreaterThan(12);
  const world = fakeDeps();
  await world.run('help', 'environment', '--json');
  const { variables } = world.json() as { variables: { name: string }[] };
  const known = variables.map(({ name }) => name);
  expect([...new Set(read)].filter((name) => !known.includes(name))).toEqual([]);
});
