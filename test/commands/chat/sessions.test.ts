import { appendFileSync, mkdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  answerWell,
  ask,
  chat,
  filesBelow,
  inTurn,
  lostReply,
  stream,
  turnsOf,
  worldAt,
} from '../../helpers/ask.ts';
import type { FakeWorld } from '../../helpers/fake-deps.ts';
import { failingFiles } from '../../helpers/image-faults.ts';
import { chunk, startServer, type TestServer } from '../../helpers/server.ts';

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

describe('a conversation', () => {
  test('goes on with -c', async () => {
    const { server, world } = await begin();
    expect(await chat(world, 'One')).toBe(0);
    expect(await chat(world, '-c', 'Two')).toBe(0);
    expect(lastMessages(server)).toEqual(conversation);
    expect(await chat(world, '-c', 'Three')).toBe(0);
    expect(lastMessages(server)).toHaveLength(5);
  });

  test('goes to another gateway only where somebody says so', async () => {
    const { server, world } = await begin();
    expect(await world.run('chat', '-g', 'sandbox', 'my salary is 5')).toBe(0);
    const sent = server.requests.length;
    expect(await chat(world, '-c', 'and now?')).toBe(2);
    expect(world.err()).toContain('[usage code=other_gateway]');
    expect(world.err()).toContain('-g sandbox');
    expect(server.requests).toHaveLength(sent);
    expect(await chat(world, '-c', '-g', 'alltoken', 'and now?')).toBe(0);
    expect(server.requests).toHaveLength(sent + 1);
  });

  test('goes on under its name', async () => {
    const { server, world } = await begin();
    expect(await chat(world, '--session', 'work', 'One')).toBe(0);
    expect(lastMessages(server)).toHaveLength(1);
    expect(await chat(world, 'Something else')).toBe(0);
    expect(await chat(world, '--session', 'work', 'Two')).toBe(0);
    expect(lastMessages(server)).toEqual(conversation);
  });

  test.each([
    ['a', 'b'],
    ['b', 'a'],
  ])('-c goes on with the one that changed last: not %s but %s', async (old, recent) => {
    const { server, world } = await begin();
    expect(await chat(world, '--session', old, 'Old')).toBe(0);
    expect(await chat(world, '--session', recent, 'New')).toBe(0);
    utimesSync(join(world.home, 'sessions', `${old}.jsonl`), 1, 1);
    expect(await chat(world, '-c', 'Two')).toBe(0);
    expect(lastMessages(server)).toContainEqual({ role: 'user', content: 'New' });
    expect(turnsOf(world, recent)).toHaveLength(2);
  });

  test('begins anew without -c', async () => {
    const { server, world } = await begin();
    expect(await chat(world, 'One')).toBe(0);
    expect(await chat(world, 'Two')).toBe(0);
    expect(lastMessages(server)).toEqual([{ role: 'user', content: 'Two' }]);
    expect(turnsOf(world, 'last')).toHaveLength(1);
  });

  test('keeps its model and its instructions', async () => {
    const { server, world } = await begin();
    expect(await chat(world, '--session', 's', '-m', 'glm-5', '-s', 'Be brief', 'One')).toBe(0);
    expect(await chat(world, '--session', 's', 'Two')).toBe(0);
    expect(server.requests[1]?.json).toMatchObject({
      model: 'glm-5',
      messages: [{ role: 'system', content: 'Be brief' }, ...conversation],
    });
    expect(await chat(world, '--session', 's', '-s', 'Be long', 'Three')).toBe(0);
    expect(await chat(world, '--session', 's', 'Four')).toBe(0);
    expect(server.requests[3]?.json?.messages).toContainEqual({
      role: 'system',
      content: 'Be long',
    });
    expect(server.requests[3]?.json?.messages).not.toContainEqual({
      role: 'system',
      content: 'Be brief',
    });
  });

  test('at another gateway does not take the model along', async () => {
    const { server, world } = await begin();
    expect(await chat(world, '--session', 's', '-m', 'glm-5', 'One')).toBe(0);
    Object.assign(world.deps, {
      env: { ...world.deps.env, TOKENHUB_API_KEY: 'th-0123456789abcdef0123' },
    });
    expect(await chat(world, '--session', 's', '-g', 'tokenhub', 'Two')).toBe(0);
    expect(server.requests[1]?.json).toMatchObject({
      model: 'openai/gpt-5.4',
      messages: conversation,
    });
  });

  test('is named in the document and the ledger', async () => {
    const { world } = await begin();
    expect(await chat(world, '--session', 'work', '--json', 'One')).toBe(0);
    expect(world.json().session).toBe('work');
    expect(world.ledger()).toMatchObject([{ session: 'work' }, { session: 'work' }]);
  });

  test('has files that nobody else may read', async () => {
    const { world } = await begin();
    expect(await chat(world, '--session', 'work', 'One')).toBe(0);
    expect(statSync(join(world.home, 'sessions')).mode & 0o777).toBe(0o700);
    expect(statSync(join(world.home, 'sessions', 'work.jsonl')).mode & 0o777).toBe(0o600);
    const [ledger] = Object.keys(filesBelow(world.home)).filter((path) =>
      path.startsWith('ledger/'),
    );
    expect(statSync(join(world.home, 'ledger')).mode & 0o777).toBe(0o700);
    expect(statSync(join(world.home, ledger ?? '')).mode & 0o777).toBe(0o600);
  });

  test('keeps what came of an answer that broke off', async () => {
    const server = await startServer(inTurn(stream(chunk({ content: 'Once upon' })), answerWell));
    const world = worldAt(server);
    expect(await chat(world, 'Tell')).toBe(40);
    expect(world.err()).toContain('alltoken chat -c');
    expect(await chat(world, '-c', 'go on')).toBe(0);
    expect(lastMessages(server)).toEqual([
      { role: 'user', content: 'Tell' },
      { role: 'assistant', content: 'Once upon' },
      { role: 'user', content: 'go on' },
    ]);
  });

  test('does not hold a question that was never answered', async () => {
    const { server, world } = await begin();
    const failing = await ask(lostReply, ['--session', 'work', 'Lost']);
    expect(failing.code).toBe(46);
    expect(
      Object.keys(filesBelow(failing.world.home)).filter((path) => path.startsWith('sessions/')),
    ).toEqual([]);
    expect(await chat(world, '--session', 'work', 'One')).toBe(0);
    expect(lastMessages(server)).toHaveLength(1);
  });

  const good = {
    v: 1,
    at: '2026-11-22T10:00:00.000Z',
    gateway: 'alltoken',
    model: 'gpt-5.4',
    messages: [
      { role: 'user', content: 'One' },
      { role: 'assistant', content: 'Hello wörld' },
    ],
  };

  test.each<[string, object]>([
    ['a role that is a number', { messages: [{ role: 5, content: 'x' }] }],
    ['a role that nobody has', { messages: [{ role: 'wizard', content: 'x' }] }],
    ['a message that is a text', { messages: ['x'] }],
    ['a content that is a number', { messages: [{ role: 'user', content: 7 }] }],
    ['a part that is a text', { messages: [{ role: 'user', content: ['x'] }] }],
    ['calls that are no list', { messages: [{ role: 'assistant', content: '', tool_calls: 1 }] }],
    ['a result of a number', { messages: [{ role: 'tool', content: '', tool_call_id: 1 }] }],
    ['a gateway that is a number', { gateway: 7 }],
    ['a model that is an object', { model: {} }],
  ])('leaves a turn out, and says so, with %s', async (_what, wrong) => {
    const { server, world } = await begin();
    const lines = [good, { ...good, ...wrong }].map((turn) => `${JSON.stringify(turn)}\n`);
    mkdirSync(join(world.home, 'sessions'));
    world.write('sessions/work.jsonl', lines.join(''));
    expect(await chat(world, '--session', 'work', 'Two'), world.err()).toBe(0);
    expect(lastMessages(server)).toEqual(conversation);
    expect(world.err()).toContain('session work: 1 line of it cannot be read and is left out');
  });

  test('whose file is empty says so, and is not what -c goes on with', async () => {
    const { server, world } = await begin();
    mkdirSync(join(world.home, 'sessions'));
    world.write('sessions/work.jsonl', `${JSON.stringify(good)}\n`);
    utimesSync(join(world.home, 'sessions/work.jsonl'), 1, 1);
    world.write('sessions/empty.jsonl', '');
    expect(await chat(world, '-c', 'Two'), world.err()).toBe(0);
    expect(lastMessages(server)).toEqual(conversation);
    expect(await chat(world, '--session', 'empty', 'Two')).toBe(0);
    expect(world.err()).toContain('session empty: its file is empty; nothing is left of it');
  });

  test('survives a torn last line', async () => {
    const { server, world } = await begin();
    expect(await chat(world, '--session', 'work', 'One')).toBe(0);
    appendFileSync(join(world.home, 'sessions', 'work.jsonl'), '{"v":1,"at":"2026-1');
    expect(await chat(world, '--session', 'work', 'Two')).toBe(0);
    expect(lastMessages(server)).toEqual(conversation);
    expect(await chat(world, '--session', 'work', 'Three')).toBe(0);
    expect(lastMessages(server)).toHaveLength(5);
  });

  test('skips lines that are no turns', async () => {
    const { server, world } = await begin();
    mkdirSync(join(world.home, 'sessions'));
    world.write('sessions/work.jsonl', 'null\n[]\n{"v":2}\n"x"\n{"v":1,"messages":"no"}\n');
    expect(await chat(world, '--session', 'work', 'One')).toBe(0);
    expect(lastMessages(server)).toEqual([{ role: 'user', content: 'One' }]);
    expect(world.err()).toContain(
      'warning: session work: 5 lines of it cannot be read and are left out',
    );
  });
});

test.each(['ENOSPC', 'EPIPE'])(
  'a turn that cannot be saved is said also where stdout failed first (%s)',
  async (code) => {
    const files = failingFiles('ENOSPC', ({ path, writes }) => writes && path.includes('sessions'));
    const stdoutError = { code, at: 1 };
    for (const named of [['--session', 'kept'], []]) {
      const { world } = await ask(answerWell, [...named, 'Hi'], { files, stdoutError });
      expect(world.err().match(/^warning: .*not saved.*ENOSPC/gm), world.err()).toHaveLength(1);
    }
  },
);

test.each<[string, string, FakeWorld['deps']['files'] | null]>([
  ['is too large for it', 'x'.repeat(2_000_000), null],
  [
    'did not fit on the disk',
    'Hello',
    failingFiles('ENOSPC', ({ path, writes }) => writes && path.includes('sessions')),
  ],
])('nobody is told to go on from an answer that was cut and %s', async (_, content, files) => {
  const reply = stream(chunk({ content }));
  const { code, world } = await ask(reply, ['Hi'], files === null ? {} : { files });
  expect(code).toBe(40);
  expect(world.err()).toContain('is not saved');
  expect(world.err()).not.toContain('chat -c');
  const { world: kept } = await ask(stream(chunk({ content: 'Hello' })), ['Hi']);
  expect(kept.err()).toContain('chat -c');
});
