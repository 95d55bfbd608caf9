/** An agent over HTTP: `serve --agent` in front of a played model, and `agentListener` in a server of somebody else. */
import { createServer } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AgentCore } from '../../src/agent/agent.ts';
import { tool } from '../../src/agent/tool.ts';
import { agentListener } from '../../src/library.ts';
import type { Step } from '../../src/sandbox/script-types.ts';
import { openListener } from '../../src/serve/agent/listener.ts';
import { listenerOptions } from '../../src/serve/agent/listener-options.ts';
import type { AgentListener, AgentListenerOptions } from '../../src/serve/agent/types.ts';
import { type RequestBody, script } from '../../src/testing.ts';
import { fakeClock } from '../helpers/fake-clock.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';
import { type Reply, raw, type ServedProxy, send, startProxy } from '../helpers/serving.ts';

interface Served extends ServedProxy {
  requests: readonly RequestBody[];
  post(path: string, body?: object, headers?: Record<string, string>): Promise<Reply>;
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  begin(): Promise<string>;
}

function callers(at: Pick<ServedProxy, 'port' | 'token'>) {
  const post = (path: string, body: object = {}, headers: Record<string, string> = {}) =>
    send(at, { path, body, headers });
  return {
    post,
    get: (path: string, headers: Record<string, string> = {}) => send(at, { path, headers }),
    begin: async () => String((await post('/v1/sessions')).json?.id),
  };
}

async function served(
  steps: readonly Step[],
  argv: readonly string[] = ['--agent'],
  options: FakeOptions = {},
): Promise<Served> {
  const model = await script(steps);
  onTestFinished(() => model.close());
  const world = fakeDeps(options);
  const at = await startProxy(world, '-g', 'sandbox', '--base-url', model.baseURL, ...argv);
  return { ...at, requests: model.requests, ...callers(at) };
}

const codeOf = ({ json }: Reply): unknown => (json?.error as { code?: unknown } | undefined)?.code;

const sse = { accept: 'text/event-stream' };

interface Sent {
  id: number | null;
  event: string;
  data: { type: string; [field: string]: unknown };
}

function eventsIn(body: string): Sent[] {
  return body
    .split('\n\n')
    .filter((block) => block.includes('data: '))
    .map((block) => {
      const field = (name: string) =>
        block
          .split('\n')
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2);
      const id = field('id');
      return {
        id: id === undefined ? null : Number(id),
        event: field('event') ?? '',
        data: JSON.parse(field('data') ?? '') as Sent['data'],
      };
    });
}

/** A model that answers when the test says so: a tool of the agent waits for it. */
function gate() {
  let open = (): void => {};
  let reached = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const isReached = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const wait = tool({
    name: 'wait',
    description: 'Waits',
    input: { type: 'object', properties: {} },
    execute: async (_args: object, context) => {
      reached();
      await Promise.race([
        opened,
        new Promise((resolve) => context?.signal.addEventListener('abort', resolve)),
      ]);
      return 'waited';
    },
  });
  return { wait, open, isReached };
}

const waitStep: Step = { tool: 'wait', args: {} };

/** `serve --agent agent.mjs`, whose agents have these tools. */
async function gated(
  steps: readonly Step[],
  more: FakeOptions = {},
  tools: readonly ReturnType<typeof tool>[] = [],
) {
  const door = gate();
  const worlds: FakeWorld[] = [];
  const deps = () => (worlds[0] ?? fakeDeps()).deps;
  const options: FakeOptions = {
    ...more,
    loadModule: async (_file, variables) => ({
      default: () =>
        new AgentCore(
          { tools: [door.wait, ...tools] },
          {
            ...deps(),
            env: { ...deps().env, ...strings(variables) },
            // As in the library: no signal of the process reaches it.
            signal: new AbortController().signal,
          },
        ),
    }),
  };
  const model = await script(steps);
  onTestFinished(() => model.close());
  const world = fakeDeps(options);
  worlds.push(world);
  const at = await startProxy(
    world,
    ...['-g', 'sandbox', '--base-url', model.baseURL, '--agent', 'agent.mjs'],
  );
  return { ...at, ...callers(at), requests: model.requests, ...door };
}

function strings(variables: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

describe('POST /chat', () => {
  test('answers with the history, and continues a session', async () => {
    const at = await served([{ text: 'Hello!' }, { text: 'Again.' }]);
    const first = await at.post('/chat', { sessionId: 'mine', message: 'Hi' });
    expect(first).toMatchObject({ status: 200, json: { response: 'Hello!' } });
    const second = await at.post('/chat', { sessionId: 'mine', message: 'And?' });
    expect(second.json?.history).toMatchObject([
      { role: 'system' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello!' },
      { role: 'user', content: 'And?' },
      { role: 'assistant', content: 'Again.' },
    ]);
    expect(Object.keys(second.json ?? {})).toEqual(['response', 'history']);
    expect(at.requests[1]?.messages).toHaveLength(4);
  });

  test('keeps sessions apart', async () => {
    const at = await served([{ text: 'One' }, { text: 'Two' }]);
    await at.post('/chat', { sessionId: 'one', message: '1' });
    const { json } = await at.post('/chat', { sessionId: 'two', message: '2' });
    expect(json?.history).toHaveLength(3);
  });

  test.each([
    [{ message: 'Hi' }],
    [{ sessionId: '', message: 'Hi' }],
    [{ sessionId: 'x'.repeat(201), message: 'Hi' }],
    [{ sessionId: 'a', message: 5 }],
    [{ sessionId: 'a' }],
  ])('refuses %j', async (body) => {
    const at = await served([]);
    const reply = await at.post('/chat', body);
    expect([reply.status, codeOf(reply)]).toEqual([400, 'bad_input']);
    expect(at.requests).toEqual([]);
  });

  test('reports what the gateway refused, and whether it was billed', async () => {
    const at = await served([
      { error: { status: 400, code: 'context_length_exceeded', message: 'x' } },
      { text: 'Well', cost: '0.0001' },
    ]);
    const reply = await at.post('/chat', { sessionId: 'a', message: 'Hi' });
    expect(reply.status).toBe(400);
    expect(reply.json?.error).toMatchObject({ alltoken: { billed: 'no' } });
    // What was refused does not stand in the way of what comes.
    const next = await at.post('/chat', { sessionId: 'a', message: 'Short' });
    expect(next.json).toMatchObject({ response: 'Well' });
    expect(JSON.stringify(at.requests.at(-1))).not.toContain('"Hi"');
    const { json } = await at.post('/chat', { sessionId: 'a', message: 'Hi' });
    expect(json?.error).toMatchObject({ code: 'script_over' });
  });
});

describe('a session', () => {
  test('has a long id, and is shown', async () => {
    const at = await served([{ text: 'Hello!', cost: '0.0001' }]);
    const created = await at.post('/v1/sessions');
    expect(created.status).toBe(201);
    const id = String(created.json?.id);
    expect(id).toMatch(/^[0-9a-f]{48}$/);
    expect(await at.begin()).not.toBe(id);
    const reply = await at.post(`/v1/sessions/${id}/messages`, { input: 'Hi' });
    expect(reply).toMatchObject({
      status: 200,
      json: { ok: true, stop: 'done', text: 'Hello!', steps: 1, cost: { amount: '0.0001' } },
    });
    expect((await at.get(`/v1/sessions/${id}`)).json).toMatchObject({
      ...{ id, status: 'idle', pending: [], cost: { amount: '0.0001' } },
      messages: [{ role: 'system' }, { role: 'user' }, { role: 'assistant', content: 'Hello!' }],
    });
  });

  test('is gone when it was deleted', async () => {
    const at = await served([]);
    const id = await at.begin();
    const path = `/v1/sessions/${id}`;
    const reply = await send(at, { path, method: 'DELETE' });
    expect(reply.json).toEqual({ id, deleted: true });
    for (const gone of [await at.get(path), await at.post(`${path}/messages`, { input: 'Hi' })])
      expect([gone.status, codeOf(gone)]).toEqual([404, 'unknown_session']);
  });

  test('there are as many as --max-sessions says', async () => {
    const at = await served([], ['--agent', '--max-sessions', '2']);
    const id = await at.begin();
    await at.begin();
    const refused = [
      await at.post('/v1/sessions'),
      await at.post('/chat', { sessionId: 'new', message: 'Hi' }),
    ];
    expect(refused.map(codeOf)).toEqual(['too_many_sessions', 'too_many_sessions']);
    expect(refused[0]?.status).toBe(429);
    await send(at, { path: `/v1/sessions/${id}`, method: 'DELETE' });
    expect((await at.post('/v1/sessions')).status).toBe(201);
  });

  test('runs once at a time, and is aborted', async () => {
    const at = await gated([waitStep, { text: 'never' }]);
    const id = await at.begin();
    const running = at.post(`/v1/sessions/${id}/messages`, { input: 'Hi' });
    await at.isReached;
    const busy = await at.post(`/v1/sessions/${id}/messages`, { input: 'Hi' });
    expect([busy.status, codeOf(busy)]).toEqual([409, 'busy']);
    expect((await at.post(`/v1/sessions/${id}/messages`, { input: 'Hi' }, sse)).status).toBe(409);
    expect((await at.get(`/v1/sessions/${id}`)).json?.status).toBe('running');
    const aborted = await at.post(`/v1/sessions/${id}/abort`);
    expect(aborted.json).toEqual({ id, aborted: true, status: 'idle' });
    expect((await running).json).toMatchObject({ ok: false, stop: 'aborted' });
    expect((await at.post(`/v1/sessions/${id}/abort`)).json).toMatchObject({ aborted: false });
    expect(at.requests).toHaveLength(1);
  });

  test.each([[{}], [{ input: 5 }], [{ input: [1] }], [{ input: { text: 'x' } }]])(
    'takes no %j',
    async (body) => {
      const at = await served([]);
      const reply = await at.post(`/v1/sessions/${await at.begin()}/messages`, body);
      expect([reply.status, codeOf(reply)]).toEqual([400, 'bad_input']);
    },
  );
});

describe('a tool that needs an approval', () => {
  /** An agent that may pay after somebody has said so. */
  const paying = async (steps: readonly Step[]) => {
    const paid: string[] = [];
    const pay = tool({
      name: 'pay',
      description: 'Pays an invoice',
      input: {
        type: 'object',
        properties: { invoice: { type: 'string' } },
        required: ['invoice'],
      },
      needsApproval: true,
      execute: ({ invoice }: { invoice: string }) => {
        paid.push(invoice);
        return { paid: invoice };
      },
    });
    const at = await gated(steps, {}, [pay]);
    return { ...at, paid, path: `/v1/sessions/${await at.begin()}` };
  };
  const payStep = (...invoices: string[]): Step => ({
    tools: invoices.map((invoice) => ({ name: 'pay', args: { invoice } })),
  });
  const idsIn = ({ json }: Reply): string[] =>
    ((json?.pending ?? []) as { callId: string }[]).map(({ callId }) => callId);

  test('waits, is shown, is decided, and the run goes on', async () => {
    const at = await paying([payStep('A-7', 'B-8'), { text: 'Done.' }]);
    const first = await at.post(`${at.path}/messages`, { input: 'Pay' }, sse);
    const events = eventsIn(first.body);
    expect(events.at(-2)).toMatchObject({
      event: 'approval',
      data: { pending: [{ name: 'pay', args: { invoice: 'A-7' } }, { name: 'pay' }] },
    });
    expect(events.at(-1)?.data).toMatchObject({ type: 'result', result: { stop: 'approval' } });
    const [one, other] = idsIn(await at.get(at.path));
    const decisions = `${at.path}/decisions`;
    const yes = await at.post(decisions, { callId: one, approve: true });
    expect(yes).toMatchObject({ status: 200, json: { pending: [{ callId: other }] } });
    const no = await at.post(decisions, { callId: other, approve: false, reason: 'not mine' });
    expect(no.json).toEqual({ id: at.path.slice('/v1/sessions/'.length), pending: [] });
    expect(at.paid).toEqual([]);
    const resumed = await at.post(`${at.path}/resume`);
    expect(resumed.json).toMatchObject({ ok: true, stop: 'done', text: 'Done.' });
    expect(at.paid).toEqual(['A-7']);
    expect(JSON.stringify(at.requests[1]?.messages)).toContain('not mine');
    expect(await at.get(at.path)).toMatchObject({ json: { pending: [], status: 'idle' } });
  });

  test('goes on with its events', async () => {
    const at = await paying([payStep('A-7'), { text: 'Done.' }]);
    const before = (await at.post(`${at.path}/messages`, { input: 'Pay' }, sse)).body;
    const [callId] = idsIn(await at.get(at.path));
    await at.post(`${at.path}/decisions`, { callId, approve: true });
    const events = eventsIn((await at.post(`${at.path}/resume`, {}, sse)).body);
    expect(events[0]?.id).toBe((eventsIn(before).at(-1)?.id ?? 0) + 1);
    expect(events.map(({ event }) => event)).toContain('tool:result');
    expect(events.at(-1)?.data).toMatchObject({ type: 'result', result: { text: 'Done.' } });
  });

  test('of /chat names the session and what waits', async () => {
    const at = await paying([payStep('A-7'), { text: 'Done.' }]);
    const refused = await at.post('/chat', { sessionId: 'mine', message: 'Pay' });
    expect([refused.status, codeOf(refused)]).toEqual([409, 'approval']);
    const { alltoken } = (refused.json?.error ?? {}) as {
      alltoken: { session: string; pending: { callId: string }[]; hint: string };
    };
    const path = `/v1/sessions/${alltoken.session}`;
    expect(alltoken.hint).toContain(`${path}/decisions`);
    const [waiting] = alltoken.pending;
    await at.post(`${path}/decisions`, { callId: waiting?.callId, approve: true });
    expect((await at.post(`${path}/resume`)).json).toMatchObject({ text: 'Done.' });
    expect(at.paid).toEqual(['A-7']);
  });

  test.each([
    ['an unknown call', { callId: 'none', approve: true }, 409, 'not_pending'],
    ['no call', { approve: true }, 400, 'bad_input'],
    ['no decision', { callId: 'none' }, 400, 'bad_input'],
    ['a word', { callId: 'none', approve: 'yes' }, 400, 'bad_input'],
    ['a reason that is none', { callId: 'none', approve: false, reason: 1 }, 400, 'bad_input'],
  ])('is not decided by %s', async (_what, body, status, code) => {
    const at = await paying([payStep('A-7')]);
    await at.post(`${at.path}/messages`, { input: 'Pay' });
    const reply = await at.post(`${at.path}/decisions`, body);
    expect([reply.status, codeOf(reply)]).toEqual([status, code]);
    expect(idsIn(await at.get(at.path))).toHaveLength(1);
  });

  test('is decided once, and not while a run goes on', async () => {
    const at = await paying([payStep('A-7'), waitStep, { text: 'Done.' }]);
    await at.post(`${at.path}/messages`, { input: 'Pay' });
    const [callId] = idsIn(await at.get(at.path));
    const decide = () => at.post(`${at.path}/decisions`, { callId, approve: true });
    expect((await decide()).status).toBe(200);
    expect(codeOf(await decide())).toBe('not_pending');
    const running = at.post(`${at.path}/resume`);
    await at.isReached;
    expect(codeOf(await decide())).toBe('busy');
    expect(codeOf(await at.post(`${at.path}/resume`))).toBe('busy');
    at.open();
    expect((await running).json).toMatchObject({ stop: 'done' });
    expect(at.paid).toEqual(['A-7']);
  });

  test('still waits where a run is resumed without a decision', async () => {
    const at = await paying([payStep('A-7')]);
    await at.post(`${at.path}/messages`, { input: 'Pay' });
    expect((await at.post(`${at.path}/resume`)).json).toMatchObject({ stop: 'approval' });
    expect(at.requests).toHaveLength(1);
  });
});

describe('events', () => {
  test('are numbered, and end with the result', async () => {
    const at = await served([
      { tool: 'calculate', args: { expression: '2+2' }, cost: '0.0001' },
      { text: 'It is 4.', cost: '0.0002' },
    ]);
    const id = await at.begin();
    const reply = await at.post(`/v1/sessions/${id}/messages`, { input: 'What is 2+2?' }, sse);
    expect(reply.headers['content-type']).toBe('text/event-stream');
    const events = eventsIn(reply.body);
    expect(events.map((one) => one.id)).toEqual(events.map((_, index) => index + 1));
    expect(events.map(({ event }) => event)).toEqual(events.map(({ data }) => data.type));
    expect(events.find(({ event }) => event === 'tool:result')?.data).toMatchObject({
      name: 'calculate',
      result: { result: 4 },
    });
    const text = events
      .filter(({ event }) => event === 'stream:delta')
      .map(({ data }) => data.delta);
    expect(text.join('')).toBe('It is 4.');
    expect(events.at(-1)?.data).toMatchObject({
      type: 'result',
      result: { ok: true, text: 'It is 4.', cost: { amount: '0.0003' } },
    });
    const later = await at.get(`/v1/sessions/${id}/events?after=${events.length - 2}`);
    expect(later.json).toMatchObject({ last: events.length, oldest: 1, status: 'idle' });
    expect(later.json?.events).toMatchObject([{ id: events.length - 1 }, { id: events.length }]);
    const bad = await at.get(`/v1/sessions/${id}/events?after=-1`);
    expect([bad.status, codeOf(bad)]).toEqual([400, 'bad_input']);
  });

  test('go on although the client left, and are there for it when it returns', async () => {
    const at = await gated([waitStep, { text: 'Done.' }]);
    const path = `/v1/sessions/${await at.begin()}`;
    const leave = new AbortController();
    const left = send(at, {
      path: `${path}/messages`,
      body: { input: 'Hi' },
      headers: sse,
      signal: leave.signal,
    }).catch(() => null);
    await at.isReached;
    leave.abort();
    await left;
    const again = new AbortController();
    let seen = '';
    const following = send(at, {
      path: `${path}/events`,
      headers: { ...sse, 'last-event-id': '1' },
      signal: again.signal,
      onData: (text) => {
        seen += text;
        if (seen.includes('event: result')) again.abort();
      },
    }).catch(() => null);
    at.open();
    await following;
    const events = eventsIn(seen);
    expect(events[0]?.id).toBe(2);
    expect(events.at(-1)?.data).toMatchObject({ result: { stop: 'done', text: 'Done.' } });
  });

  test('of a run that failed end with its error', async () => {
    const at = await served([{ error: { status: 401, code: 'bad_key', message: 'no' } }]);
    const id = await at.begin();
    const { body } = await at.post(`/v1/sessions/${id}/messages`, { input: 'Hi' }, sse);
    expect(eventsIn(body).at(-1)?.data).toMatchObject({ type: 'error', error: { status: 401 } });
    expect((await at.get(`/v1/sessions/${id}`)).json).toMatchObject({ status: 'idle' });
  });

  test('that are too old are a gap, and the log stays small', async () => {
    const { port } = await listening(() => new Talker(3000));
    const at = { port, ...callers({ port, token: '' }) };
    const id = await at.begin();
    await at.post(`/v1/sessions/${id}/messages`, { input: 'Hi' });
    const { json } = await at.get(`/v1/sessions/${id}/events?after=0`);
    expect(json).toMatchObject({ oldest: 1002, last: 3001 });
    const { body } = await at.post(`/v1/sessions/${id}/messages`, { input: 'Hi' }, sse);
    expect(eventsIn(body).at(-1)?.id).toBe(6002);
  });

  test('have a heartbeat each 15 seconds', async () => {
    const clock = fakeClock({ timers: 'by hand' });
    const { port } = await listening(() => new Talker(0), {}, clock);
    const at = { port, token: '', ...callers({ port, token: '' }) };
    const id = await at.begin();
    const leave = new AbortController();
    let seen = '';
    const following = send(at, {
      path: `/v1/sessions/${id}/events`,
      headers: sse,
      signal: leave.signal,
      onData: (text) => {
        seen += text;
        leave.abort();
      },
    }).catch(() => null);
    await clock.untilWaiting(15_000);
    await clock.pass(15_000);
    await following;
    expect(seen).toBe(': heartbeat\n\n');
  });
});

describe('money', () => {
  test('goes through the proxy: one ledger, and --max-cost holds for agents, too', async () => {
    const at = await served([{ text: 'One', cost: '0.0001' }], ['--agent', '--tag', 'bots']);
    await at.post('/chat', { sessionId: 'a', message: 'Hi' });
    await at.stop();
    const lines = at.world.ledger();
    expect(lines.map(({ event, command }) => [event, command])).toEqual([
      ['intent', 'serve'],
      ['outcome', 'serve'],
    ]);
    expect(lines[1]).toMatchObject({ tags: ['bots'], cost: { amount: '0.0001' } });
    expect(at.world.err()).toContain('[usage] calls=1 cost=$0.0001');
  });

  test('a total that is spent refuses the next run', async () => {
    const at = await served(
      [{ text: 'One', cost: '0.01' }],
      ['--agent', '--max-cost', '0.0000001'],
    );
    const reply = await at.post('/chat', { sessionId: 'a', message: 'Hi' });
    expect([reply.status, codeOf(reply)]).toEqual([402, 'max_cost']);
    expect(at.requests).toEqual([]);
  });
});

describe('who may call', () => {
  test.each(['/chat', '/v1/sessions'])('%s needs the token', async (path) => {
    const at = await served([]);
    const reply = await send({ port: at.port, token: 'x'.repeat(64) }, { path, body: {} });
    expect([reply.status, codeOf(reply)]).toEqual([401, 'proxy_token']);
  });

  test('a page of another origin and a form cannot', async () => {
    const at = await served([]);
    const page = await at.post('/v1/sessions', {}, { origin: 'https://evil.example' });
    expect([page.status, codeOf(page)]).toEqual([403, 'origin']);
    const form = await at.post('/v1/sessions', {}, { 'content-type': 'text/plain' });
    expect([form.status, codeOf(form)]).toEqual([415, 'content_type']);
    const named = await at.post('/v1/sessions', {}, { host: 'evil.example' });
    expect([named.status, codeOf(named)]).toEqual([403, 'host']);
  });

  test('a request without a body needs no type of one, and one with a body does', async () => {
    const at = await served([{ text: 'One' }, { text: 'Two' }]);
    const bare = (path: string, headers: Record<string, string> = {}) =>
      send(at, { method: 'POST', path, headers });
    const begun = await bare('/v1/sessions', { 'content-length': '0' });
    expect(begun.status).toBe(201);
    const session = `/v1/sessions/${String(begun.json?.id)}`;
    expect((await bare(`${session}/abort`)).status).toBe(200);
    await at.post(`${session}/messages`, { input: 'Hi' });
    expect((await bare(`${session}/resume`)).status).toBe(200);
    const empty = await bare(`${session}/messages`);
    expect([empty.status, codeOf(empty)]).toEqual([400, 'bad_input']);
    const body = 'POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n';
    const token = `Authorization: Bearer ${at.token}\r\n`;
    const lengths = ['Content-Length: 2\r\n\r\n{}', 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n'];
    for (const length of lengths)
      expect(await raw(at.port, body + token + length)).toMatch(/ 415 /);
    expect(await raw(at.port, `${body}${token}\r\n`)).toMatch(/ 201 /);
  });

  test('without --agent there is none of its routes', async () => {
    const at = await served([], []);
    expect((await at.post('/chat', {})).status).toBe(404);
    expect((await at.post('/v1/sessions')).status).toBe(404);
  });
});

describe('--agent with a module', () => {
  test.each([
    ['that cannot be loaded', undefined],
    ['without a default export', async () => ({ make: () => ({}) })],
    ['whose default is no function', async () => ({ default: 5 })],
    ['that makes no agent', async () => ({ default: () => ({}) })],
    [
      'that throws',
      async () => ({
        default: () => {
          throw new Error('no');
        },
      }),
    ],
  ])('%s is refused before it listens', async (_name, loadModule) => {
    const world = fakeDeps(loadModule === undefined ? {} : { loadModule });
    const code = await world.run('serve', '-g', 'sandbox', '--port', '0', '--agent', 'agent.mjs');
    expect(code).toBe(2);
    expect(world.err()).toContain('bad_agent');
  });

  test('--max-sessions alone is a mistake', async () => {
    const world = fakeDeps();
    expect(await world.run('serve', '-g', 'sandbox', '--max-sessions', '5')).toBe(2);
    expect(world.err()).toContain('--agent');
  });

  test('a stop ends its runs', async () => {
    const at = await gated([waitStep], { timers: 'by hand' });
    const id = await at.begin();
    const running = at.post(`/v1/sessions/${id}/messages`, { input: 'Hi' }).catch(() => null);
    await at.isReached;
    const following = send(at, { path: `/v1/sessions/${id}/events`, headers: sse }).catch(
      () => null,
    );
    const stopped = at.stop();
    await at.world.clock.untilWaiting(10_000);
    await at.world.clock.pass(10_000);
    expect(await stopped).toBe(143);
    await Promise.all([running, following]);
  });
});

/** Says as many pieces as it was made for. */
class Talker extends AgentCore {
  readonly #pieces: number;

  constructor(pieces: number) {
    super({}, fakeDeps().deps);
    this.#pieces = pieces;
  }

  override async *stream() {
    for (let piece = 0; piece < this.#pieces; piece += 1)
      yield { type: 'stream:delta' as const, delta: 'x', accumulated: 'x' };
    const cost = { amount: '0', currency: 'USD', source: 'gateway' as const, atLeast: false };
    const result = {
      ...{ ok: true, stop: 'done' as const, text: 'x', steps: 1, messages: [], usage: null },
      ...{ cost, calls: [], error: null },
    };
    yield { type: 'result' as const, result };
  }
}

async function listening(
  make: () => AgentCore,
  options: AgentListenerOptions = {},
  clock = fakeClock(),
): Promise<{ port: number }> {
  return open(openListener(make, listenerOptions(make, options), clock));
}

async function open(listener: AgentListener): Promise<{ port: number }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0 };
}

describe('agentListener', () => {
  test('answers in a server of somebody else', async () => {
    const { port } = await open(agentListener(() => new Talker(1)));
    const at = callers({ port, token: '' });
    const reply = await at.post('/chat', { sessionId: 'a', message: 'Hi' });
    expect(reply).toMatchObject({ status: 200, json: { response: 'x' } });
    expect((await at.post('/v1/sessions', {}, { origin: 'https://evil.example' })).status).toBe(
      403,
    );
    expect((await at.post('/v1/sessions', {}, { host: 'evil.example' })).status).toBe(403);
    const { status } = await at.post('/v1/chat/completions', {});
    expect(status).toBe(404);
  });

  test('with a token needs it', async () => {
    const token = 'a-token-of-at-least-32-characters!';
    const { port } = await open(agentListener(() => new Talker(1), { token }));
    expect((await callers({ port, token: 'another' }).post('/v1/sessions')).status).toBe(401);
    expect((await callers({ port, token }).post('/v1/sessions')).status).toBe(201);
  });

  test('reports an agent that cannot be made', async () => {
    const { port } = await open(
      agentListener(() => {
        throw new Error('out of order');
      }),
    );
    const reply = await callers({ port, token: '' }).post('/v1/sessions');
    expect([reply.status, codeOf(reply)]).toEqual([500, 'agent_failed']);
    expect(await raw(port, 'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toContain(
      '403',
    );
  });

  test.each([
    [{ token: 'short' }, 'bad_token'],
    [{ maxSessions: 0 }, 'bad_option'],
    [{ maxBody: 1.5 }, 'bad_option'],
  ])('refuses %j when it is called', (options, code) => {
    expect(() => agentListener(() => new Talker(1), options)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
