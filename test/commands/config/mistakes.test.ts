import { describe, expect, test } from 'vitest';
import { errLines } from '../../helpers/ask.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';

interface Ran {
  code: number;
  out: string;
  world: FakeWorld;
}

/** Runs `config …` in a home with this config file. */
async function config(
  file: string | null,
  argv: readonly string[],
  options: FakeOptions = {},
): Promise<Ran> {
  const world = fakeDeps(options);
  if (file !== null) world.write('config.json', file);
  const code = await world.run('config', ...argv);
  return { code, out: world.out(), world };
}

describe('a broken config file', () => {
  test.each([
    ['{', /line 1.*expected/],
    ['{"gateway":"x" "y"}', /line 1, column 16/],
    ['[]', /config\.json/],
    ['{"gatway":"alltoken"}', /gatway: unknown key; did you mean "gateway"\?/],
    ['{"gateway":7}', /gateway: expected a string/],
  ])('%s: 20, one line that says where', async (file, message) => {
    for (const argv of [
      ['config', 'list'],
      ['chat', '--no-stdin', 'Hi'],
      ['config', 'doctor'],
    ]) {
      const world = fakeDeps();
      world.write('config.json', file);
      expect(await world.run(...argv)).toBe(20);
      const lines = errLines(world).filter((line) => line.startsWith('alltoken: '));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(message);
      expect(lines[0]).toContain(`${world.home}/config.json`);
      expect(lines[0]).toMatch(/\[no_key code=bad_config\]$/);
    }
  });
});

describe('config alone', () => {
  const mistakes: [string[], RegExp, RegExp][] = [
    [['lst'], /unknown command 'lst'/, /did you mean list\?/],
    [['get'], /<name> is missing/, /alltoken config get --help/],
    [['set', 'gateway'], /<value> is missing/, /alltoken config set --help/],
    [
      ['get', 'a', 'b'],
      /too many arguments: config get takes at most 1 /,
      /alltoken config get --help/,
    ],
  ];
  test.each(mistakes)('%j is a usage error with the next command', async (argv, message, hint) => {
    const { code, world } = await config(null, argv);
    expect(code).toBe(2);
    expect(errLines(world)).toHaveLength(2);
    expect(errLines(world)[0]).toMatch(message);
    expect(errLines(world)[1]).toMatch(hint);
  });
});
