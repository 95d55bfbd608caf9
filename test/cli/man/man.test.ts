import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../../src/base/errors.ts';
import { commands } from '../../../src/cli/command-list.ts';
import { root } from '../../helpers/executable.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';

async function print(...argv: string[]): Promise<string> {
  const world = fakeDeps();
  expect(await world.run(...argv), world.err()).toBe(0);
  expect(world.err()).toBe('');
  return world.out();
}

/** What a reader sees: without macros and fonts, and with the characters that stand for others. */
function asRead(page: string): string {
  return page
    .replace(/^\.(SH|SS|TH) "(.*)"$/gm, '$2')
    .replace(/^\.\w.*$/gm, '')
    .replace(/\\f[BIR]/g, '')
    .replace(/\\\[u([0-9A-F]+)\]/g, (_, code: string) =>
      String.fromCodePoint(Number.parseInt(code, 16)),
    )
    .replace(/\\\((\w\w)/g, (_, name: string) => letters[name] ?? '?')
    .replace(/\\&/g, '')
    .replace(/\\-/g, '-');
}

const letters: Readonly<Record<string, string>> = {
  rs: '\\',
  aq: "'",
  ga: '`',
  ha: '^',
  ti: '~',
  dq: '"',
};

interface Node {
  name: string;
  options?: { name: string; short?: string; description: string }[];
  commands?: Node[];
}

function flagsOf({ options = [], commands: below = [] }: Node): string[] {
  const own = options.flatMap(({ name, short }) => (short === undefined ? [name] : [short, name]));
  return [...own, ...below.flatMap(flagsOf)];
}

const pages = [[], ...[...commands.keys()].map((name) => [name])];

describe.each(pages.map((words) => [words] as const))('the manual page of %j', (words) => {
  test('names every option, also of the subcommands', async () => {
    const text = asRead(await print('help', 'man', ...words));
    const tree = JSON.parse(await print(...words, '--help', '--json')) as {
      tree: Node;
      option_groups: Record<string, Node['options']>;
    };
    const shared = Object.values(tree.option_groups).flatMap((options = []) =>
      flagsOf({ name: '', options }),
    );
    for (const flag of [...flagsOf(tree.tree), ...shared])
      expect(text).toMatch(new RegExp(`^(-\\w, |--\\w+, )?${flag}(,| |$)`, 'm'));
  });

  test('is clean roff: known macros, plain ASCII, no dash that cannot be copied', async () => {
    const page = await print('help', 'man', ...words);
    expect(page).toMatch(/^\.TH "ALLTOKEN/);
    expect(page.endsWith('\n') && !page.includes('\n\n')).toBe(true);
    const lines = page.split('\n');
    const macros = lines.flatMap((line) => /^[.'](\S*)/.exec(line)?.[1] ?? []);
    expect([...new Set(macros)].filter((name) => !known.includes(name))).toEqual([]);
    expect(page).toMatch(/^[\n -~]*$/);
    expect(page.replace(/\\-/g, '')).not.toMatch(/-/);
    expect(page.replace(/\\(f[BIR]|\(\w\w|\[u\w+\]|&|-)/g, '')).not.toContain('\\');
  });

  test('has the sections that man looks for', async () => {
    const page = await print('help', 'man', ...words);
    const sections = [...page.matchAll(/^\.SH "(.*)"$/gm)].map((match) => match[1]);
    expect(sections.slice(0, 3)).toEqual(['NAME', 'SYNOPSIS', 'DESCRIPTION']);
    expect(sections).toContain('EXIT STATUS');
    expect(sections.at(-1)).toBe('SEE ALSO');
    expect(page).toMatch(/^\.SH "NAME"\n\\fBalltoken(\\-\w+)?\\fR \\- \S.*\n\.SH/m);
  });
});

const known = ['TH', 'SH', 'SS', 'PP', 'TP', 'EX', 'EE', 'br'];

describe('the manual', () => {
  test('tells every command, exit code and variable, and the examples as they are typed', async () => {
    const text = asRead(await print('help', 'man'));
    for (const name of commands.keys()) expect(text).toMatch(new RegExp(`^alltoken ${name} `, 'm'));
    for (const [name, { code }] of Object.entries(exitCodes))
      expect(text).toMatch(new RegExp(`^${code} ${name}$`, 'm'));
    for (const name of ['ALLTOKEN_HOME', 'NO_COLOR'])
      expect(text).toMatch(new RegExp(`^${name}$`, 'm'));
    expect(text).toContain('~/.config/alltoken/config.json');
    expect(asRead(await print('help', 'man', 'chat'))).toContain(
      'alltoken chat --json "List three rivers" | jq -r .text\n',
    );
  });

  test('of an executable tells both names', async () => {
    const page = await print('help', 'man', 'chat');
    expect(page).toContain('\n\\fBalltoken chat\\fR [options] [model] [prompt...]\n');
    expect(page).toContain('\n\\fBalltoken\\-chat\\fR [options] [model] [prompt...]\n');
    expect(await print('help', 'man', 'tasks')).not.toContain('\\fBalltoken\\-tasks\\fR [');
  });

  test('is a document with --json', async () => {
    const document = JSON.parse(await print('help', 'man', 'chat', '--json'));
    expect(document).toMatchObject({ ok: true, exit: 0, command: 'help', page: 'alltoken-chat' });
    expect(document.text).toBe(await print('help', 'man', 'chat'));
  });

  test.each([['nope'], ['tasks', 'resume']])('2: there is no page of %j', async (...words) => {
    const world = fakeDeps();
    expect(await world.run('help', 'man', ...words)).toBe(2);
    expect(world.err()).toMatch(/no help for "nope"|hint: alltoken help man tasks/);
  });

  test('comes with every executable that is installed', () => {
    const { bin, man } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      bin: Record<string, string>;
      man: string[];
    };
    // alltoken-cli is alltoken itself, for npx.
    const names = Object.keys(bin).filter((name) => bin[name] === `bin/${name}.js`);
    expect(man).toEqual(names.map((name) => `./dist/man/${name}.1.gz`));
  });
});
