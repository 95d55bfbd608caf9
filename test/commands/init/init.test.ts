import { cpSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root, temporaryFolder } from '../../helpers/executable.ts';
import { initPlace } from '../../helpers/init.ts';

const shared = [
  '.env.example',
  '.gitignore',
  'AGENTS.md',
  'README.md',
  'package.json',
  'src/agent.test.ts',
  'src/agent.ts',
  'src/client.ts',
  'src/env.ts',
  'src/headless.ts',
  'src/media.ts',
  'src/text.ts',
  'src/tools.ts',
  'tsconfig.json',
];

const templates = {
  agent: shared,
  tui: [...shared, 'src/cli.tsx', 'src/wrap.test.ts', 'src/wrap.ts'],
  http: [...shared, 'src/app.test.ts', 'src/app.ts', 'src/server.ts'],
  python: ['.gitignore', 'AGENTS.md', 'README.md', 'agent.py', 'test_agent.py'],
} as const;

const below = (folder: string, names: readonly string[]): string[] =>
  names.map((name) => `${folder}/${name}`).sort();

describe('a new directory', () => {
  test.each(Object.entries(templates))('of %s has its files', async (template, names) => {
    const place = initPlace();
    const { code, out, err } = await place.init(['my-agent', '--template', template]);
    expect(code).toBe(0);
    expect(out).toBe(`${place.here}/my-agent\n`);
    expect(err).toContain(`${names.length} files created in ${place.here}/my-agent\n`);
    const texts = place.texts();
    expect(Object.keys(texts).sort()).toEqual(below('my-agent', names));
    expect(Object.values(texts).join('')).not.toMatch(/\{\{(name|package)/);
    const [title, ...lines] = (texts['my-agent/README.md'] ?? '').trimEnd().split('\n');
    expect({ title, count: lines.length }).toEqual({ title: '# my-agent', count: 1 });
  });

  test.each(['agent', 'tui', 'http'])(
    'of %s has scripts for all that its README names',
    async (template) => {
      const place = initPlace();
      await place.init(['a', '--template', template]);
      const { name, type, scripts, dependencies } = JSON.parse(place.read('a/package.json'));
      expect({ name, type }).toEqual({ name: 'a', type: 'module' });
      expect(Object.keys(scripts)).toEqual(['start', 'start:headless', 'dev', 'test', 'types']);
      expect(dependencies['alltoken-cli']).toBe(`file:${root}`);
      // Each script names files that are there.
      const named = [
        ...Object.values(scripts)
          .join(' ')
          .matchAll(/src\/\S+/g),
      ].map(([file]) => file);
      expect(Object.keys(place.texts())).toEqual(
        expect.arrayContaining(named.map((file) => `a/${file}`)),
      );
    },
  );

  test('takes the package from where this program is, and from the registry where npm has installed it', async () => {
    const place = initPlace();
    expect((await place.init(['clone'])).err).toContain(`takes alltoken-cli from ${root}\n`);
    const templatesDirectory = join(temporaryFolder(), 'node_modules/alltoken-cli/templates');
    cpSync(join(root, 'templates'), templatesDirectory, { recursive: true });
    expect((await place.init(['a'], { templatesDirectory })).err).not.toContain(
      'takes alltoken-cli',
    );
    const { dependencies } = JSON.parse(place.read('a/package.json'));
    expect(dependencies['alltoken-cli']).toBe('^0.0.0-test');
  });

  test('is an agent unless another template is named', async () => {
    const place = initPlace();
    const { json } = await place.init(['a', '--json']);
    expect(json()).toMatchObject({ ok: true, exit: 0, command: 'init', template: 'agent' });
  });

  test('is described as a document', async () => {
    const place = initPlace();
    const { json, err } = await place.init(['a/', '--template', 'python', '--json']);
    expect(json()).toEqual({
      schema: 'alltoken.init.v1',
      ok: true,
      exit: 0,
      command: 'init',
      template: 'python',
      name: 'a',
      directory: join(place.here, 'a'),
      files: templates.python.map((path) => ({ path, action: 'created' })),
      git: 'initialized',
      installed: false,
      next: ['ALLTOKEN_GATEWAY=sandbox python3 agent.py "Hello"'],
      notes: [],
    });
    expect(err).toContain('next: cd a && ALLTOKEN_GATEWAY=sandbox python3 agent.py "Hello"\n');
  });

  test('appears with all the directories above it that are missing', async () => {
    const place = initPlace();
    const { code, out } = await place.init(['one/two/three', '--template', 'python']);
    expect({ code, out }).toEqual({ code: 0, out: `${place.here}/one/two/three\n` });
    expect(Object.keys(place.texts()).sort()).toEqual(below('one/two/three', templates.python));
  });

  test('has the rights of any other file, not those of a secret', async () => {
    const place = initPlace();
    await place.init(['one/two', '--template', 'python']);
    const modeOf = (name: string): number => statSync(join(place.here, name)).mode & 0o777;
    const allowed = ~process.umask();
    expect(modeOf('one')).toBe(0o777 & allowed);
    expect(modeOf('one/two')).toBe(0o777 & allowed);
    expect(modeOf('one/two/agent.py')).toBe(0o666 & allowed);
  });

  test('on Windows has its path, and lines for its shell', async () => {
    const place = initPlace();
    const { code, out, err, commands } = await place.init(['deep\\my agent', '--install'], {
      platform: 'win32',
    });
    expect(code).toBe(0);
    const path = `${place.here.replaceAll('/', '\\')}\\deep\\my agent`;
    expect(out).toBe(`${path}\n`);
    expect(Object.keys(place.texts()).sort()).toEqual(below('deep/my agent', shared));
    expect(commands.at(-1)).toBe(`npm install --no-audit --no-fund --prefix "${path}"`);
    expect(err).toContain("; $env:ALLTOKEN_GATEWAY='sandbox'; npm start\n");
  });

  test('elsewhere a path of Windows is a name like any other', async () => {
    const place = initPlace();
    const { code, json } = await place.init(['C:\\agents\\one', '--json', '--template', 'python']);
    expect(code).toBe(0);
    expect(json()).toMatchObject({
      name: 'c-agents-one',
      directory: `${place.here}/C:\\agents\\one`,
    });
  });
});

describe('the working directory', () => {
  test.each([[[]], [['.']], [['./']]])('is where it goes: init %j', async (words) => {
    const place = initPlace();
    mkdirSync(join(place.here, 'here'));
    const workingDirectory = join(place.here, 'here');
    const ran = await place.init([...words, '--template', 'python'], { workingDirectory });
    expect(ran).toMatchObject({ code: 0, out: `${workingDirectory}\n` });
    expect(Object.keys(place.texts()).sort()).toEqual(below('here', templates.python));
    expect(ran.err).toContain('next: ALLTOKEN_GATEWAY');
    expect(place.read('here/README.md')).toMatch(/^# here\n/);
  });
});

describe('a bad command line', () => {
  test.each([
    [
      ['a', '--template', 'rust'],
      'invalid_argument',
      'Allowed choices are agent, tui, http, python',
    ],
    [[''], 'no_directory', 'has no name'],
    [['a', 'b'], 'excess_arguments', ''],
    [['a', '--force'], 'unknown_option', ''],
  ])('%j: 2', async (argv, slug, words) => {
    const place = initPlace();
    const { code, err } = await place.init(argv);
    expect(code).toBe(2);
    expect(err.toLowerCase()).toContain(words.toLowerCase());
    expect(err).toContain(`[usage code=${slug}]`);
    expect(place.texts()).toEqual({});
  });
});

describe('the package that came', () => {
  test('without templates: 50, and nothing is made', async () => {
    const place = initPlace();
    const { code, err } = await place.init(['a'], { templatesDirectory: '/nowhere' });
    expect(code).toBe(50);
    expect(err).toContain('code=templates_missing');
    expect(err).toContain('hint: npm install -g alltoken-cli');
    expect(place.texts()).toEqual({});
  });
});
