/** What the documents of the proxy advise: in terms of the request, and of flags that who started it has. */
import { expect, test } from 'vitest';
import { answerWell, worldAt } from '../helpers/ask.ts';
import { declaringContext } from '../helpers/declaring.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { openShop } from '../helpers/priced.ts';
import { startServer } from '../helpers/server.ts';
import {
  hello,
  type Reply,
  type ServedProxy,
  send,
  startProxy,
  type Wish,
} from '../helpers/serving.ts';
import { closedPort } from '../transport/sockets.ts';

/** The long names of the flags of a command; none where there is no such command. */
async function flagsOf(name: string): Promise<string[]> {
  const command = await declaringContext(fakeDeps().deps).declare(name);
  return command?.options.flatMap(({ long }) => (long == null ? [] : [long])) ?? [];
}

/** Every flag in a text is one of `serve` and `run` both, or of the command that is named before it. */
async function expectOwnFlags(text: string): Promise<void> {
  const [serve, run] = [await flagsOf('serve'), await flagsOf('run')];
  for (const part of text.split(/[,;:`] ?/)) {
    const named = /\balltoken ([a-z]+)/.exec(part)?.[1];
    const known =
      named === undefined ? serve.filter((flag) => run.includes(flag)) : await flagsOf(named);
    for (const [flag] of part.matchAll(/--[a-z][\w-]*/g)) expect(known, text).toContain(flag);
  }
}

async function expectGood({ json, body }: Reply, code?: string): Promise<string> {
  const { error } = json as {
    error: { code: string; message: string; alltoken?: { hint: string } };
  };
  if (code !== undefined) expect(error.code, body).toBe(code);
  await expectOwnFlags(error.message);
  const hint = error.alltoken?.hint ?? '';
  await expectOwnFlags(hint);
  expect(hint).not.toMatch(/same command/);
  return hint;
}

test('a call above --max-cost is told of max_tokens, and of the flag of the proxy', async () => {
  const { server } = await openShop();
  const at = await startProxy(worldAt(server), '--max-cost', '0.0005');
  const hint = await expectGood(await send(at, { body: hello({ max_tokens: 100 }) }), 'max_cost');
  expect(hint).toMatch(
    /^allow less: send (a lower max_tokens|max_tokens) .*, or allow more: start the proxy with --max-cost 0\.001\d*$/,
  );
});

const limited: Wish = { body: hello({ max_tokens: 100 }) };
const open: Wish = { body: hello() };

test.each([
  ['budget_day', { day: '0.0005' }, [], limited],
  ['budget_call', { call: '0.0005' }, [], limited],
  ['budget_day', { day: '0.00001' }, [], open],
  ['max_cost', null, ['--max-cost', '0.00001'], open],
  ['max_cost', null, [], { ...limited, headers: { 'x-alltoken-max-cost': '0.0005' } }],
  ['cost_unbounded', null, ['--max-cost', '1'], { body: hello({ model: 'none', max_tokens: 5 }) }],
  [
    'cost_unbounded',
    null,
    ['--max-cost', '1'],
    { path: '/v1/images/generations', body: { model: 'm', prompt: 'x' } },
  ],
  ['bad_header', null, [], { ...limited, headers: { 'x-alltoken-max-cost': 'much' } }],
  ['model', null, ['--model-allow', 'glm-*'], limited],
  ['too_large', null, ['--max-body', '10'], limited],
  ['proxy_token', null, [], { ...limited, headers: { authorization: 'Bearer no' } }],
  ['host', null, [], { ...limited, headers: { host: 'elsewhere.example' } }],
  ['origin', null, [], { ...limited, headers: { origin: 'https://elsewhere.example' } }],
  ['not_served', null, [], { path: '/chat/completions', body: {} }],
  ['unknown_call', null, [], { path: '/alltoken/v1/calls/none' }],
] as [string, object | null, string[], Wish][])(
  'a refusal names no flag of another command: %s %j %j',
  async (code, budget, argv, wish) => {
    const { server } = await openShop();
    const home = budget === null ? {} : { 'config.json': { budget } };
    await expectGood(await send(await startProxy(worldAt(server, { home }), ...argv), wish), code);
  },
);

test('calls that run are waited for longer with --hold of the proxy', async () => {
  let free = (): void => {};
  const { server, chats } = await openShop((...reply) => {
    free = () => answerWell(...reply);
  });
  const world = worldAt(server, { home: { 'config.json': { budget: { day: '0.0025' } } } });
  const at = await startProxy(world, '--hold', '0');
  const first = send(at, limited);
  await expect.poll(() => chats()).toHaveLength(1);
  const hint = await expectGood(await send(at, { body: hello({ max_tokens: 150 }) }));
  expect(hint).toBe('send the same request again, or wait longer: start the proxy with --hold 30');
  free();
  await first;
});

const wishes: Wish[] = [
  limited,
  { body: hello({ stream: true }) },
  { path: '/v1/images/generations', body: { model: 'gpt-image-2', prompt: 'A cat' } },
  { path: '/v1/videos/generations', body: { model: 'seedance-1.5-pro', prompt: 'A boat' } },
  { path: '/v1/models' },
];

async function expectAllGood(at: ServedProxy): Promise<void> {
  for (const wish of wishes) {
    const reply = await send(at, wish);
    if (reply.json !== null && 'error' in reply.json) await expectGood(reply);
  }
}

test.each([
  'no-balance',
  'rate-limit',
  'html',
  'redirect',
  'lost-reply',
  'empty',
  'envelope-200',
  'bad-gateway',
])('a failure of the gateway names no flag of another command: %s', async (fault) => {
  const world = fakeDeps({ env: { ALLTOKEN_SANDBOX_FAULT: fault } });
  await expectAllGood(await startProxy(world, '-g', 'sandbox'));
});

test('nor does a gateway that cannot be reached, or has no route', async () => {
  const env = {
    ALLTOKEN_BASE_URL: `http://127.0.0.1:${await closedPort()}/v1`,
    ALLTOKEN_API_KEY: 'sk-at-0000111122223333',
  };
  const proxy = await startProxy(fakeDeps({ env }));
  await expectAllGood(proxy);
  const reply = await send(proxy, { body: hello() });
  expect(await expectGood(reply, 'network')).not.toBe('');
  const server = await startServer((response) => {
    response.writeHead(404, { 'content-type': 'text/plain' });
    response.end('404 page not found');
  });
  await expectAllGood(await startProxy(worldAt(server)));
});
