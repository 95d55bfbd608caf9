import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../src/base/errors.ts';
import { tools } from '../src/frontends/mcp/tools.ts';
import { root, runExecutable } from './helpers/executable.ts';

const read = (name: string): string => readFileSync(join(root, name), 'utf8');
/** The words of a simple command line: quotes, no expansion; what comes after <, > or | is left out. */
function words(line: string): string[] {
  const [command = ''] = line.split(/\s(?:[<>|]|#)/);
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
}

describe('README.md', () => {
  const readme = read('README.md');

  test('its first line is what a newcomer gets', async () => {
    const line = /npm run build && node bin\/alltoken\.js (.*)/.exec(readme)?.[1] ?? '';
    const { code, stdout, stderr } = await runExecutable(words(line));
    expect(code).toBe(0);
    expect(stdout).toContain('No model is behind it');
    expect(stderr).toMatch(/^\[usage\] .* cost=\$/);
  });

  test('names the tools of the MCP server, and which of them cost money', () => {
    const rows = [...readme.matchAll(/^\| `(alltoken_\w+)` .*\| (yes|no) +\|$/gm)];
    const told = rows.map(([, name, costs]) => ({ name, paid: costs === 'yes' }));
    expect(told).toEqual(tools.map(({ name, paid }) => ({ name, paid })));
  });

  test.each(['chat', 'image', 'video', 'models', 'cost', 'slash', 'skills install', 'mcp'])(
    'names only flags of %s that exist',
    async (name) => {
      const { stdout } = await runExecutable([...name.split(' '), '--help']);
      const lines = [...readme.matchAll(new RegExp(`alltoken ${name} [^\\n#]*`, 'g'))];
      const used = lines.flatMap((match) =>
        [...match[0].matchAll(/\s(--[a-z-]+)/g)].map((flag) => flag[1] ?? ''),
      );
      expect(used.length).toBeGreaterThan(0);
      for (const flag of used) expect(stdout).toContain(flag);
    },
  );

  test('its examples for the config are taken', async () => {
    const line =
      readme.split('\n').find((text) => text.startsWith('alltoken config set gateways.mine')) ?? '';
    const [, ...argv] = words(line);
    expect(await runExecutable(argv)).toMatchObject({ code: 0, stderr: '' });
  });
});

test('help exit-codes prints every code with its name', async () => {
  const { stdout } = await runExecutable(['help', 'exit-codes']);
  for (const [name, { code }] of Object.entries(exitCodes))
    expect(stdout).toMatch(new RegExp(`^ +${code}  ${name} `, 'm'));
});

test('the changelog knows this version', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  expect(read('CHANGELOG.md')).toContain(`## ${version}`);
});
