/**
 * A seeded server that misbehaves in every way it can think of, and one chat call (or free request) of ours against it. Each run is
 * judged by the contract: an exit of the table, at most three requests, no second purchase, bounded time and memory.
 *
 * A short run is part of the tests; a long one: `npm run fuzz:transport -- --cases 10000 --seed 1`.
 */

import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Clock, Send } from '../../src/base/deps.ts';
import { CliError, exitCodes } from '../../src/base/errors.ts';
import { Answer } from '../../src/client/answer.ts';
import { streamChat } from '../../src/client/chat.ts';
import { alltoken } from '../../src/gateways/alltoken.ts';
import { openNetwork } from '../../src/transport/network.ts';
import { sendRequest } from '../../src/transport/request.ts';
import { inTurns } from '../helpers/in-turns.ts';

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;

const pick = <T>(random: Random, of: readonly [T, ...T[]]): T =>
  of[Math.floor(random() * of.length)] ?? of[0];

const chunk = (text: string, finish: string | null): string =>
  `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, delta: { content: text }, finish_reason: finish }] })}\n\n`;

const goodBody =
  `${chunk('Hello', null)}${chunk(' world', 'stop')}` +
  'data: [DONE]\n\n: {"cost":"0.0000188000","input_price":"0.2","output_price":"1.25","prompt_tokens":1,"completion_tokens":1}\n\n';

const envelope = JSON.stringify({
  error: { code: 'rate_limited', message: 'slow down', type: 't' },
});

interface Script {
  bytes: Buffer;
  /** How the bytes are cut for sending: pieces of this size, so many ms apart. */
  piece: number;
  everyMs: number;
  end: 'close' | 'reset' | 'keep' | 'stall' | 'flood';
  /** 429 or 503 in the gateway's envelope: nothing was bought. */
  refuses: boolean;
}

const statusLines: readonly [string, ...string[]] = [
  'HTTP/1.1 200 OK',
  'HTTP/1.1 200 OK',
  'HTTP/1.1 200 OK',
  'HTTP/1.0 200 OK',
  'HTTP/1.1 429 Too Many Requests',
  'HTTP/1.1 503 Service Unavailable',
  'HTTP/1.1 500 Oops',
  'HTTP/1.1 307 Temporary Redirect\r\nlocation: https://elsewhere.invalid/',
  'HTTP/1.1 401 No',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK',
  'HTTP/1.1 103 Early Hints\r\nlink: </>\r\n\r\nHTTP/1.1 200 OK',
  'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c',
  'HTTP/1.1 999 Strange',
  'HTTP/9.9 200 OK',
];

function frame(random: Random, body: string): string {
  switch (pick(random, ['length', 'chunks', 'none', 'short', 'long', 'both', 'bad chunk'])) {
    case 'length':
      return `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    case 'chunks': {
      const at = Math.floor(random() * body.length);
      const parts = [body.slice(0, at), body.slice(at)].filter((part) => part !== '');
      const framed = parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`);
      return `transfer-encoding: chunked\r\n\r\n${framed.join('')}0\r\nx-trailer: 1\r\n\r\n`;
    }
    case 'short':
      return `content-length: ${Math.floor(body.length / 2)}\r\n\r\n${body}`;
    case 'long':
      return `content-length: ${body.length + 10}\r\n\r\n${body}`;
    case 'both':
      return `content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`;
    case 'bad chunk':
      return `transfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\nzz\r\n`;
    default:
      return `\r\n${body}`;
  }
}

function writeScript(random: Random): Script {
  const status = pick(random, statusLines);
  const isError = /^HTTP\/1\.1 (429|503)/.test(status);
  const body = isError && random() < 0.7 ? envelope : goodBody;
  const retry = isError ? pick(random, ['', 'retry-after: 0\r\n', 'retry-after: 1\r\n']) : '';
  let bytes = Buffer.from(
    `${status}\r\ncontent-type: text/event-stream\r\n${retry}${frame(random, body)}`,
  );
  // Garbage at any place: the status line, a header, a chunk size, the body, behind the end.
  if (random() < 0.4) {
    const at = Math.floor(random() * bytes.length);
    const noise = Buffer.from(
      Array.from({ length: 1 + Math.floor(random() * 8) }, () => random() * 256),
    );
    bytes =
      random() < 0.5
        ? Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)])
        : Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at + noise.length)]);
  }
  if (random() < 0.3) bytes = bytes.subarray(0, Math.floor(random() * bytes.length));
  return {
    bytes,
    piece: pick(random, [bytes.length || 1, 1 + Math.floor(random() * 40), 512]),
    everyMs: pick(random, [0, 0, 0, 1]),
    end: pick(random, ['close', 'close', 'reset', 'keep', 'stall', 'flood']),
    refuses: isError && body === envelope,
  };
}

interface Played {
  port: number;
  /** Requests of which a byte came. */
  requests: () => number;
  /** Whole bodies of a POST that was not refused in the gateway's envelope. */
  purchases: () => number;
  close(): void;
}

/** One connection serves request after request, each with a script of its own. */
async function play(random: Random): Promise<Played> {
  const sockets = new Set<Socket>();
  let requests = 0;
  let purchases = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let heard = '';
    if (random() < 0.03) return void socket.destroy();
    socket.on('data', (data) => {
      if (heard === '') requests += 1;
      heard += data.toString('latin1');
      const at = heard.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(heard)?.[1] ?? 0);
      // Now and then it answers before it has read all.
      if (at === -1 || (heard.length < at + 4 + length && random() < 0.8)) return;
      const isPost = heard.startsWith('POST');
      heard = '';
      const script = writeScript(random);
      if (isPost && !script.refuses) purchases += 1;
      void perform(socket, script);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests: () => requests,
    purchases: () => purchases,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function perform(socket: Socket, { bytes, piece, everyMs, end }: Script): Promise<void> {
  for (let at = 0; at < bytes.length && !socket.destroyed; at += piece) {
    socket.write(bytes.subarray(at, at + piece));
    if (piece < bytes.length) await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  if (end === 'close') socket.end();
  else if (end === 'reset') socket.resetAndDestroy();
  else if (end === 'flood') {
    const noise = Buffer.from(': still here\n\n'.repeat(500));
    for (let count = 0; count < 2000 && !socket.destroyed; count += 1)
      if (!socket.write(noise)) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

interface Verdict {
  seed: number;
  exit: string;
  requests: number;
  purchases: number;
  ms: number;
  /** What breaks the contract; empty when nothing does. */
  faults: string[];
}

const timeouts = { connectMs: 400, firstByteMs: 250, idleMs: 150, commentsMs: 300, totalMs: null };
/** Of one call, with all its tries; the waits between are not slept. */
const LONGEST_MS = 20_000;
const MOST_BYTES = 256 * 1024 * 1024;

/** Waits between tries pass at once; all else takes its time. */
const clock: Clock = {
  now: () => Date.parse('2026-11-22T12:00:00Z'),
  monotonic: () => performance.now(),
  sinceBoot: () => null,
  async sleep(_, signal) {
    if (signal.aborted) throw signal.reason;
  },
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};

async function fuzzOnce(seed: number): Promise<Verdict> {
  const random = seeded(seed);
  const road = pick(random, ['straight', 'straight', 'proxied']);
  const paid = random() < 0.6;
  const server = await play(random);
  const here = `http://127.0.0.1:${server.port}`;
  const env = road === 'proxied' ? { HTTP_PROXY: here } : {};
  const url = `${road === 'proxied' ? 'http://gateway.invalid' : here}/v1/chat/completions`;
  const begun = performance.now();
  const before = process.memoryUsage().rss;
  const faults: string[] = [];
  let exit = 'ok';
  try {
    const send = await openNetwork({ env, clock }, { connectTimeoutMs: timeouts.connectMs });
    // A free request first leaves a connection behind that the next one may take.
    if (random() < 0.3) await free(url, send, random).catch(() => {});
    const earlier = server.requests();
    try {
      await (paid ? buy(url, send, random) : free(url, send, random));
    } catch (error) {
      if (error instanceof CliError) exit = error.exit;
      else faults.push(`threw ${String(error)}`);
    }
    if (server.requests() - earlier > 3) faults.push('more than three requests');
  } finally {
    server.close();
  }
  const ms = Math.round(performance.now() - begun);
  if (!(exit in exitCodes) || exit === 'internal') faults.push(`exit ${exit}`);
  if (server.purchases() > 1) faults.push('bought twice');
  if (paid && ['network', 'timeout'].includes(exit) && server.purchases() > 0)
    faults.push(`exit ${exit} says that nothing was bought`);
  if (ms > LONGEST_MS) faults.push(`${ms} ms`);
  if (process.memoryUsage().rss - before > MOST_BYTES) faults.push('memory');
  return { seed, exit, requests: server.requests(), purchases: server.purchases(), ms, faults };
}

const policy = { timeouts, maxRetryWaitMs: 60_000 };

async function buy(url: string, send: Send, random: Random): Promise<void> {
  const call = {
    gateway: alltoken,
    url,
    headers: { 'content-type': 'application/json' },
    body: { model: 'm', messages: [{ role: 'user', content: 'x'.repeat(random() * 5000) }] },
    model: 'm',
    policy,
    debug: false,
  };
  const signal = new AbortController().signal;
  for await (const _event of streamChat(call, new Answer(1e6), send, {
    clock,
    random,
    signal,
    keepMemoryFlat() {},
  }));
}

async function free(url: string, send: Send, random: Random): Promise<void> {
  const request = { method: 'GET' as const, url, headers: {}, paid: false };
  const deps = { clock, random, signal: new AbortController().signal };
  const sending = sendRequest(request, policy, send, deps);
  let step = await sending.next();
  while (!step.done) step = await sending.next();
  const reply = step.value;
  try {
    for await (const _bytes of reply.chunks());
  } catch {
    // A body that breaks is judged by who reads it.
  } finally {
    reply.watch.stop();
  }
}

/** So many cases, a few at a time. */
export function fuzz(cases: number, seed: number, atOnce = 8): Promise<Verdict[]> {
  return inTurns(cases, seed, atOnce, fuzzOnce);
}
