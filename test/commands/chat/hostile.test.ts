import { describe, expect, test } from 'vitest';
import { ask, chat, worldAt } from '../../helpers/ask.ts';
import { chunk, goodStream, pause, sendStream, startServer } from '../../helpers/server.ts';

const streamError = 'data: {"error":{"code":"all_providers_failed","message":"no one"}}\n\n';

describe('chat against servers and readers that are not kind', () => {
  test('an empty finish reason is none: a cut answer stays cut', async () => {
    const { code, world } = await ask((response) =>
      sendStream(response, chunk({ content: 'half an' }, '') + chunk({ content: ' ans' }, '')),
    );
    expect(code).toBe(40);
    expect(world.out()).toBe('half an ans\n');
  });

  test('stderr that cannot be written costs no answer', async () => {
    const server = await startServer((response) => sendStream(response, goodStream()));
    const world = worldAt(server);
    const write = async (): Promise<void> => {
      throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    };
    Object.assign(world.deps, { stderr: { isTerminal: false, columns: undefined, write } });
    expect(await world.run('chat', '-v', 'Hi')).toBe(0);
    expect(world.out()).toBe('Hello wörld\n');
    expect(world.ledger().at(-1)).toMatchObject({ event: 'outcome', exit: 0, billed: 'yes' });
  });

  test('a slow reader of ours is not a silent server', async () => {
    let read = (): void => {};
    const firstWords = new Promise<void>((resolve) => {
      read = resolve;
    });
    const server = await startServer(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'one ' }));
      await firstWords;
      const rest = [chunk({ content: 'two' }), chunk({}, 'stop'), 'data: [DONE]\n\n'];
      response.end(`${rest.join('')}: {"cost":"0.1"}\n\n`);
    });
    const world = worldAt(server, { timers: 'by hand' });
    let text = '';
    const write = async (more: string): Promise<void> => {
      await world.clock.pass(600);
      text += more;
      read();
    };
    Object.assign(world.deps, { stdout: { isTerminal: false, columns: undefined, write } });
    expect(await chat(world, '--idle-timeout', '0.3', 'Hi')).toBe(0);
    expect(text).toBe('one two\n');
    expect(world.err()).toContain('cost=$0.1 (gateway)');
  });

  test.each([
    [
      'a tool call',
      chunk({ tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '{' } }] }),
    ],
    [
      'its usage',
      'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10}}\n\n',
    ],
  ])('an error after %s had come buys nothing a second time', async (_what, begin) => {
    const { code, world, server } = await ask(
      (response) => sendStream(response, begin + streamError),
      ['--fallback', 'gpt-5.4', 'Hi'],
    );
    expect(code).toBe(41);
    expect(server.requests).toHaveLength(1);
    expect(world.ledger().at(-1)).toMatchObject({ exit: 41, billed: 'unknown' });
  });

  test('an error before anything came is the verdict that it says, and may fall back', async () => {
    const { code, server } = await ask(
      (response, _request, count) => sendStream(response, count === 1 ? streamError : goodStream()),
      ['--fallback', 'gpt-5.4', 'Hi'],
    );
    expect(code).toBe(0);
    expect(server.requests).toHaveLength(2);
  });

  test('a 503 whose error is a bare string is somebody in between: 46, asked once', async () => {
    const { code, server } = await ask((response) => {
      response.writeHead(503, { 'content-type': 'application/json' });
      response.end('{"error":"upstream connect error"}');
    });
    expect(code).toBe(46);
    expect(server.requests).toHaveLength(1);
  });

  test('a byte order mark in pieces costs no words', async () => {
    const { world } = await ask(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(Buffer.from([0xef]));
      await pause(30);
      response.write(Buffer.from([0xbb, 0xbf]));
      await pause(30);
      response.end(goodStream('first second'));
    });
    expect(world.out()).toBe('first second\n');
  });

  test('words of other choices stay out, however alike the chunks are', async () => {
    const one = (index: number, content: string): string =>
      `{"index":${index},"delta":{"content":"${content}"},"finish_reason":null}`;
    const piece = (content: string, other: string): string =>
      `data: {"choices":[${one(1, other)},${one(0, content)}]}\n\n`;
    const body = piece('A0', 'B0') + piece('A1', 'B1') + piece('A2', 'B1') + chunk({}, 'stop');
    const { world } = await ask((response) => sendStream(response, body));
    expect(world.out()).toBe('A0A1A2\n');
  });

  test('the same words in another field are not taken for the answer', async () => {
    const piece = (content: string, other: string): string =>
      `data: {"choices":[{"index":0,"delta":{"content": "${content}"}}],"meta":{"content":"${other}"}}\n\n`;
    const body = piece('x', 'x') + piece('x', 'WRONG') + piece('y', 'x') + chunk({}, 'stop');
    const { world } = await ask((response) => sendStream(response, body));
    expect(world.out()).toBe('xxy\n');
  });

  test('--timeout that is over before anything was sent is 33, and nothing was bought', async () => {
    const server = await startServer((response) => sendStream(response, goodStream()));
    const world = worldAt(server, { stdin: 'prompt' });
    const { stdin } = world.deps;
    const late = {
      isTerminal: false,
      async *chunks() {
        await pause(150);
        yield* stdin.chunks();
      },
    };
    Object.assign(world.deps, { stdin: late });
    expect(await chat(world, '--timeout', '0.1', '-')).toBe(33);
    expect(server.requests).toHaveLength(0);
    expect(world.err()).toContain('before the request was sent');
  });

  test('a hint never says that something may be billed when nothing was', async () => {
    const server = await startServer((response) => {
      response.writeHead(429, { 'retry-after': '5', 'content-type': 'application/json' });
      response.end('{"error":{"code":"rate_limited","message":"slow down"}}');
    });
    const world = worldAt(server);
    const { clock } = world.deps;
    Object.assign(world.deps, {
      clock: {
        ...clock,
        sleep: async () => {
          world.signal('SIGINT');
          throw world.deps.signal.reason;
        },
      },
    });
    expect(await chat(world, '--json', 'Hi')).toBe(130);
    expect(world.json()).toMatchObject({ error: { name: 'sigint', billed: 'no', hint: null } });
  });
});

describe('--max-cost is not got round', () => {
  test.each([
    [
      'the other name of the limit',
      ['--max-tokens', '1', '--param', 'max_completion_tokens=100000'],
    ],
    ['thinking', ['--max-tokens', '1', '--thinking', '100000']],
    ['thinking without a budget', ['--max-tokens', '1', '--thinking']],
    ['a field that nobody knows', ['--max-tokens', '1', '--param', 'models=["gpt-5.4-pro"]']],
  ])('27: by %s', async (_how, flags) => {
    const server = await startServer((response, request) => {
      const list = '{"data":[{"id":"gpt-5.4-nano","input_price":"0.2","output_price":"100"}]}';
      if (request.path.includes('models')) response.end(list);
      else sendStream(response, goodStream());
    });
    const world = worldAt(server, { now: Date.now });
    expect(await world.run('config', 'doctor')).toBe(0);
    const asked = server.requests.length;
    expect(
      await chat(world, '-m', 'gpt-5.4-nano', '--max-cost', '0.01', ...flags, '--', 'Hi'),
    ).toBe(27);
    expect(server.requests).toHaveLength(asked);
  });
});
