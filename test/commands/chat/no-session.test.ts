import { describe, expect, test } from 'vitest';
import {
  answerWell,
  ask,
  chat,
  errLines,
  filesBelow,
  turnsOf,
  worldAt,
} from '../../helpers/ask.ts';
import type { FakeWorld } from '../../helpers/fake-deps.ts';
import { startServer, type TestServer } from '../../helpers/server.ts';

const conversation = [
  { role: 'user', content: 'One' },
  { role: 'assistant', content: 'Hello wörld' },
  { role: 'user', content: 'Two' },
];

async function begin(...config: object[]): Promise<{ server: TestServer; world: FakeWorld }> {
  const server = await startServer(answerWell);
  const home = config[0] === undefined ? {} : { 'config.json': config[0] };
  return { server, world: worldAt(server, { home }) };
}

function lastMessages({ requests }: TestServer): unknown {
  return requests.at(-1)?.json?.messages;
}

describe('no conversation', () => {
  test('is kept with --no-save', async () => {
    const { world } = await begin();
    expect(await chat(world, '--no-save', 'One')).toBe(0);
    expect(
      Object.keys(filesBelow(world.home)).filter((path) => path.startsWith('sessions/')),
    ).toEqual([]);
  });

  test('is kept with save:false, unless it is asked for by name', async () => {
    const { world } = await begin({ defaults: { chat: { save: false } } });
    expect(await chat(world, 'One')).toBe(0);
    expect(Object.keys(filesBelow(world.home)).some((path) => path.startsWith('sessions/'))).toBe(
      false,
    );
    expect(await chat(world, '--session', 'work', 'One')).toBe(0);
    expect(turnsOf(world, 'work')).toHaveLength(1);
  });

  test('gets a turn with --session and --no-save, but is read', async () => {
    const { server, world } = await begin();
    expect(await chat(world, '--session', 'work', 'One')).toBe(0);
    expect(await chat(world, '--session', 'work', '--no-save', 'Two')).toBe(0);
    expect(lastMessages(server)).toEqual(conversation);
    expect(turnsOf(world, 'work')).toHaveLength(1);
  });

  test('is there for -c at first', async () => {
    const { server, world } = await begin();
    expect(await chat(world, '-c', 'One')).toBe(2);
    expect(errLines(world)[0]).toBe(
      'alltoken: there is no conversation to continue [usage code=no_session]',
    );
    expect(errLines(world)[1]).toMatch(/^hint: alltoken chat /);
    expect(server.requests).toEqual([]);
  });

  test.each([
    '',
    '.',
    '..',
    '../x',
    'a/b',
    'a b',
    '-x',
    '.hidden',
    'a.',
    'x'.repeat(65),
    'a\0b',
    'é',
  ])('may be called %j', async (name) => {
    const { server, world } = await begin();
    expect(await chat(world, `--session=${name}`, 'One')).toBe(2);
    expect(errLines(world)[0]).toMatch(/--session .*a name is 1 to 64/);
    expect(server.requests).toEqual([]);
  });

  test('that cannot be written costs the answer', async () => {
    const appendLine = async (path: string): Promise<void> => {
      if (path.includes('/sessions/')) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    };
    const named = await ask(answerWell, ['--session', 'work', 'One'], { files: { appendLine } });
    expect(named.code).toBe(0);
    expect(named.world.out()).toBe('Hello wörld\n');
    expect(named.world.err()).toMatch(/warning: the conversation is not saved: .*EACCES/);
  });
});
