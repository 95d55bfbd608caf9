import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../src/errors.ts';
import { root, runExecutable, temporaryFolder } from './helpers/executable.ts';

const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const skills = readdirSync(join(root, 'skills'));

/** Commands in the shell blocks of a page that need neither a key nor a file of the reader's. */
function shellCommands(page: string): string[] {
  return [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap((match) =>
    (match[1] ?? '').trim().split('\n'),
  );
}

/** The words of a simple command line: quotes, no expansion; what comes after <, > or | is left out. */
function words(line: string): string[] {
  const [command = ''] = line.split(/\s(?:[<>|]|#)/);
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
}

/** The help of all that an agent uses. */
async function everyHelp(): Promise<string> {
  const pages = [
    ['chat'],
    ['search'],
    ['models'],
    ['cost'],
    ['image'],
    ['video'],
    ['tasks'],
    ['tasks', 'resume'],
  ];
  const helps = await Promise.all(pages.map((page) => runExecutable([...page, '--help'])));
  return helps.map(({ stdout }) => stdout).join('\n');
}

describe.each(skills)('the skill %s', (name) => {
  const text = read(join('skills', name, 'SKILL.md'));
  const [, front = '', body = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text) ?? [];
  const field = (key: string): string => new RegExp(`^${key}: (.*)$`, 'm').exec(front)?.[1] ?? '';

  test('has a front matter that every host takes', () => {
    const keys = [...front.matchAll(/^([\w-]+):/gm)].map((match) => match[1]);
    expect([
      'name',
      'description',
      'license',
      'compatibility',
      'metadata',
      'allowed-tools',
    ]).toEqual(expect.arrayContaining(keys));
    expect(field('name')).toBe(name);
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(field('description').length).toBeGreaterThan(50);
    expect(field('description').length).toBeLessThanOrEqual(1024);
    expect(field('compatibility').length).toBeLessThanOrEqual(500);
    expect(front).not.toMatch(/[{[]/);
  });

  test('is short', () => {
    expect(body.split('\n').length).toBeLessThan(150);
  });

  test.each(shellCommands(body))('its example works: %s', async (line) => {
    const [command, ...argv] = words(line);
    expect(command).toBe('alltoken');
    const folder = temporaryFolder();
    const home = temporaryFolder();
    // There is no last call before the first one.
    if (argv[0] === 'cost') await runExecutable(['chat', '-g', 'sandbox', 'Hi'], { home });
    const { code, stdout, stderr } = await runExecutable(
      argv.map((word) => (word === '/tmp' ? folder : word)),
      { home, env: { ALLTOKEN_GATEWAY: 'sandbox' } },
    );
    expect(code, stderr).toBe(0);
    const document = JSON.parse(stdout) as Record<string, unknown>;
    expect(document).toMatchObject({ ok: true, command: argv[0] });
    if (argv[0] === 'chat' || argv[0] === 'search')
      expect(document.content_trust).toBe('untrusted');
    else if (argv[0] === 'models') expect(document.models).not.toEqual([]);
    else if (argv[0] === 'cost') expect(document.cost).toMatchObject({ source: 'gateway' });
    else {
      const [file] = document.files as { path: string; bytes: number }[];
      expect(dirname(file?.path ?? '')).toBe(folder);
      expect(statSync(file?.path ?? '').size).toBe(file?.bytes);
      expect(document.task_id).toMatch(/^[iv]gen_/);
    }
  });

  test('names only flags that exist', async () => {
    const stdout = await everyHelp();
    const flags = new Set([...body.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map((match) => match[0]));
    for (const flag of flags) expect(`${stdout} --help`).toContain(flag);
  });
});

describe('README.md', () => {
  const readme = read('README.md');

  test('its first line is what a newcomer gets', async () => {
    const line = /npm run build && node bin\/alltoken\.js (.*)/.exec(readme)?.[1] ?? '';
    const { code, stdout, stderr } = await runExecutable(words(line));
    expect(code).toBe(0);
    expect(stdout).toContain('No model is behind it');
    expect(stderr).toMatch(/^\[usage\] .* cost=\$/);
  });

  test.each(['chat', 'image', 'video', 'models', 'cost'])(
    'names only flags of %s that exist',
    async (name) => {
      const { stdout } = await runExecutable([name, '--help']);
      const lines = [...readme.matchAll(new RegExp(`alltoken ${name} [^\\n#]*`, 'g'))];
      const used = lines.flatMap((match) =>
        [...match[0].matchAll(/\s(--[a-z-]+)/g)].map((flag) => flag[1] ?? ''),
      );
      expect(used.length).toBeGreaterThan(1);
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
