import { describe, expect, test } from 'vitest';
import {
  type Asked,
  answerWell,
  ask,
  cutStream,
  deadBaseUrl,
  envelope,
  errLines,
  events,
  inTurn,
  lostReply,
  type Reply,
  stream,
  whole,
} from '../../helpers/ask.ts';
import { chunk } from '../../helpers/server.ts';

const noProvider = envelope(503, 'all_providers_failed');
const noModel = envelope(404, 'model_not_found');

/** Models in the order they were asked. */
function models({ server }: Asked): unknown[] {
  return server.requests.map(({ json }) => json?.model);
}

const withFallback = (reply: Reply, ...argv: string[]): Promise<Asked> =>
  ask(reply, ['-m', 'gpt-5.4', '--fallback', 'glm-5,kimi-k2.6', 'Hi', ...argv]);

describe('chat --fallback', () => {
  test('asks the next model when no provider could answer, after the retries', async () => {
    const reply = inTurn(noProvider, noProvider, noProvider, answerWell);
    const asked = await withFallback(reply, '--json');
    expect(asked.code).toBe(0);
    expect(models(asked)).toEqual(['gpt-5.4', 'gpt-5.4', 'gpt-5.4', 'glm-5']);
    expect(asked.world.json()).toMatchObject({ requested_model: 'gpt-5.4', attempts: 4 });
  });

  test('asks the next model at once when the model is not there', async () => {
    const asked = await withFallback(inTurn(noModel, noModel, answerWell), '--json');
    expect(asked.code).toBe(0);
    expect(models(asked)).toEqual(['gpt-5.4', 'glm-5', 'kimi-k2.6']);
    expect(asked.world.json()).toMatchObject({ attempts: 3, requested_model: 'gpt-5.4' });
    expect(asked.world.sleeps).toEqual([]);
  });

  test('asks the next model when the first is rate limited', async () => {
    const reply = envelope(429, 'rate_limited', { 'retry-after': '300' });
    const asked = await withFallback(inTurn(reply, answerWell));
    expect(asked.code).toBe(0);
    expect(models(asked)).toEqual(['gpt-5.4', 'glm-5']);
  });

  test('says so on stderr and in --jsonl', async () => {
    const asked = await withFallback(inTurn(noModel, answerWell));
    expect(errLines(asked.world)[0]).toMatch(/^retry: gpt-5\.4: it is model_not_found.*glm-5/);
    const lines = await withFallback(inTurn(noModel, answerWell), '--jsonl');
    const all = events(lines.world);
    expect(all.map(({ type }) => type).slice(0, 3)).toEqual(['start', 'retry', 'start']);
    expect(all[1]).toMatchObject({ attempt: 2, model: 'glm-5', wait_ms: 0 });
    expect(all[2]).toMatchObject({ model: 'glm-5' });
  });

  test('keeps the books of each model apart', async () => {
    const { world } = await withFallback(inTurn(noModel, answerWell));
    expect(world.ledger()).toMatchObject([
      { event: 'intent', model: 'gpt-5.4' },
      { event: 'outcome', requested_model: 'gpt-5.4', exit: 24, billed: 'no', attempts: 1 },
      { event: 'intent', model: 'glm-5' },
      { event: 'outcome', requested_model: 'glm-5', exit: 0, billed: 'yes', attempts: 1 },
    ]);
    const calls = world.ledger().map(({ call }) => call);
    expect(calls[0]).toBe(calls[1]);
    expect(calls[2]).toBe(calls[3]);
  });

  test('ends with the error of the last model', async () => {
    const reply = inTurn(noModel, noModel, envelope(402, 'insufficient_balance'));
    const asked = await withFallback(reply, '--json');
    expect(asked.code).toBe(22);
    expect(asked.world.json()).toMatchObject({ attempts: 3, error: { name: 'balance' } });
  });

  test.each([
    ['401', envelope(401, 'invalid_api_key'), 21],
    ['402', envelope(402, 'insufficient_balance'), 22],
    ['403', envelope(403, 'forbidden'), 23],
    ['400', envelope(400, 'invalid_request'), 25],
    ['a content violation', envelope(400, 'upstream_content_violation'), 26],
    ['a lost reply', lostReply, 46],
    ['a 504 page', whole(504, 'text/html', '<html></html>'), 46],
    ['an HTML page', whole(200, 'text/html', '<html></html>'), 41],
    ['an answer that broke off', cutStream(chunk({ content: 'Once' })), 40],
    [
      'an answer that ended in an error',
      stream(
        chunk({ content: 'Once' }),
        'data: {"error":{"code":"upstream_error","message":"x"}}\n\n',
      ),
      40,
    ],
  ] as [string, Reply, number][])('asks nobody else after %s', async (_what, reply, exit) => {
    const asked = await withFallback(inTurn(reply, answerWell));
    expect(asked.code).toBe(exit);
    expect(models(asked)).toEqual(['gpt-5.4']);
  });

  test('asks nobody else when nobody can be reached', async () => {
    const env = { ALLTOKEN_BASE_URL: await deadBaseUrl() };
    const asked = await ask(answerWell, ['--fallback', 'glm-5', '--json', 'Hi'], { env });
    expect(asked.code).toBe(32);
    expect(asked.world.json()).toMatchObject({ attempts: 3 });
  });

  test('comes from the config, knows aliases, and asks no model twice', async () => {
    const config = {
      defaults: { chat: { fallback: ['fast', 'gpt-5.4-mini', 'fast'] } },
      aliases: { fast: 'gpt-5.4-nano' },
    };
    const asked = await ask(noModel, ['Hi'], { home: { 'config.json': config } });
    expect(asked.code).toBe(24);
    expect(models(asked)).toEqual(['gpt-5.4-mini', 'gpt-5.4-nano']);
  });

  test('is what the hint names after a 503: other models of the family', async () => {
    const { world } = await ask(noProvider, ['-m', 'glm-5', 'Hi']);
    expect(errLines(world).at(-1)).toMatch(/--fallback glm-/);
    expect(errLines(world).at(-1)).not.toMatch(/--fallback \S*glm-5(,|;| |$)/);
  });

  test('that was tried already is not what the hint names', async () => {
    const { world } = await ask(noProvider, ['-m', 'glm-5', '--fallback', 'glm-5.1', 'Hi']);
    expect(errLines(world).at(-1)).not.toMatch(/--fallback \S*glm-5(\.1)?(,|;| |$)/);
  });
});
