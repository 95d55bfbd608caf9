import { describe, expect, test } from 'vitest';
import {
  answerWell,
  ask,
  chat,
  type Reply,
  stream,
  untilPrinted,
  worldAt,
} from '../../helpers/ask.ts';
import { chunk, goodStream, startServer } from '../../helpers/server.ts';

const end = `${chunk({}, 'stop')}data: [DONE]\n\n`;

/** An answer in these pieces, each in an event and a packet of its own. */
function pieces(...texts: string[]): Reply {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const content of texts) {
      response.write(chunk({ content }));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    response.end(end);
  };
}

const escapes =
  'a\u001b[31mred\u001b[0m\u001b]0;title\u0007\u001bP1$r q\u001b\\\u009b1m\u202egnp\u202c\u0008\u007f\r\tb';

describe('the text of an answer', () => {
  test('is byte for byte the same in a pipe', async () => {
    const { world } = await ask(stream(chunk({ content: escapes }), end));
    expect(world.out()).toBe(`${escapes}\n`);
  });

  test('holds no control sequence on a terminal', async () => {
    const { world } = await ask(stream(chunk({ content: escapes }), end), ['Hi'], {
      stdoutIsTerminal: true,
    });
    expect(world.out()).toBe('aredgnp b\n');
  });

  test('holds none with --no-markdown either', async () => {
    const { world } = await ask(stream(chunk({ content: escapes }), end), ['--no-markdown', 'Hi'], {
      stdoutIsTerminal: true,
    });
    expect(world.out()).toBe('aredgnp\tb\n');
  });

  test('is stripped on a terminal also where a sequence is cut in two', async () => {
    const { world } = await ask(pieces('a\u001b', '[3', '1mred\u001b]0;ti', 'tle\u0007b'), ['Hi'], {
      stdoutIsTerminal: true,
    });
    expect(world.out()).toBe('aredb\n');
  });

  test.each([
    ['no line end', 'Hi', 'Hi\n'],
    ['one', 'Hi\n', 'Hi\n'],
    ['two', 'Hi\n\n', 'Hi\n\n'],
    ['only one', '\n', '\n'],
    ['CRLF', 'Hi\r\n', 'Hi\r\n'],
  ])('that ends with %s ends with one at least', async (_what, text, printed) => {
    const { world } = await ask(stream(chunk({ content: text }), end));
    expect(world.out()).toBe(printed);
  });

  test('is over with [DONE]', async () => {
    const { world } = await ask(stream(goodStream('Hi'), chunk({ content: ' there' })));
    expect(world.out()).toBe('Hi\n');
  });

  test('that is empty prints nothing', async () => {
    const { code, world } = await ask(stream(end));
    expect(code).toBe(0);
    expect(world.out()).toBe('');
  });

  test.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('comes whole over lines that end in %s', async (_what, lineEnd) => {
    const { code, world } = await ask(
      stream(goodStream('Grüße, 漢字 👍🏽').replaceAll('\n', lineEnd)),
    );
    expect(code).toBe(0);
    expect(world.out()).toBe('Grüße, 漢字 👍🏽\n');
    expect(world.err()).toContain('cost=$0.0000188000');
  });

  test('comes whole when every byte is a packet of its own', async () => {
    const bytes = Buffer.from(`\ufeff${goodStream('é漢👍')}`);
    const { code, world } = await ask(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const byte of bytes) {
        response.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    expect(code).toBe(0);
    expect(world.out()).toBe('é漢👍\n');
  });

  test('keeps a character whole whose halves come in two events', async () => {
    const server = await startServer(pieces('a\ud83d', '\udc4db'));
    const world = worldAt(server);
    const bytes: Buffer[] = [];
    const write = async (text: string): Promise<void> => void bytes.push(Buffer.from(text));
    Object.assign(world.deps, { stdout: { isTerminal: false, columns: undefined, write } });
    expect(await chat(world, 'Hi')).toBe(0);
    expect(Buffer.concat(bytes).toString()).toBe('a👍b\n');
  });

  test('arrives as it is made', async () => {
    let goOn = (): void => {};
    const seen = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const server = await startServer(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'first' }));
      await seen;
      response.end(chunk({ content: ' last' }) + end);
    });
    const world = worldAt(server);
    const running = chat(world, 'Hi');
    await untilPrinted(world, 'first');
    goOn();
    expect(await running).toBe(0);
    expect(world.out()).toBe('first last\n');
  });

  test('of a reply in one piece is printed too', async () => {
    const body = JSON.stringify({
      id: 'chatcmpl-2',
      model: 'gpt-5.4-mini-2026',
      choices: [
        { index: 0, message: { role: 'assistant', content: 'Whole' }, finish_reason: 'stop' },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
      'x-gateway-request-id': 'req-body',
    });
    const reply: Reply = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(body);
    };
    const { code, server, world } = await ask(reply, ['--no-stream', 'Hi', '--json']);
    expect(code).toBe(0);
    expect(server.requests[0]?.json).toMatchObject({ stream: false });
    expect(server.requests[0]?.json).not.toHaveProperty('stream_options');
    expect(world.json()).toMatchObject({
      id: 'chatcmpl-2',
      model: 'gpt-5.4-mini-2026',
      text: 'Whole',
      request_id: 'req-body',
      cost: { amount: null, source: 'unknown' },
      usage: { total_tokens: 3 },
    });
  });

  test('of a gateway that streams though asked not to is read all the same', async () => {
    const { code, world } = await ask(answerWell, ['--no-stream', 'Hi']);
    expect(code).toBe(0);
    expect(world.out()).toBe('Hello wörld\n');
  });
});
