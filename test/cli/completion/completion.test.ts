import { mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { builtInGateways } from '../../../src/gateways/index.ts';
import { type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';

const config = {
  aliases: { fast: 'gpt-5.4-nano' },
  gateways: { mine: { kind: 'openai', base_url: 'http://127.0.0.1:1/v1' } },
};

interface Node {
  name: string;
  commands?: Node[];
}

/** A kept list of three kinds; one id is a trap for a shell. */
const cache = {
  v: 1,
  base_url: 'https://api.alltoken.ai/v1',
  fetched_at: 1,
  models: [
    { id: 'gpt-7', kind: 'chat' },
    { id: 'gpt-7-pro', kind: 'chat' },
    { id: 'gpt-$(touch x)', kind: 'chat' },
    { id: 'vendor/m:free', kind: 'chat' },
    { id: 'gpt-image-9', kind: 'image' },
    { id: 'film-1', kind: 'video' },
  ],
};

function worldWith(): FakeWorld {
  const world = fakeDeps();
  world.write('config.json', JSON.stringify(config));
  mkdirSync(join(world.home, 'cache'));
  world.write('cache/models-alltoken.json', JSON.stringify(cache));
  return world;
}

async function wordsFor(line: readonly string[], world = worldWith()): Promise<string[]> {
  expect(await world.run('completion', 'words', '--', ...line)).toBe(0);
  expect(world.err()).toBe('');
  return world.out().split('\n').slice(0, -1);
}

/** With conversations and templates; some names are traps. */
function worldWithNames(): FakeWorld {
  const world = worldWith();
  for (const name of ['sessions', 'templates']) mkdirSync(join(world.home, name));
  for (const [at, name] of ['paris', 'rome', '$(x)', 'a b'].entries()) {
    const file = world.write(`sessions/${name}.jsonl`, '');
    utimesSync(file, 1000 - at, 1000 - at);
    world.write(`templates/${name}.json`, '{}');
  }
  world.write('templates/notes.txt', '');
  return world;
}

describe('names that are on this machine', () => {
  test.each([
    [
      ['chat', '--session', ''],
      ['paris', 'rome'],
    ],
    [['chat', '--session=p'], ['--session=paris']],
    [
      ['sessions', 'show', ''],
      ['paris', 'rome'],
    ],
    [['sessions', 'show', 'paris', ''], []],
    [['sessions', 'remove', 'paris', ''], ['rome']],
    [['sessions', 'rename', 'r'], ['rome']],
    [['sessions', 'rename', 'rome', ''], []],
    [['sessions', 'ex'], ['export']],
    [
      ['chat', '-t', ''],
      ['paris', 'rome'],
    ],
    [
      ['config', 'get', ''],
      ['gateways.mine.kind', 'gateways.mine.base_url', 'aliases.fast'],
    ],
    [['config', 'set', 'budget.d'], ['budget.day']],
    [
      ['config', 'set', 'gateways.mine.api_key_'],
      [
        'gateways.mine.api_key_env',
        'gateways.mine.api_key_file',
        'gateways.mine.api_key_origin',
        'gateways.mine.api_key_command',
      ],
    ],
    [
      ['config', 'set', 'budget.tags.ci.'],
      ['budget.tags.ci.call', 'budget.tags.ci.day', 'budget.tags.ci.month'],
    ],
    [['config', 'set', 'gateway', 'mi'], ['mine']],
    [
      ['config', 'set', 'defaults.video.model', ''],
      ['fast', 'film-1'],
    ],
    [['config', 'set', 'budget.day', ''], []],
    [['cost', '--by', 's'], ['session']],
    [['models', '--kind', 'v'], ['video']],
    [['models', '--kind=v'], ['--kind=video']],
    [['login', '-g', 'op'], ['openrouter']],
    [['log'], ['login', 'logout']],
    [['help', 'ex'], ['exit-codes']],
  ])('%j', async (line, words) => {
    expect(await wordsFor(line, worldWithNames())).toEqual(words);
  });
});

describe('the words of a completion', () => {
  test.each([
    [['mo'], ['models']],
    [['--v'], ['--version']],
    [['tasks', 're'], ['resume']],
    [
      ['chat', '--no-st'],
      ['--no-stdin', '--no-stream'],
    ],
    [['models', '--pro'], ['--providers']],
    [['tasks', 'list', '--lo'], ['--local']],
    [
      ['models', '--kind', ''],
      ['chat', 'image', 'video', 'all'],
    ],
    [['models', '--sort=o'], ['--sort=output']],
    [
      ['chat', '-g', ''],
      [...builtInGateways.keys(), 'mine'],
    ],
    [['completion', 'z'], ['zsh']],
    [['completion', 'p'], ['powershell']],
    [['help', 'exit'], ['exit-codes']],
    [
      ['help', 'tasks', ''],
      ['list', 'show', 'resume', 'cancel', 'forget'],
    ],
    [['help', 'man', 'vi'], ['video']],
    [['help', 'chat', ''], []],
    [['schema', '--js'], ['--jsonl']],
    [
      ['schema', 'co'],
      ['cost', 'commands', 'config'],
    ],
  ])('%j → %j', async (line, words) => {
    expect(await wordsFor(line)).toEqual(words);
  });

  test.each([
    [
      ['chat', '-m', ''],
      ['fast', 'gpt-7', 'gpt-7-pro', 'vendor/m:free'],
    ],
    [['chat', '--model', 'gpt-7-'], ['gpt-7-pro']],
    [['chat', '--model=gpt-7-'], ['--model=gpt-7-pro']],
    [['chat', 'gpt-7-'], ['gpt-7-pro']],
    [
      ['search', '-m', 'gpt'],
      ['gpt-7', 'gpt-7-pro'],
    ],
    [['image', '-m', 'g'], ['gpt-image-9']],
    [
      ['video', '-q', '-m', 'f'],
      ['fast', 'film-1'],
    ],
    [
      ['models', 'f'],
      ['fast', 'film-1'],
    ],
  ])('models come from the list that is kept: %j', async (line, words) => {
    expect(await wordsFor(line)).toEqual(words);
  });

  test('models are those of the gateway that the line names', async () => {
    expect(await wordsFor(['chat', '-g', 'altllm', '-m', 'altllm-b'])).toEqual(['altllm-basic']);
    expect(await wordsFor(['chat', '--gateway=mine', '-m', ''])).toEqual(['fast']);
  });

  test('a value that is no list of words is left to the shell', async () => {
    expect(await wordsFor(['image', '-o', ''])).toEqual([]);
    expect(await wordsFor(['chat', '--timeout', '1'])).toEqual([]);
  });

  test('every command and subcommand offers what its help lists', async () => {
    const world = fakeDeps();
    await world.run('--help', '--json');
    const { tree } = world.json() as { tree: Node };
    for (const { name, commands: below = [] } of tree.commands ?? []) {
      const words = name.split(' ').slice(1);
      const offered = await wordsFor([...words, '']);
      for (const sub of below) expect(offered).toContain(sub.name.split(' ').at(-1));
      expect(await wordsFor([...words, '--hel'])).toEqual(['--help']);
    }
  });

  test('the words may come through the environment, one a line', async () => {
    const world = worldWith();
    const env = { ...world.deps.env, ALLTOKEN_COMPLETION_WORDS: 'chat\na "b" & c\n-m\ngpt-7-' };
    expect(await run(['completion', 'words'], { ...world.deps, env })).toBe(0);
    expect(world.out()).toBe('gpt-7-pro\n');
    const nothing = worldWith();
    expect(await nothing.run('completion', 'words')).toBe(0);
    expect(nothing.out()).toMatch(/^chat\nimage\n/);
  });

  test('the calls that budget release takes are those that were killed', async () => {
    const world = worldWith();
    mkdirSync(join(world.home, 'ledger'));
    const line = {
      v: 1,
      event: 'intent',
      call: 'abc-1',
      at: '2026-11-22T10:00:00.000Z',
      bound: '1',
    };
    world.write('ledger/2026-11.jsonl', `${JSON.stringify(line)}\n`);
    expect(await wordsFor(['budget', 'release', 'a'], world)).toEqual(['abc-1']);
  });

  test('behind -- there are no flags', async () => {
    expect(await wordsFor(['chat', '--', '--mo'])).toEqual([]);
  });

  test('no network, no key', async () => {
    const world = worldWith();
    const deps = {
      ...world.deps,
      openNetwork: () => Promise.reject(new Error('asked the network')),
      runCommand: () => Promise.reject(new Error('looked for a key')),
    };
    expect(await run(['completion', 'words', '--', 'chat', '-m', 'gpt-7-'], deps)).toBe(0);
    expect(world.out()).toBe('gpt-7-pro\n');
  });

  test.each([
    ['an unknown command', ['nope', '--x', '']],
    ['an unknown gateway', ['chat', '-g', 'nope', '-m', '']],
    ['nothing at all', []],
    ['an unknown flag', ['chat', '--nope=']],
  ])('never fails: %s', async (_name, line) => {
    await wordsFor(line);
  });

  test('never fails: a broken config', async () => {
    const world = worldWith();
    world.write('config.json', '{');
    expect(await wordsFor(['chat', '-m', ''], world)).toEqual([]);
    const other = worldWith();
    other.write('config.json', '{');
    expect(await wordsFor(['chat', '-g', 'tokenh'], other)).toEqual(['tokenhub']);
  });
});

describe('completion', () => {
  test.each([
    ['bash', /^complete .* alltoken alltoken-chat /m],
    ['zsh', /^#compdef alltoken alltoken-chat /],
    ['fish', /complete -c \$name/],
    [
      'powershell',
      /^Register-ArgumentCompleter -Native -CommandName @\('alltoken', 'alltoken-chat',/m,
    ],
  ])('%s has a script', async (shell, pattern) => {
    const world = fakeDeps();
    expect(await world.run('completion', shell)).toBe(0);
    expect(world.out()).toMatch(pattern);
    expect(world.err()).toBe('');
  });

  test('PowerShell gets a script that hands no word to a command line', async () => {
    const world = fakeDeps();
    await world.run('completion', 'powershell');
    const script = world.out();
    for (const [open, close] of [
      ['{', '}'],
      ['(', ')'],
      ['[', ']'],
    ] as const)
      expect(script.split(open).length).toBe(script.split(close).length);
    // Nothing of the line stands behind the command, where cmd or an old PowerShell would read it again.
    expect(script).toMatch(/& \$command completion words 2>\$null/);
    expect(script).toContain('$env:ALLTOKEN_COMPLETION_WORDS = $null');
    expect(script).not.toMatch(/Invoke-Expression\s+\$|`|\$\(/);
    for (const name of ['image', 'video', 'search', 'models', 'cost'])
      expect(script).toContain(`'alltoken-${name}'`);
  });

  test('2: a shell that nobody wrote a script for', async () => {
    const world = fakeDeps();
    expect(await world.run('completion', 'cmd')).toBe(2);
    expect(world.err()).toContain('bash, zsh, fish, powershell');
  });
});
