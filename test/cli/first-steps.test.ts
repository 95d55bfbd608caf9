import { describe, expect, test } from 'vitest';
import { type FakeOptions, type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';

async function run(argv: readonly string[], options: FakeOptions = {}): Promise<FakeWorld> {
  const world = fakeDeps(options);
  await world.run(...argv);
  return world;
}

const ESC = '\u001b';

/** A word is broken where a line is longer than the terminal is wide. */
function tooLong(text: string, columns: number): string[] {
  return text
    .replaceAll(`${ESC}[1m`, '')
    .replaceAll(`${ESC}[22m`, '')
    .split('\n')
    .filter((line) => line.length > columns);
}

describe('alltoken alone', () => {
  test('is the help, and exits 0', async () => {
    const world = fakeDeps();
    expect(await world.run()).toBe(0);
    expect(world.out()).toBe((await run(['--help'])).out());
    expect(world.err()).toBe('');
  });

  test('names the commands in groups, the six first', async () => {
    const out = (await run([])).out();
    const titles = ['Commands:', 'Helpers:', 'More:', 'First steps:', 'More help:'];
    const places = titles.map((title) => out.indexOf(`\n${title}\n`));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    const main = out.slice(places[0], places[1]);
    const names = [...main.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name);
    expect(names).toEqual(['chat', 'image', 'video', 'search', 'models', 'cost']);
  });

  test.each([20, 40, 60, 80, 100, 200])('fits %i columns', async (columns) => {
    const world = await run([], { stdoutIsTerminal: true, columns });
    expect(tooLong(world.out(), Math.max(40, columns))).toEqual([]);
    const widest = Math.max(
      ...world
        .out()
        .split('\n')
        .map((line) => line.length),
    );
    if (columns > 100) expect(widest).toBeLessThanOrEqual(100);
  });

  test.each(['help exit-codes', 'help environment', 'chat --help', 'cost --help', 'image --help'])(
    '%s breaks no word at 40 columns',
    async (words) => {
      const world = await run(words.split(' '), { stdoutIsTerminal: true, columns: 40 });
      const long = tooLong(world.out(), 40).filter((line) => /\s/.test(line.trim()));
      expect(long).toEqual([]);
    },
  );

  test.each([
    ['a terminal', {}, true],
    ['NO_COLOR: bold is no colour', { NO_COLOR: '1' }, true],
    ['TERM=dumb', { TERM: 'dumb' }, false],
  ])('headings on %s', async (_name, env, isBold) => {
    const out = (await run([], { stdoutIsTerminal: true, env })).out();
    expect(out.includes(`${ESC}[1mCommands:${ESC}[22m`)).toBe(isBold);
    expect(out.replaceAll(`${ESC}[1m`, '').replaceAll(`${ESC}[22m`, '')).not.toContain(ESC);
  });

  test('a pipe gets not one escape byte', async () => {
    for (const words of [[], ['chat', '--help'], ['help', 'exit-codes']])
      expect((await run(words)).out()).not.toContain(ESC);
  });
});

describe('options before the command', () => {
  test.each([
    ['-g sandbox chat hi', 'alltoken chat -g sandbox hi'],
    ['--gateway=sandbox chat hi', 'alltoken chat --gateway=sandbox hi'],
    ['-q chat hi', 'alltoken chat -q hi'],
    ['-qg sandbox models', 'alltoken models -qg sandbox'],
    ['-gsandbox models', 'alltoken models -gsandbox'],
    ['-m x image a cat', 'alltoken image -m x a cat'],
    ['--by day --since 7d cost', 'alltoken cost --by day --since 7d'],
    ['-v tasks', 'alltoken tasks -v'],
    ['-v tasks list', 'alltoken tasks list -v'],
    ['-g sandbox config doctor', 'alltoken config doctor -g sandbox'],
  ])('%s', async (words, line) => {
    const world = fakeDeps();
    expect(await world.run(...words.split(' '))).toBe(2);
    expect(world.err().split('\n')[1]).toBe(`hint: ${line}`);
    expect(world.err()).toContain('code=misplaced_option');
  });

  test('the line is data, too', async () => {
    const world = await run(['--json', 'models']);
    expect(world.json()).toMatchObject({
      error: { exit: 2, next: [{ do: 'run', argv: ['alltoken', 'models', '--json'] }] },
    });
  });

  test.each(['--foo chat', '-x', '--json', '-g', '-g chat'])(
    '%s has no right line',
    async (words) => {
      const world = fakeDeps();
      expect(await world.run(...words.split(' '))).toBe(2);
      expect(world.err()).not.toContain('misplaced_option');
    },
  );
});

describe('a name that is not a command', () => {
  test.each(['auth', 'setup'])('%s is login', async (word) => {
    const world = fakeDeps();
    expect(await world.run(word)).toBe(2);
    expect(world.err()).toMatch(/\nhint: alltoken login\n/);
  });

  test.each([
    ['version', 'alltoken --version'],
    ['man', 'alltoken help man'],
    ['budget set day 5', 'alltoken config set budget.day 5'],
    ['chat --version', 'alltoken --version'],
    ['sessions show', 'alltoken sessions show --help'],
    ['completion', 'alltoken completion --help'],
    ['run', 'alltoken run --help'],
    ['batch', 'alltoken batch --help'],
  ])('%s: the hint is the line that was meant', async (words, hint) => {
    const world = fakeDeps();
    expect(await world.run(...words.split(' '))).toBe(2);
    expect(world.err()).toContain(`\nhint: ${hint}\n`);
  });

  test.each([
    ['config frob', "unknown command 'frob'", 'alltoken config --help'],
    ['config lst', "unknown command 'lst'", 'did you mean list?'],
    ['tasks resme x', "unknown command 'resme'", 'alltoken tasks resume x'],
  ])('%s', async (words, message, hint) => {
    const world = fakeDeps();
    expect(await world.run(...words.split(' '))).toBe(2);
    expect(world.err()).toContain(message);
    expect(world.err()).toContain(`hint: ${hint}`);
  });

  test.each([
    ['chta', 'chat'],
    ['imgae', 'image'],
    ['vidoe', 'video'],
    ['serach', 'search'],
    ['model', 'models'],
    ['costs', 'cost'],
    ['confg', 'config'],
    ['conf', 'config'],
    ['configure', 'config'],
    ['comp', 'completion'],
    ['chatgpt', 'chat'],
    ['bugdet', 'budget'],
    ['hlep', 'help'],
  ])('%s was meant for %s', async (word, meant) => {
    expect((await run([word])).err()).toContain(`did you mean ${meant}?`);
  });

  test.each([
    'foo',
    'usage',
    'status',
    'version',
    'list',
    'ls',
    'rm',
    'ask',
    'new',
    'price',
    'set',
  ])('%s is near to nothing', async (word) => {
    expect((await run([word])).err()).not.toContain('did you mean');
  });
});

test('config alone lists', async () => {
  const world = fakeDeps();
  world.write('config.json', '{"gateway":"sandbox"}');
  expect(await world.run('config')).toBe(0);
  expect(world.out()).toBe('gateway\tsandbox\n');
});
