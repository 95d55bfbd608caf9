import { describe, expect, test } from 'vitest';
import { chatDocumentSchema, chatEventSchema } from '../../../src/schemas/chat.ts';
import { answerWell, ask, envelope, errLines, events, stream, whole } from '../../helpers/ask.ts';
import { chunk, goodStream } from '../../helpers/server.ts';

describe('an error of chat', () => {
  test('stands on stderr in the form that is promised', async () => {
    const { world } = await ask(envelope(401, 'invalid_api_key'));
    expect(errLines(world)[0]).toBe(
      'alltoken: it is invalid_api_key [auth code=invalid_api_key request_id=req-err]',
    );
  });

  test('has a request id in document and ledger also when only the body tells it', async () => {
    const { world } = await ask(envelope(401, 'invalid_api_key'), ['Hi', '--json']);
    expect(world.json().request_id).toBe('req-err');
    expect(world.ledger()[1]).toMatchObject({ request_id: 'req-err' });
  });

  test('in the middle of a stream keeps the request id of the error', async () => {
    const error = '{"error":{"code":"upstream_error","message":"it fell","request_id":"req-in"}}';
    const reply = stream(chunk({ content: 'Once' }), `data: ${error}\n\n`);
    const { world } = await ask(reply, ['Hi', '--json']);
    expect(world.json().error).toMatchObject({ request_id: 'req-in' });
  });

  test('that was charged for says so', async () => {
    const cost = ': {"cost":"0.0000188000"}\n\n';
    const reply = stream(
      chunk({ content: 'On' }),
      chunk({}, 'content_filter'),
      'data: [DONE]\n\n',
      cost,
    );
    const { world } = await ask(reply, ['Hi', '--json']);
    expect(world.json()).toMatchObject({
      cost: { amount: '0.0000188000', source: 'gateway' },
      error: { exit: 26, billed: 'yes' },
    });
    expect(world.ledger()[1]).toMatchObject({ billed: 'yes', cost: { amount: '0.0000188000' } });
  });

  test.each(['Accès refusé\nligne deux', 'x'.repeat(3000)])(
    'is one line of 500 characters at most',
    async (message) => {
      const body = JSON.stringify({ error: { code: 'forbidden', message } });
      const { world } = await ask(whole(403, 'application/json', body), ['Hi', '--json']);
      const { message: shown } = world.json().error as { message: string };
      expect(shown.length).toBeLessThanOrEqual(500);
      expect(shown).not.toContain('\n');
      expect(errLines(world).filter((line) => line.startsWith('alltoken:'))).toHaveLength(1);
    },
  );

  test('cannot send control sequences to the terminal', async () => {
    const body = JSON.stringify({
      error: { code: 'forbidden', message: 'no \u001b[31mred\u001b]0;t\u0007' },
    });
    const { world } = await ask(whole(403, 'application/json', body), ['Hi']);
    expect(world.err()).not.toContain('\u001b');
    expect(world.err()).not.toContain('\u0007');
  });

  const shapes: [string, string][] = [
    ['{"error":{"type":"authentication_error","code":401,"message":"bad key"}}', 'bad key'],
    ['{"error":"bad key"}', 'bad key'],
    ['{"type":"error","error":{"type":"authentication_error","message":"bad key"}}', 'bad key'],
    [
      '{"ResponseMetadata":{"RequestId":"r-9","Error":{"Code":"Denied","Message":"bad key"}}}',
      'bad key',
    ],
    ['{"detail":[{"msg":"bad key"}]}', 'bad key'],
    ['{"error":{}}', 'HTTP 401'],
    ['{}', 'HTTP 401'],
    ['null', 'HTTP 401'],
    ['[]', 'HTTP 401'],
    ['"bad key"', 'bad key'],
    ['bad key', 'bad key'],
    ['', 'HTTP 401'],
  ];
  test.each(shapes)('of the shape %s is read', async (body, words) => {
    const { code, world } = await ask(whole(401, 'application/json', body), ['Hi', '--json']);
    expect(code).toBe(21);
    const { message } = world.json().error as { message: string };
    expect(message).toContain(words);
    expect(world.out() + world.err()).not.toMatch(/undefined|\[object|NaN/);
  });

  test('that repeats the key does not show it', async () => {
    const reply = (
      response: Parameters<typeof answerWell>[0],
      request: { headers: { authorization?: string | undefined } },
    ) => {
      const message = `Incorrect key: ${request.headers.authorization}`;
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ error: { code: message, type: message, message, request_id: message } }),
      );
    };
    for (const format of [[], ['--json'], ['--jsonl'], ['--debug']]) {
      const { code } = await ask(reply, ['Hi', ...format]);
      expect(code).toBe(21);
    }
  });

  test('is the last line of --jsonl, with its code', async () => {
    const { code, world } = await ask(envelope(402, 'insufficient_balance'), ['Hi', '--jsonl']);
    const all = events(world);
    expect(all.map(({ type }) => type)).toEqual(['start', 'error']);
    expect(all.at(-1)).toMatchObject({ exit: code, error: { exit: 22, name: 'balance' } });
    for (const event of all) expect(chatEventSchema.safeParse(event).success).toBe(true);
  });

  test('of the command line follows the schema of chat too', async () => {
    const json = await ask(answerWell, ['--json', '--temperature', '3', 'Hi']);
    expect(json.code).toBe(2);
    expect(chatDocumentSchema.safeParse(json.world.json()).success).toBe(true);
    const lines = await ask(answerWell, ['--jsonl', '--nonsense', 'Hi']);
    expect(events(lines.world).map(({ type }) => type)).toEqual(['error']);
    expect(chatEventSchema.safeParse(events(lines.world)[0]).success).toBe(true);
  });

  test.each(['{"id":"x","choices":[]}', '[]', '{}', '"Hello"', 'null'])(
    'for the reply %s says what is missing',
    async (body) => {
      const { code, world } = await ask(whole(200, 'application/json', body), ['Hi', '--json']);
      expect(code).toBe(41);
      // The status was fine, and an answer is no message.
      expect((world.json().error as { message: string }).message).toMatch(/answer|no event/);
    },
  );

  test('of an event without JSON is told in its own words', async () => {
    const { code, world } = await ask(stream('event: error\ndata: overloaded\n\n'), [
      'Hi',
      '--json',
    ]);
    expect(code).toBe(41);
    expect(world.json().error).toMatchObject({ message: 'overloaded' });
  });

  test('about a model of no known family promises no list that nobody prints', async () => {
    const { world } = await ask(envelope(404, 'model_not_found'), ['-m', 'zork-1', 'Hi']);
    expect(world.err()).not.toContain('list what there is: alltoken config doctor');
  });

  test('about --strict is told once', async () => {
    const cut = stream(goodStream().replace('"stop"', '"length"'));
    const { world } = await ask(cut, ['--strict', 'Hi']);
    expect(errLines(world).filter((line) => line.includes('token limit'))).toHaveLength(1);
  });

  test('of -q is still told', async () => {
    const { world } = await ask(envelope(401, 'invalid_api_key'), ['-q', 'Hi']);
    expect(errLines(world)).toHaveLength(2);
  });
});
