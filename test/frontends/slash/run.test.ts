import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromJSONSchema } from 'zod';
import { answerWell, errLines, events, worldAt } from '../../helpers/ask.ts';
import { type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';
import { startServer } from '../../helpers/server.ts';

const sandboxed = ['slash', '-g', 'sandbox'];

async function printedSchema(): Promise<ReturnType<typeof fromJSONSchema>> {
  const world = fakeDeps();
  expect(await world.run('schema', 'slash')).toBe(0);
  return fromJSONSchema(world.json() as Parameters<typeof fromJSONSchema>[0]);
}

describe('slash runs', () => {
  test('chat, and says so on stderr alone', async () => {
    const world = fakeDeps();
    expect(await world.run(...sandboxed, '/alltoken-chat: is it "blue"?')).toBe(0);
    expect(world.out()).toMatch(/\S\n$/);
    expect(world.out()).not.toContain('running');
    expect(errLines(world)[0]).toBe(`running: alltoken chat --gateway=sandbox -- is 'it "blue"?'`);
  });

  test('image, into the working directory', async () => {
    const world = fakeDeps();
    expect(await world.run(...sandboxed, 'draw with alltoken a cat --out=cat.png')).toBe(0);
    const path = world.out().trim();
    expect(dirname(path)).toBe(world.home);
    expect(existsSync(path)).toBe(true);
  });

  test('chat with a template that has the text', async () => {
    const world = fakeDeps();
    mkdirSync(join(world.home, 'templates'));
    world.write('templates/hello.json', JSON.stringify({ prompt: 'Say hello' }));
    expect(await world.run(...sandboxed, '/alltoken-chat -t hello'), world.err()).toBe(0);
    expect(world.out()).toContain('Your last message: "Say hello"');
    world.write('templates/none.json', JSON.stringify({ system: 'Be brief' }));
    expect(await world.run(...sandboxed, '/alltoken-chat -t none')).toBe(2);
  });

  test('models and search', async () => {
    const models = fakeDeps();
    expect(await models.run(...sandboxed, 'What AllToken models are available?')).toBe(0);
    expect(models.out().split('\n').length).toBeGreaterThan(3);
    const search = fakeDeps();
    expect(await search.run(...sandboxed, 'find with alltoken: news')).toBe(0);
    expect(search.out()).not.toBe('');
  });

  test('cost, of the chat before', async () => {
    const world = fakeDeps();
    await world.run(...sandboxed, '-q', '/alltoken-chat hello');
    const answer = world.out();
    // Play money is in the report of the sandbox alone.
    expect(await world.run(...sandboxed, '-q', 'How much did that cost?')).toBe(0);
    expect(world.out().slice(answer.length)).toMatch(/^(\d+(\.\d+)?|unknown)\n$/);
    expect(world.err()).toBe('');
  });

  test('with one document for --json, whoever asks for it', async () => {
    for (const words of [['--json', '/alltoken-chat hi'], ['/alltoken-chat hi --json']]) {
      const world = fakeDeps();
      expect(await world.run(...sandboxed, ...words)).toBe(0);
      expect(world.json()).toMatchObject({ ok: true, command: 'chat' });
    }
  });

  test('with one event a line for --jsonl, itself the first', async () => {
    const world = fakeDeps();
    expect(await world.run(...sandboxed, '--jsonl', '/alltoken-chat hi')).toBe(0);
    const all = events(world);
    expect(all[0]).toMatchObject({ type: 'status', message: expect.stringContaining('running') });
    expect(all.at(-1)).toMatchObject({ type: 'result', command: 'chat' });
  });

  test('and ends with the exit code of the command', async () => {
    const world = fakeDeps();
    expect(await world.run(...sandboxed, '/alltoken-models no-such-model-1')).toBe(24);
  });

  test.each(['/alltoken-chat', '/alltoken-image', '/alltoken-chat -q -', '/alltoken-search'])(
    'nothing for %j, which has no text, and does not wait for it',
    async (message) => {
      const world = fakeDeps({ stdin: 'silent' });
      expect(await world.run(...sandboxed, message)).toBe(2);
      expect(world.sleeps).toEqual([]);
      expect(world.ledger()).toEqual([]);
    },
  );

  test('nothing when nobody can be told', async () => {
    const world = fakeDeps({ stdoutError: { code: 'ENOSPC', at: 1 } });
    expect(await world.run(...sandboxed, '--jsonl', '/alltoken-chat hi')).toBe(50);
    expect(errLines(world).filter((line) => line.startsWith('alltoken: '))).toHaveLength(1);
    expect(world.ledger()).toEqual([]);
  });

  test('no shell: what one would touch arrives literally', async () => {
    const server = await startServer(answerWell);
    const world = worldAt(server);
    const text =
      'say $(touch x) `id` "$HOME" * ~ ; rm -rf / && echo {a,b} > y | cat <z \\n %s !! @in.txt';
    expect(await world.run('slash', `/alltoken-chat ${text}`)).toBe(0);
    expect(server.requests[0]?.json?.messages).toEqual([{ role: 'user', content: text }]);
    expect(existsSync(`${world.home}/x`) || existsSync(`${world.home}/y`)).toBe(false);
  });

  test('chat with a model in first place, by its own rule', async () => {
    const server = await startServer(answerWell);
    const asked = async (message: string): Promise<unknown> => {
      const world: FakeWorld = worldAt(server);
      expect(await world.run('slash', message)).toBe(0);
      const { model, messages } = server.requests.at(-1)?.json ?? {};
      return [model, (messages as { content: string }[])[0]?.content];
    };
    expect(await asked('/alltoken-chat gpt-5.4\nwhy  is it?')).toEqual(['gpt-5.4', 'why  is it?']);
    expect(await asked('/alltoken-chat why\nis it?')).toEqual(['gpt-5.4-mini', 'why\nis it?']);
    expect(await asked('/alltoken-chat "gpt-5.4 why"')).toEqual(['gpt-5.4-mini', 'gpt-5.4 why']);
  });
});

describe('alltoken schema slash', () => {
  test.each([
    ['an explanation', 'draw with alltoken a cat --json'],
    ['no command', 'hello'],
    ['two commands', 'alltoken image, alltoken video'],
    ['one that is not asked for', 'never alltoken image this'],
    ['another failure', '/alltoken-image --size'],
  ])('describes %s', async (_what, message) => {
    const schema = await printedSchema();
    const world = fakeDeps();
    await world.run(
      'slash',
      '--explain',
      ...(message.includes('--json') ? [] : ['--json']),
      message,
    );
    expect(schema.safeParse(world.json()).success, world.out()).toBe(true);
    expect(schema.safeParse({ ...world.json(), ok: 1 }).success).toBe(false);
  });
});
