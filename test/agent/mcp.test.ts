/** Tools of MCP servers: good ones over both ways, and one that misbehaves in every way it can. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { type ConnectOptions, connectMcp } from '../../src/agent/mcp/connect.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';

const script = fileURLToPath(new URL('../helpers/mcp-server.mjs', import.meta.url));

async function connect(
  mode: string,
  options: ConnectOptions = {},
  more: readonly string[] = [],
  env = {},
) {
  const { deps } = fakeDeps();
  const server = { command: process.execPath, args: [script, mode, ...more], env };
  const connection = await connectMcp(server, { label: 'odd', ...options }, deps);
  onTestFinished(() => connection.close());
  return { ...connection, connection, call: callOf(connection.tools) };
}

function callOf(tools: Awaited<ReturnType<typeof connectMcp>>['tools']) {
  return async (name: string, args: unknown = {}, signal?: AbortSignal): Promise<unknown> => {
    const found = tools.find((one) => one.definition.function.name === name);
    if (found === undefined) throw new Error(`no ${name} among ${tools.length}`);
    const context = {
      callId: 'c1',
      session: null,
      tags: [],
      left: () => null,
      spent: () => {},
    };
    return found.execute(args, signal === undefined ? undefined : { ...context, signal });
  };
}

const codeOf = { code: expect.any(String) };

test('results are text, or data that is not sent twice; bytes become a note; an error is one', async () => {
  const { call } = await connect('good');
  expect(await call('echo', { text: 'Hi' })).toBe('Hi');
  expect(await call('both')).toEqual({ a: 1, b: 2 });
  expect(await call('differ')).toEqual({ text: 'Two', structured: { a: 2, b: 3 } });
  expect(await call('one')).toBe('Two');
  expect(await call('picture')).toBe('[image, image/png, about 3 bytes, not shown]');
  expect(await call('linked')).toBe('[resource file:///a]\n[resource file:///b]\nof b');
  expect(await call('fails')).toEqual({ error: 'no such thing' });
});

test('the server gets what is named, and of our environment only what is safe', async () => {
  process.env.ALLTOKEN_TEST_SECRET = 'sk-at-hidden';
  onTestFinished(() => {
    delete process.env.ALLTOKEN_TEST_SECRET;
  });
  const { call } = await connect('good', { allow: ['env'] }, [], { NAMED: 'yes' });
  const env = (await call('env')) as Record<string, string>;
  expect(env.NAMED).toBe('yes');
  const safe = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER', 'NAMED'];
  expect(Object.keys(env).filter((name) => !safe.includes(name))).toEqual([]);
});

test('names are those that gateways take, each once, and the same at every start', async () => {
  const names = async (): Promise<string[]> => {
    const { tools } = await connect('names', { prefix: 'f_', taken: new Set(['f_read_file']) });
    return tools.map((one) => one.definition.function.name);
  };
  const [one, other] = [await names(), await names()];
  expect(one).toEqual(other);
  expect(one).toHaveLength(5);
  expect(new Set(one).size).toBe(5);
  for (const name of one) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  expect(one).toContain('f_read_file_2');
});

test('allow holds the own names of the server; one that it has not is a mistake', async () => {
  const { tools } = await connect('good', { allow: ['fails', 'echo'], prefix: 'x-' });
  expect(tools.map((one) => one.definition.function.name)).toEqual(['x-fails', 'x-echo']);
  await expect(connect('good', { allow: ['write'] })).rejects.toMatchObject({
    exit: 'usage',
    details: { code: 'unknown_tool' },
  });
});

test.each([
  ['pages without end', 'pages', 'local_io'],
  ['more tools than a request should have', 'many', 'usage'],
])('a list of %s is refused', async (_what, mode, exit) => {
  await expect(connect(mode)).rejects.toMatchObject({ exit, details: codeOf });
});

test('a server that dies at its start is named with its last words, which control no terminal', async () => {
  const failed = connect('stderr');
  await expect(failed).rejects.toMatchObject({ exit: 'local_io', billed: 'no' });
  await expect(failed).rejects.toThrow(
    /^the MCP server odd cannot be started: .*its last words: no licence$/,
  );
});

test('a server that says nothing ends with the signal', async () => {
  const stop = new AbortController();
  const failed = connect('deaf', { signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(failed).rejects.toThrow('enough');
});

test.each(['die', 'flood'])(
  'a server that does %s in a call gives an error, and then has ended',
  async (name) => {
    const { call, connection } = await connect('good');
    expect(await call(name)).toMatchObject({ code: 'mcp_closed' });
    expect(await call('echo', { text: 'Hi' })).toMatchObject({ code: 'mcp_closed' });
    expect(connection.isStale).toBe(true);
  },
);

test('a server that never answers and goes on without its input has ended when its start is given up', async () => {
  const file = join(fakeDeps().home, 'pid');
  const stop = new AbortController();
  const connecting = connect('stubborn', { signal: stop.signal }, [file]).catch(() => 'given up');
  await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8')).toMatch(/^\d+$/);
  stop.abort(new Error('enough'));
  expect(await connecting).toBe('given up');
  const pid = Number(readFileSync(file, 'utf8'));
  expect(() => process.kill(pid, 0)).toThrow(expect.objectContaining({ code: 'ESRCH' }));
});

test('a call that hangs ends with its signal, whose reason it rejects with, and the server is told', async () => {
  const world = fakeDeps();
  const told = join(world.home, 'told');
  const { call } = await connect('good', {}, [told]);
  const stop = new AbortController();
  const hanging = call('hang', {}, stop.signal);
  await expect.poll(() => existsSync(`${told}.called`)).toBe(true);
  stop.abort(new Error('timeout'));
  await expect(hanging).rejects.toThrow('timeout');
  // The server is there all the same.
  expect(await call('echo', { text: 'Hi' })).toBe('Hi');
  await expect.poll(() => existsSync(told)).toBe(true);
});

test('a tool that the server changes behind our back is not run', async () => {
  const { call, connection } = await connect('good');
  expect(await call('change')).toBe('changed');
  expect(await call('echo', { text: 'Hi' })).toMatchObject({ code: 'mcp_changed' });
  expect(await call('one')).toBe('Two');
  expect(connection.isStale).toBe(true);
});

test('streamable http works over our own network, with the headers that are named', async () => {
  const seen: string[] = [];
  const handle = createMcpHandler(() => {
    const server = new McpServer({ name: 'http', version: '1' });
    server.registerTool(
      'add',
      { inputSchema: z.object({ a: z.number(), b: z.number() }) },
      ({ a, b }) => ({
        content: [{ type: 'text', text: String(a + b) }],
      }),
    );
    return server;
  });
  const http = createServer(async (request, response) => {
    seen.push(`${request.method} ${request.headers.authorization}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const reply = await handle.fetch(
      new Request(`http://127.0.0.1${request.url}`, {
        method: request.method ?? 'GET',
        headers: request.headers as Record<string, string>,
        ...(body.length > 0 && { body }),
      }),
    );
    response.writeHead(reply.status, Object.fromEntries(reply.headers));
    if (reply.body) for await (const chunk of reply.body) response.write(chunk);
    response.end();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void http.close());
  const address = http.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const { deps } = fakeDeps();
  const headers = { authorization: 'Bearer t' };
  const connection = await connectMcp({ url: `http://127.0.0.1:${port}/mcp`, headers }, {}, deps);
  expect(await callOf(connection.tools)('add', { a: 1, b: 2 })).toBe('3');
  await connection.close();
  expect(new Set(seen.map((line) => line.split(' ').slice(1).join(' ')))).toEqual(
    new Set(['Bearer t']),
  );
});

test.each([
  ['http://example.com/mcp', 'usage', 'bad_mcp_url'],
  ['ftp://127.0.0.1/', 'usage', 'bad_mcp_url'],
  ['http://127.0.0.1:9/mcp', 'network', 'mcp_not_reached'],
])('%s cannot be used', async (url, exit, code) => {
  const { deps } = fakeDeps();
  await expect(connectMcp({ url }, {}, deps)).rejects.toMatchObject({ exit, details: { code } });
});
