import { describe, expect, test } from 'vitest';
import { answerWell, chat, stalledStream, untilPrinted, worldAt } from '../../helpers/ask.ts';
import { expectFailureDocument } from '../../helpers/expect-failure.ts';
import { chunk, startServer } from '../../helpers/server.ts';

const begun = chunk({ role: 'assistant', content: 'Once upon' });

describe('chat stops when it is told to', () => {
  const signals = [
    ['SIGHUP', 129, 'sighup'],
    ['SIGINT', 130, 'sigint'],
    ['SIGTERM', 143, 'sigterm'],
  ] as const;

  test.each(signals)(
    '%s in the middle of the answer: %d, what came stays',
    async (signal, exit, name) => {
      const server = await startServer(stalledStream(begun));
      const world = worldAt(server);
      const running = chat(world, 'Hi');
      await untilPrinted(world, 'Once upon');
      world.signal(signal);
      expect(await running).toBe(exit);
      expect(world.out()).toBe('Once upon\n');
      expect(world.err()).toMatch(
        new RegExp(`^alltoken: stopped by ${signal} \\[${name}.*\\]$`, 'm'),
      );
      expect(world.ledger()[1]).toMatchObject({ exit, billed: 'unknown' });
    },
  );

  test.each(signals)(
    '%s before the first byte: %d, outcome unknown',
    async (signal, exit, name) => {
      let stop = (): void => {};
      const server = await startServer(() => stop());
      const world = worldAt(server);
      stop = () => world.signal(signal);
      const code = await chat(world, 'Hi', '--json');
      expectFailureDocument(
        { code, world, server },
        {
          exit,
          name,
          code: null,
          message: new RegExp(`stopped by ${signal}`),
          hint: /may have been billed/,
          billed: 'unknown',
          requests: 1,
          inLedger: true,
        },
      );
      expect(server.requests).toHaveLength(1);
    },
  );

  test('while it waits for a retry: nothing was bought', async () => {
    let stop = (): void => {};
    const reply = (response: Parameters<typeof answerWell>[0]): void => {
      response.writeHead(503, { 'content-type': 'application/json' });
      response.end('{"error":{"code":"all_providers_failed","message":"no"}}');
      stop();
    };
    const server = await startServer(reply);
    const world = worldAt(server);
    world.deps.clock.sleep = async (_ms, signal) => {
      world.signal('SIGINT');
      throw signal.reason;
    };
    stop = () => {};
    expect(await chat(world, 'Hi', '--json')).toBe(130);
    expect(world.json().error).toMatchObject({ name: 'sigint', billed: 'no' });
    expect(server.requests).toHaveLength(1);
  });

  test('while it waits for standard input: nothing was sent', async () => {
    const server = await startServer(answerWell);
    const world = worldAt(server, { stdin: 'silent' });
    const running = chat(world, '-', '--json');
    setImmediate(() => world.signal('SIGINT'));
    expect(await running).toBe(130);
    expect(world.json().error).toMatchObject({ name: 'sigint', billed: 'no' });
    expect(server.requests).toEqual([]);
    expect(world.ledger()).toEqual([]);
  });
});
