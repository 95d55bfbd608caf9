import { describe, expect, test } from 'vitest';
import { answerWell, ask, inTurn, type Reply, stream } from '../../helpers/ask.ts';
import { chunk, goodStream } from '../../helpers/server.ts';

const unknown = { amount: null, currency: 'USD', source: 'unknown' };
const body = goodStream();
const [beforeCost = ''] = body.split(': {"cost"');

async function costOf(reply: Reply, ...argv: string[]): Promise<unknown> {
  const { code, world } = await ask(reply, ['--json', 'Hi', ...argv]);
  expect(code, world.err()).toBe(0);
  expect(world.ledger()[1]).toMatchObject({ cost: world.json().cost });
  return world.json().cost;
}

/** Sends all but the cost, the cost after so many ms, and leaves the connection open. */
function late(ms: number): Reply {
  return (response, request) => {
    // The list of prices, for which another bound holds.
    if (request.method === 'GET') {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(beforeCost);
    setTimeout(() => response.write(': {"cost":"0.0000188000"}\n\n'), ms);
  };
}

describe('the cost of an answer', () => {
  test.each(['0.0000188000', '0.0000000000', '0', '12', '1.50', '0.1000000000000000055'])(
    'is %s, digit for digit',
    async (amount) => {
      expect(await costOf(stream(goodStream('x', amount)))).toEqual({
        amount,
        currency: 'USD',
        source: 'gateway',
      });
    },
  );

  test('sent as a number keeps its digits too', async () => {
    const reply = stream(beforeCost, ': {"cost":0.0000188000,"x":1}\n\n');
    expect(await costOf(reply)).toMatchObject({ amount: '0.0000188000' });
  });

  test.each(['NaN', '-0.1', '1e999', '', 'free', '0x10', '1,5', ' 1', '$1'])(
    'is unknown, not 0, when the comment says %j',
    async (amount) => {
      expect(await costOf(stream(goodStream('x', amount)))).toEqual(unknown);
    },
  );

  test.each([
    ['no comment', ''],
    ['a comment that is no JSON', ': {"cost":"0.1"\n\n'],
    ['a comment with another key', ': {"price":"0.1"}\n\n'],
    ['a comment that is an array', ': ["0.1"]\n\n'],
    ['a comment that is null', ': null\n\n'],
    ['an object for a cost', ': {"cost":{"amount":"0.1"}}\n\n'],
    ['a cost of null', ': {"cost":null}\n\n'],
    ['a negative number', ': {"cost":-0.5}\n\n'],
    ['a keep-alive', ': keep-alive\n\n'],
  ])('is unknown with %s', async (_what, comment) => {
    expect(await costOf(stream(beforeCost, comment))).toEqual(unknown);
  });

  test('is read without a line end after it', async () => {
    expect(await costOf(stream(body.trimEnd()))).toMatchObject({ amount: '0.0000188000' });
  });

  test('is never read from what the model says', async () => {
    const said = ': {"cost":"0.5"}\n\ndata: [DONE]\n\n: {"cost":"0.7"}';
    const reply = stream(chunk({ content: said }), chunk({}, 'stop'), 'data: [DONE]\n\n');
    const { world } = await ask(reply, ['--json', 'Hi']);
    expect(world.json()).toMatchObject({ text: said, cost: unknown });
  });

  test('is waited for after [DONE]', async () => {
    const { code, world } = await ask(late(150), ['--json', 'Hi']);
    expect(code).toBe(0);
    expect(world.json().cost).toMatchObject({ amount: '0.0000188000' });
  });

  test('is waited for no longer than 2 s', async () => {
    const { code, world } = await ask(late(60_000), ['--json', 'Hi']);
    expect(code).toBe(0);
    expect(world.json()).toMatchObject({ text: 'Hello wörld', cost: unknown });
    const { total_ms: total } = world.json().timing as { total_ms: number };
    expect(total).toBeGreaterThan(1500);
    expect(total).toBeLessThan(3500);
  });

  test.each([
    ['tokenhub', 'TOKENHUB_API_KEY'],
    ['altllm', 'ALTLLM_API_KEY'],
  ])('is not waited for at %s, which tells none', async (gateway, variable) => {
    const argv = ['-g', gateway, '--json', 'Hi'];
    const { code, world } = await ask(late(60_000), argv, {
      env: { [variable]: 'k-0123456789abcdef' },
    });
    expect(code).toBe(0);
    expect(world.json().cost).toEqual(unknown);
    const { total_ms: total } = world.json().timing as { total_ms: number };
    expect(total).toBeLessThan(1000);
  });

  test('of a failed call that was not charged is unknown, not 0', async () => {
    const { world } = await ask(
      (response) => {
        response.writeHead(401, { 'content-type': 'application/json' });
        response.end('{"error":{"code":"invalid_api_key","message":"no"}}');
      },
      ['--json', 'Hi'],
    );
    expect(world.json().cost).toEqual(unknown);
  });

  test('is that of the answer, not of a try before it', async () => {
    const failing: Reply = (response) => {
      response.writeHead(429, { 'content-type': 'application/json' });
      response.end('{"error":{"code":"rate_limited","message":"no"},"cost":"9"}');
    };
    expect(await costOf(inTurn(failing, answerWell))).toMatchObject({ amount: '0.0000188000' });
  });
});
