/** One `alltoken chat` against a server of the test's own. Each run ends with a search for the key in all that it left behind. */
import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type FakeOptions, type FakeWorld, fakeDeps } from './fake-deps.ts';
import {
  goodStream,
  pointedAt,
  type Received,
  sendError,
  sendStream,
  startServer,
  type TestServer,
} from './server.ts';

/** Sent with every request of these tests, and to be seen nowhere else. */
export const secretKey = 'sk-at-test-0123456789abcdef';

export type Reply = (
  response: ServerResponse,
  request: Received,
  count: number,
) => void | Promise<void>;

export interface Asked {
  code: number;
  world: FakeWorld;
  server: TestServer;
}

export interface AskOptions extends FakeOptions {
  /** Files in the home directory, which is the working directory too: text, bytes, or JSON. */
  home?: Record<string, string | Uint8Array | object>;
}

/** `chat …argv` in a new world whose default gateway is a new server that answers with `reply`. */
export async function ask(
  reply: Reply,
  argv: readonly string[] = ['Hi'],
  options: AskOptions = {},
): Promise<Asked> {
  const server = await startServer(reply);
  const world = worldAt(server, options);
  return { code: await chat(world, ...argv), world, server };
}

/** A world whose default gateway is this server. */
export function worldAt(server: TestServer, options: AskOptions = {}): FakeWorld {
  const { home = {}, ...rest } = options;
  const world = fakeDeps({ ...rest, env: { ...pointedAt(server), ...options.env } });
  for (const [name, content] of Object.entries(home)) {
    const isJson = typeof content === 'object' && !(content instanceof Uint8Array);
    world.write(name, isJson ? JSON.stringify(content) : content);
  }
  return world;
}

/** `chat …argv`, and no key anywhere afterwards. */
export async function chat(world: FakeWorld, ...argv: string[]): Promise<number> {
  const code = await world.run('chat', ...argv);
  expectNoKey(world);
  return code;
}

/** Fails when the key stands in anything that was printed or written to a file. */
export function expectNoKey(world: FakeWorld, key = secretKey): void {
  expect(world.out()).not.toContain(key);
  expect(world.err()).not.toContain(key);
  // As bytes: some of these files have many megabytes.
  const holders = pathsBelow(world.home).filter((path) => readFileSync(path).includes(key));
  expect(holders).toEqual([]);
}

/** Text of every file below a directory, by its path in it. */
export function filesBelow(directory: string): Record<string, string> {
  return Object.fromEntries(
    pathsBelow(directory).map((path) => [
      path.slice(directory.length + 1),
      readFileSync(path, 'utf8'),
    ]),
  );
}

function pathsBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** What went to stderr, line by line. */
export function errLines(world: FakeWorld): string[] {
  return world
    .err()
    .split('\n')
    .filter((line) => line !== '');
}

/** The events of `--jsonl`. */
export function events(world: FakeWorld): Record<string, unknown>[] {
  const lines = world.out().split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The turns that a conversation holds on disk. */
export function turnsOf(world: FakeWorld, session: string): Record<string, unknown>[] {
  const text = readFileSync(join(world.home, 'sessions', `${session}.jsonl`), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

export const answerWell: Reply = (response) => sendStream(response, goodStream());

/** Takes the request and drops the connection. */
export const lostReply: Reply = (response) => {
  response.destroy();
};

/** Answers with these bytes of an event stream. */
export function stream(...parts: readonly string[]): Reply {
  return (response) => sendStream(response, parts.join(''));
}

/** Sends these bytes of a stream, then drops the connection. */
export function cutStream(...parts: readonly string[]): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req-1' });
    response.write(parts.join(''), () => setTimeout(() => response.destroy(), 20));
  };
}

/** Sends these bytes of a stream, then nothing, for ever. */
export function stalledStream(...parts: readonly string[]): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req-1' });
    response.write(parts.join(''));
  };
}

/** Answers with the gateway's error envelope. */
export function envelope(
  status: number,
  code: string,
  headers: Record<string, string> = {},
): Reply {
  return (response) => sendError(response, status, code, headers);
}

/** Answers with bytes of any kind. */
export function whole(status: number, contentType: string, body: string): Reply {
  return (response) => {
    response.writeHead(status, { 'content-type': contentType, 'x-request-id': 'req-1' });
    response.end(body);
  };
}

/** Each request gets the next reply; the last one serves all that follow. */
export function inTurn(first: Reply, ...others: Reply[]): Reply {
  return (response, request, count) => {
    const reply = count === 1 ? first : (others[count - 2] ?? others.at(-1) ?? first);
    return reply(response, request, count);
  };
}

/** A base URL on loopback where nobody listens. */
export async function deadBaseUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/v1`;
}

/** Waits until the program has printed this much of the answer. */
export async function untilPrinted(world: FakeWorld, text: string): Promise<void> {
  await expect.poll(() => world.out(), { interval: 5, timeout: 10_000 }).toContain(text);
}
