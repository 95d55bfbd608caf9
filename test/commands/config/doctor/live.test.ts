import { readFileSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../../../src/sandbox/start.ts';
import { errLines, expectNoKey, filesBelow } from '../../../helpers/ask.ts';
import { type Check, checks, doctor, doctorKey as key } from '../../../helpers/doctor.ts';
import { fakeClock } from '../../../helpers/fake-clock.ts';
import type { FakeOptions, FakeWorld } from '../../../helpers/fake-deps.ts';
import { type Received, startServer, type TestServer } from '../../../helpers/server.ts';

/** A reply of the sandbox on its way, to be broken. */
interface Passing {
  path: string;
  sent: Record<string, unknown> | null;
  headers: Record<string, string>;
  /** Of those that ask for the same path, from 1. */
  count: number;
  status: number;
  body: string;
}

interface Break {
  /** Before it is passed on. */
  request?(headers: Record<string, string>, path: string): void;
  reply?(passing: Passing): void;
}

/** AllToken's wire, by the sandbox, with one fact of it broken. */
async function gateway(breaks: Break = {}): Promise<TestServer> {
  const sandbox = await startSandbox({ port: 0, faults: [], clock: fakeClock() });
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => {
    agent.destroy();
    return sandbox.close();
  });
  const { origin } = new URL(sandbox.baseUrl);
  const counts = new Map<string, number>();
  return startServer(async (response, received: Received) => {
    const { method, path, body, json } = received;
    const headers: Record<string, string> = {};
    for (const name of ['authorization', 'content-type', 'accept', 'idempotency-key']) {
      const value = received.headers[name];
      if (typeof value === 'string') headers[name] = value;
    }
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    breaks.request?.(headers, path);
    const answer = await ask(`${origin}${path}`, { method, headers, agent }, body);
    const passing: Passing = { path, sent: json, count, ...answer };
    for (const name of ['content-length', 'transfer-encoding', 'connection', 'keep-alive'])
      delete passing.headers[name];
    breaks.reply?.(passing);
    response.writeHead(passing.status, passing.headers).end(passing.body);
  });
}

/** Some thousand times in this file: with the global fetch the file takes a fifth more CPU. */
function ask(
  url: string,
  options: RequestOptions,
  body: string,
): Promise<Pick<Passing, 'status' | 'headers' | 'body'>> {
  return new Promise((resolve, reject) => {
    const asking = request(url, options, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => {
        const headers = Object.entries(answer.headers).map(([name, value]) => [
          name,
          String(value),
        ]);
        resolve({
          status: answer.statusCode ?? 0,
          headers: Object.fromEntries(headers),
          body: text,
        });
      });
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

async function live(
  server: TestServer,
  argv: readonly string[] = [],
  options: FakeOptions & { config?: object } = {},
): Promise<{ code: number; world: FakeWorld }> {
  const { config, ...rest } = options;
  return doctor(
    ['--live', '--base-url', server.baseUrl, ...argv],
    { ...rest, env: { ALLTOKEN_API_KEY: key, ...rest.env } },
    (world) => {
      if (config !== undefined) world.write('config.json', JSON.stringify(config));
    },
  );
}

const named = (world: FakeWorld, state: (check: Check & { skipped?: true }) => boolean): string[] =>
  checks(world)
    .filter(state)
    .map(({ name }) => name);
const failed = (world: FakeWorld): string[] => named(world, ({ ok }) => !ok);
const warned = (world: FakeWorld): string[] => named(world, ({ warning }) => warning);
const skipped = (world: FakeWorld): string[] => named(world, (check) => check.skipped === true);

const posts = ({ requests }: TestServer): Received[] =>
  requests.filter(({ method }) => method === 'POST');

const all = [
  ...['versions', 'config', 'permissions', 'gateway', 'proxy', 'state', 'key', 'models', 'clock'],
  ...['model lists', 'catalogue', 'boards', 'wrong key', 'unknown model', 'stream'],
  ...[
    'end of stream',
    'finish reason',
    'usage',
    'model name',
    'cost',
    'list prices',
    'rate limits',
  ],
  ...['request id', 'whole reply', 'search', 'image', 'idempotency', 'image state'],
];

describe('config doctor --live', () => {
  test('finds that the gateway keeps to its wire, a line each', async () => {
    const { code, world } = await live(await gateway());
    expect(code, world.out()).toBe(0);
    const rows = world
      .out()
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(rows.map(([mark, name]) => `${mark} ${name}`)).toEqual(all.map((name) => `ok ${name}`));
  });

  test('says first what it can cost, and keeps the books', async () => {
    const { world } = await live(await gateway(), ['--tag', 'check']);
    expect(errLines(world)[0]).toMatch(
      /^5 small paid calls to AllToken: at most \$0\.0\d+ by its prices, and never more than \$0\.05$/,
    );
    const lines = world.ledger();
    expect(lines.map(({ event }) => event)).toEqual(
      Array.from({ length: 5 }, () => ['intent', 'outcome']).flat(),
    );
    for (const line of lines)
      expect(line).toMatchObject({
        command: 'config doctor',
        gateway: 'alltoken',
        tags: ['check'],
      });
    expect(lines[1]).toMatchObject({ exit: 24, billed: 'no' });
    expect(lines[3]).toMatchObject({ exit: 0, cost: { source: 'gateway' } });
    expect(lines[5]).toMatchObject({ exit: 0, cost: { source: 'catalog' } });
  });

  test('writes a report without the key, which --json names', async () => {
    const { world } = await live(await gateway(), ['--json']);
    expect(world.json()).toMatchObject({
      ok: true,
      live: { cap: '0.05', spent: expect.stringMatching(/^0\.04\d+$/), calls: 5 },
    });
    const { report } = world.json().live as { report: string };
    const document = JSON.parse(readFileSync(report, 'utf8')) as Record<string, unknown>;
    expect(document).toMatchObject({ schema: 'alltoken.doctor_report.v1', gateway: 'alltoken' });
    const exchanges = document.exchanges as Record<string, unknown>[];
    expect(new Set(exchanges.map(({ check }) => check)).size).toBe(9);
    expect(exchanges.find(({ check }) => check === 'stream')).toMatchObject({
      method: 'POST',
      status: 200,
      headers: { 'content-type': expect.stringContaining('text/event-stream') },
      body: expect.stringContaining('data: [DONE]'),
    });
    expect(readFileSync(report, 'utf8')).not.toContain(world.home);
    expectNoKey(world, key);
  });

  test('redacts a key that the gateway repeats', async () => {
    const server = await gateway({
      reply: (passing) => {
        if (passing.sent === null) return;
        passing.status = 400;
        passing.headers = { 'content-type': 'application/json' };
        passing.body = JSON.stringify({ error: { code: 'odd', message: `not with ${key}` } });
      },
    });
    const { world } = await live(server, ['--json']);
    expect(failed(world)).toContain('stream');
    expectNoKey(world, key);
  });

  test('puts the report where it is told, and overwrites nothing', async () => {
    const server = await gateway();
    const { code, world } = await live(server, ['--report', 'report.json']);
    expect(code).toBe(0);
    expect(Object.keys(filesBelow(world.home))).toContain('report.json');
    const before = posts(server).length;
    const again = await doctor(
      ['--live', '--base-url', server.baseUrl, '--report', join(world.home, 'report.json')],
      { env: { ALLTOKEN_API_KEY: key } },
    );
    expect(again.code).toBe(50);
    expect(posts(server)).toHaveLength(before);
  });

  test('asks the sandbox in this process, too', async () => {
    const { code, world } = await doctor(['--live', '-g', 'sandbox', '--json']);
    expect(code, world.out()).toBe(0);
    expect(checks(world).map(({ name }) => name)).toEqual(all);
  });

  test.each([[['--max-cost', '0.01']], [['--report', 'x.json']], [['--tag', 'x']]])(
    '2: %j without --live',
    async (argv) => {
      const { code, world } = await doctor(argv);
      expect(code).toBe(2);
      expect(errLines(world).at(-1)).toBe('hint: alltoken config doctor --live');
    },
  );

  test('buys nothing where the free checks fail', async () => {
    const server = await gateway();
    const argv = ['--live', '--json', '--base-url', server.baseUrl];
    const { code, world } = await doctor(argv, { env: { ALLTOKEN_API_KEY: 'sk-at-invalid' } });
    expect(code).toBe(21);
    expect(posts(server)).toEqual([]);
    expect(world.json().live).toBeUndefined();
  });
});

describe('the money of config doctor --live', () => {
  test.each([
    ['0.04', ['image']],
    ['0.001', ['search', 'image']],
    ['0.00001', ['unknown model', 'stream', 'whole reply', 'search', 'image']],
  ])('stays under a cap of $%s', async (cap, left) => {
    const server = await gateway();
    const { code, world } = await live(server, ['--json', '--max-cost', cap]);
    expect(code, world.out()).toBe(0);
    expect(skipped(world)).toEqual(left);
    const { spent } = world.json().live as { spent: string };
    expect(Number(spent)).toBeLessThanOrEqual(Number(cap));
    expect(posts(server)).toHaveLength(5 - left.length + (left.includes('image') ? 0 : 1));
  });

  test('is held against the budget of the config, too', async () => {
    const server = await gateway();
    const config = { budget: { day: '0.00001' } };
    const { code, world } = await live(server, ['--json'], { config });
    expect(code).toBe(27);
    expect(posts(server)).toEqual([]);
    expect(failed(world)).toContain('stream');
  });

  test('27 where no price is known: a cap could hold nothing', async () => {
    const server = await gateway({
      reply: (passing) => {
        if (passing.path === '/api-account/models')
          passing.body = passing.body.replaceAll('_price"', '_was"');
      },
    });
    const config = {
      gateways: { mine: { kind: 'tokenhub', base_url: server.baseUrl, api_key_env: 'MINE' } },
    };
    const { code, world } = await doctor(
      ['--live', '--json', '-g', 'mine'],
      { env: { MINE: key } },
      (of) => void of.write('config.json', JSON.stringify(config)),
    );
    expect(code).toBe(27);
    expect(world.json()).toMatchObject({ error: { code: 'cost_unbounded' } });
    expect(posts(server)).toEqual([]);
  });

  test('needs no price where nobody can be charged', async () => {
    const server = await gateway();
    const config = { gateways: { mine: { kind: 'openai', base_url: server.baseUrl } } };
    const { code, world } = await doctor(
      ['--live', '--json', '-g', 'mine'],
      {},
      (of) => void of.write('config.json', JSON.stringify(config)),
    );
    expect(code, world.out()).toBe(0);
    expect(posts(server).map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

const isStream = ({ sent }: Passing): boolean =>
  sent?.stream === true && sent.enable_search === undefined && sent.model === 'gpt-5.4-mini';
const isWhole = ({ sent }: Passing): boolean => sent?.stream === false;
const isUnknown = ({ sent }: Passing): boolean => String(sent?.model).startsWith('alltoken-cli-no');
const isSearch = ({ sent }: Passing): boolean => sent?.enable_search === true;
const at = (path: string) => (passing: Passing) => passing.path === path;
const isCreate = at('/v1/images/generations/async');
const isPoll = ({ path }: Passing): boolean => /^\/v1\/images\/generations\/igen_/.test(path);

/** The body with this part replaced, which has to be there. */
function edit(applies: (passing: Passing) => boolean, from: string | RegExp, to: string): Break {
  return {
    reply: (passing) => {
      if (!applies(passing)) return;
      const body = passing.body.replaceAll(
        from instanceof RegExp ? from : new RegExp(from, 'g'),
        to,
      );
      expect(body, passing.body.slice(0, 500)).not.toBe(passing.body);
      passing.body = body;
    },
  };
}

function replace(applies: (passing: Passing) => boolean, more: Partial<Passing>): Break {
  return { reply: (passing) => void (applies(passing) && Object.assign(passing, more)) };
}

const html = { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>404</html>' };
const asJson = { 'content-type': 'application/json' };

const facts: readonly (readonly [fact: string, breaks: Break, checks: readonly string[]])[] = [
  [
    'the list of images is a list',
    replace(at('/v1/images/models'), { body: '{"data":{"odd":7}}' }),
    ['model lists'],
  ],
  [
    'the catalogue needs no key',
    replace(at('/api-account/models'), {
      status: 401,
      body: '{"error":{"code":"x","message":"no"}}',
    }),
    ['catalogue'],
  ],
  [
    'the catalogue has prices',
    edit(at('/api-account/models'), /"(input|output)_price"/g, '"$1_was"'),
    ['catalogue'],
  ],
  ['a board is JSON', replace(at('/api-account/health/summary'), { body: '"fine"' }), ['boards']],
  ['every board is there', replace(at('/api-account/rankings/all'), html), ['boards']],
  [
    'a wrong key is refused',
    { request: (headers) => void Object.assign(headers, { authorization: `Bearer ${key}` }) },
    ['wrong key'],
  ],
  ['a wrong key is 401', replace(({ status }) => status === 401, { status: 403 }), ['wrong key']],
  [
    'a refusal has an error object',
    {
      reply: (passing) =>
        void (passing.status === 401 && Object.assign(passing, { ...html, status: 401 })),
    },
    ['wrong key'],
  ],
  [
    'an unknown model is refused',
    replace(isUnknown, {
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: 'data: {"id":"1","model":"x","choices":[{"index":0,"delta":{"content":"ok"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    }),
    ['unknown model'],
  ],
  ['… with an error object', replace(isUnknown, html), ['unknown model']],
  ['… that has a code', edit(isUnknown, /"code":"[a-z_]+"/g, '"code":null'), ['unknown model']],
  ['… by 400, 404 or 422', replace(isUnknown, { status: 409 }), ['unknown model']],
  ['a stream says that it is one', replace(isStream, { headers: asJson }), ['stream']],
  [
    'a stream is not cut',
    edit(isStream, /data: \{[^\n]*finish_reason":"[\s\S]*$/g, ''),
    ['stream'],
  ],
  ['a stream is no page', replace(isStream, { ...html, status: 200 }), ['stream']],
  ['a stream ends with [DONE]', edit(isStream, /data: \[DONE\]\n\n/g, ''), ['end of stream']],
  [
    'a stream has a finish reason',
    edit(isStream, /"finish_reason":"\w+"/g, '"finish_reason":null'),
    ['finish reason'],
  ],
  [
    '… that is known',
    edit(isStream, /"finish_reason":"\w+"/g, '"finish_reason":"tired"'),
    ['finish reason'],
  ],
  ['usage comes with include_usage', edit(isStream, /"usage":\{/g, '"used":{'), ['usage']],
  [
    '… and counts tokens',
    edit(isStream, /"prompt_tokens":\d+,"completion/g, '"completion'),
    ['usage'],
  ],
  ['chunks name the model', edit(isStream, /"model":"[^"]+",/g, ''), ['model name']],
  ['a cost comes after [DONE]', edit(isStream, /\n: \{[^\n]*\n/g, '\n'), ['cost']],
  ['… and is an amount', edit(isStream, /\{"cost":"[^"]+"/g, '{"cost":"NaN"'), ['cost']],
  [
    'the catalogue is for a million tokens',
    edit(isStream, /\{"cost":"0\.0000/g, '{"cost":"0.0'),
    ['list prices'],
  ],
  [
    'a reply without stream is JSON',
    replace(isWhole, {
      headers: { 'content-type': 'text/event-stream' },
      body: 'data: {"choices":[{"delta":{"content":"ok"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    }),
    ['whole reply'],
  ],
  ['… with choices', edit(isWhole, /"choices"/g, '"chosen"'), ['whole reply']],
  ['… with usage', edit(isWhole, /"usage"/g, '"used"'), ['whole reply']],
  [
    '… with a finish reason',
    edit(isWhole, /"finish_reason":"\w+"/g, '"finish_reason":null'),
    ['whole reply'],
  ],
  [
    'the search flag is taken',
    replace(isSearch, {
      status: 503,
      headers: asJson,
      body: '{"error":{"code":"all_providers_failed","message":"no"}}',
    }),
    ['search'],
  ],
  ['an image task has an id', edit(isCreate, /"id":"[^"]+",/g, ''), ['image']],
  [
    'an image is not made twice under one Idempotency-Key',
    { request: (headers) => void delete headers['idempotency-key'] },
    ['idempotency'],
  ],
  [
    '… and the 409 names the first task',
    edit(({ status }) => status === 409, /"task_id":"[^"]+"/g, '"task_id":null'),
    ['idempotency'],
  ],
  [
    'the state of an image is a known word',
    edit(isPoll, /"status":"\w+"/g, '"status":"pondering"'),
    ['image state'],
  ],
  ['an image can be polled', replace(isPoll, html), ['image state']],
];

describe('a gateway that breaks one fact', () => {
  test.each(facts)('%s', async (_fact, breaks, expected) => {
    const { code, world } = await live(await gateway(breaks), ['--json']);
    expect(failed(world), world.out()).toEqual(expected);
    expect(code).not.toBe(0);
    expect(world.json()).toMatchObject({ ok: false, error: { exit: code } });
  });

  test.each([
    ['rate limits are in headers', /^x-ratelimit-/, 'rate limits'],
    ['a reply has a request id', /^x-.*request-id$/, 'request id'],
  ])('a warning, as calls work without: %s', async (_fact, header, name) => {
    const server = await gateway({
      reply: (passing) => {
        for (const one of Object.keys(passing.headers))
          if (header.test(one)) delete passing.headers[one];
      },
    });
    const { code, world } = await live(server, ['--json']);
    expect(code).toBe(0);
    expect(warned(world)).toContain(name);
  });

  test('the list of models is one: nothing is bought then', async () => {
    const server = await gateway(replace(at('/v1/models'), { body: '{"odd":1}' }));
    const { code, world } = await live(server, ['--json']);
    expect(code).toBe(41);
    expect(failed(world)).toEqual(['models']);
    expect(posts(server)).toEqual([]);
  });
});

test('Ctrl-C ends it, and buys nothing more', async () => {
  let stop = (): void => {};
  const server = await gateway({
    reply: (passing) => {
      if (isStream(passing)) stop();
    },
  });
  const { code, world } = await doctor(
    ['--live', '--base-url', server.baseUrl],
    { env: { ALLTOKEN_API_KEY: key } },
    (of) => {
      stop = () => of.signal('SIGINT');
    },
  );
  expect(code).toBe(130);
  expect(posts(server)).toHaveLength(2);
  expect(world.ledger().at(-1)).toMatchObject({ event: 'outcome' });
});
