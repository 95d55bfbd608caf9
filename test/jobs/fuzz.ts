/**
 * A seeded gateway and storage that misbehave in every way they can think of, one `image` or `video` against them, and `tasks resume
 * --all` twice: once against the same, once against one that behaves. Each run is judged by the contract: an exit of the table, one
 * purchase, whole files, bounded pauses and records, no file without a job, a journal that can be read.
 *
 * A short run is part of the tests; a long one: `npm run fuzz:jobs -- --cases 10000 --seed 1`.
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { exitCodes } from '../../src/base/errors.ts';
import { run } from '../../src/cli/program.ts';
import { openJournal } from '../../src/jobs/journal.ts';
import { type TaskRecord, taskRecordSchema } from '../../src/schemas/task-record.ts';
import { type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';
import { inTurns } from '../helpers/in-turns.ts';
import { pointedAt } from '../helpers/server.ts';

type Random = () => number;

/** mulberry32 */
function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function pick<T>(random: Random, list: readonly [T, ...T[]]): T {
  return list[Math.floor(random() * list.length)] ?? list[0];
}

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function noise(random: Random, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) bytes[at] = random() * 256;
  return bytes;
}

const heads: readonly [string, ...string[]] = [
  '\x89PNG\r\n\x1a\n\0\0\0\rIHDR',
  '\xff\xd8\xff\xe0\0\x10JFIF',
  'RIFF\x24\0\0\0WEBPVP8 ',
  'II*\0\b\0\0\0',
  '\xff\x0a\x07',
  '\0\0\0\x18ftypheic\0\0\0\0heicmif1',
  '\x01\x02\x03 of no known kind \0',
];
const filmHeads: readonly [string, ...string[]] = [
  '\0\0\0\x18ftypisom\0\0\x02\0isommp42',
  '\0\0\0\x08wide\0\0\0\0mdat',
  '\x01\x02\x03 of no known kind \0',
];

/** What one case plays, and what it has seen. */
interface Play {
  kind: 'image' | 'video';
  ordered: number;
  random: Random;
  origin: string;
  behaves: boolean;
  /** Hashes of the files that were offered whole. */
  offered: Set<string>;
  /** The bytes of a reply were changed: what is decoded from it may be any file. */
  garbled: boolean;
  files: Map<string, Buffer>;
  creates: { key: string | undefined; body: string; refused: boolean }[];
  requests: number;
  paths: string[];
}

function makeFile(play: Play): Buffer {
  const { random, kind } = play;
  const head = Buffer.from(pick(random, kind === 'image' ? heads : filmHeads), 'latin1');
  const bytes = Buffer.concat([head, noise(random, 40 + Math.floor(random() * 9000))]);
  play.offered.add(hash(bytes));
  return bytes;
}

function addressOf(play: Play): string {
  const name = `f${play.files.size}`;
  play.files.set(name, makeFile(play));
  return `${play.origin}/files/${name}?X-Amz-Signature=cafe`;
}

const taskId = 'vgen_0123456789abcdef01234567';

function entry(play: Play): Record<string, unknown> {
  const { random } = play;
  if (play.behaves) return { b64_json: makeFile(play).toString('base64'), r2_url: addressOf(play) };
  const base64 = (): string => makeFile(play).toString('base64');
  return pick<() => Record<string, unknown>>(random, [
    () => ({ b64_json: base64() }),
    () => ({ b64_json: base64(), r2_url: addressOf(play) }),
    () => ({ r2_url: addressOf(play), mime_type: 'image/png' }),
    () => ({ url: addressOf(play), b64_json: null }),
    () => ({ b64_json: (base64().match(/.{1,64}/g) ?? []).join('\n') }),
    () => ({ b64_json: base64().replace(/=+$/, '') }),
    () => ({ b64_json: makeFile(play).toString('base64url') }),
    () => ({ url: `data:image/png;base64,${base64()}` }),
    () => ({ b64_json: `data:;base64,${base64()}` }),
    () => ({ b64_json: base64().slice(0, -3), r2_url: addressOf(play) }),
    () => ({ b64_json: `${base64().slice(0, 40)}*` }),
    () => ({ b64_json: Buffer.from('{"error":"no"}').toString('base64') }),
    () => ({ b64_json: Buffer.from('<html></html>').toString('base64'), url: addressOf(play) }),
    () => ({ b64_json: '' }),
    () => ({ b64_json: {}, url: [] }),
    () => ({ b64_json: null, url: null }),
    () => ({ url: 'https://10.0.0.1/a.png' }),
    () => ({ url: 'javascript:alert(1)' }),
    () => ({ url: `https://x.invalid/${'y'.repeat(20_000 + random() * 40_000)}` }),
  ])();
}

const oddNumbers: readonly [unknown, ...unknown[]] = [
  ...([2000, 0, -1, 0.001, 1e308, '2000', null, {}, 9e15] as [unknown, ...unknown[]]),
];

function runningTask(play: Play): unknown {
  const { random } = play;
  const status = pick<unknown>(random, [
    ...(['queued', 'processing', 'RUNNING', 'in progress', 'kaput', '', 7, null] as const),
  ] as [unknown, ...unknown[]]);
  return { id: taskId, status, next_poll_after_ms: pick(random, oddNumbers), message: 'soon' };
}

const failures: readonly [string, ...string[]] = [
  ...(['failed', 'FAILURE', 'rejected', 'timeout', 'aborted', 'cancelled', 'expired'] as [
    string,
    ...string[],
  ]),
];

function usageOf(random: Random): unknown {
  return pick<unknown>(random, [
    { total_tokens: 7 },
    null,
    'many',
    { notes: Array.from({ length: random() * 3000 }, (_, at) => `note ${at}`) },
    JSON.parse(`${'['.repeat(2000)}${']'.repeat(2000)}`),
    { a: JSON.parse(`${'['.repeat(2000)}${']'.repeat(2000)}`), total_tokens: 1 },
  ]);
}

function doneTask(play: Play): unknown {
  const { random, kind, behaves } = play;
  const head = {
    id: taskId,
    status: behaves ? 'completed' : pick(random, ['completed', 'succeeded', 'SUCCESS', 'ready']),
    model: 'm',
  };
  if (kind === 'image') {
    const count = behaves || random() < 0.5 ? play.ordered : Math.floor(random() * 8);
    return {
      ...head,
      data: Array.from({ length: count }, () => entry(play)),
      usage: usageOf(random),
    };
  }
  const url = addressOf(play);
  if (behaves) return { ...head, video_url: url };
  return pick<() => unknown>(random, [
    () => ({ ...head, video_url: url, usage: usageOf(random) }),
    () => ({ ...head, video_url: url, is_expired: random() < 0.3 }),
    () => ({ ...head, data: [{ video_url: url }] }),
    () => ({ ...head, content: { video_url: url }, data: [{ video_url: url }] }),
    () => ({ ...head, video_url: 'https://192.168.0.1/film.mp4' }),
    () => ({ ...head, video_url: '' }),
    () => ({ ...head, data: Array.from({ length: 9 }, () => ({ video_url: addressOf(play) })) }),
  ])();
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function envelope(code: string, more = {}): unknown {
  return { error: { code, message: `it is ${code}`, ...more } };
}

/** The text of a good reply: whole, cut off, changed in some bytes, or nested without end. */
function sendTask(play: Play, response: ServerResponse, status: number, body: unknown): void {
  const { random } = play;
  const text = JSON.stringify(body);
  const way = play.behaves ? 0 : random();
  if (way < 0.7) {
    response.writeHead(status, { 'content-type': 'application/json' }).end(text);
  } else if (way < 0.8) {
    response.writeHead(status, { 'content-length': Buffer.byteLength(text) });
    response.write(text.slice(0, random() * text.length), () => response.destroy());
  } else if (way < 0.85) {
    play.garbled = true;
    response.writeHead(status).end(text.slice(0, random() * text.length));
  } else if (way < 0.9) {
    const depth = Math.floor(random() * 20_000);
    const deep = `{"deep":${'['.repeat(depth)}${']'.repeat(depth)},`;
    response.writeHead(status).end(`${deep}${text.slice(1)}`);
  } else {
    play.garbled = true;
    const bytes = Buffer.from(text);
    for (let count = 1 + random() * 4; count > 0; count -= 1)
      bytes[Math.floor(random() * bytes.length)] = random() * 256;
    response.writeHead(status).end(bytes);
  }
}

type Route = (play: Play, response: ServerResponse, request: IncomingMessage) => void;

const trouble: readonly [Route, ...Route[]] = [
  (_, response) => response.writeHead(502).end('<html><title>Bad gateway</title></html>'),
  (_, response) => response.writeHead(200).end('<html><title>Sign in</title></html>'),
  (_, response) => response.writeHead(200).end(),
  (_, response) => response.writeHead(200).end('[1,2'),
  (_, response) => void response.destroy(),
  (_, response) => void response.socket?.resetAndDestroy(),
  (_, response) => response.writeHead(307, { location: 'https://elsewhere.invalid/' }).end(),
];

const refusals: readonly [Route, ...Route[]] = [
  ({ random }, response) =>
    sendJson(response, 429, envelope('rate_limited'), {
      'retry-after': pick(random, ['0', '1', '59', '99999', '-1', 'soon', '1e308']),
    }),
  (_, response) => sendJson(response, 503, envelope('all_providers_failed')),
  (_, response) => sendJson(response, 402, envelope('insufficient_balance')),
  (_, response) => sendJson(response, 400, envelope('invalid_request')),
  (_, response) => sendJson(response, 401, envelope('invalid_api_key')),
  (_, response) => sendJson(response, 500, envelope('internal')),
];

const ids: readonly [unknown, ...unknown[]] = [
  ...([taskId, taskId, taskId, taskId, '..', '.', '\ud800', 'a/../b', '', 7, null, {}] as [
    unknown,
    ...unknown[],
  ]),
  'x'.repeat(9000),
];

const create: Route = (play, response) => {
  const { random } = play;
  const way = play.behaves ? 0 : random();
  if (way < 0.65) {
    const id = play.behaves ? taskId : pick(random, ids);
    sendTask(play, response, 202, { id, status: 'queued', model: 'm' });
  } else if (way < 0.7)
    sendJson(response, 409, envelope('duplicate_request', { task_id: pick(random, ids) }));
  else pick(random, trouble)(play, response, response.req);
};

const poll: Route = (play, response, request) => {
  const { random } = play;
  const way = play.behaves ? 1 : random();
  if (way < 0.25) sendTask(play, response, 200, runningTask(play));
  else if (way < 0.35) pick(random, trouble)(play, response, request);
  else if (way < 0.4) pick(random, refusals)(play, response, request);
  else if (way < 0.43) sendJson(response, pick(random, [404, 409, 408, 425]), envelope('later'));
  else if (way < 0.46)
    sendJson(response, 410, envelope(pick(random, ['image_already_retrieved', 'image_expired'])));
  else if (way < 0.52)
    sendTask(play, response, 200, {
      id: taskId,
      status: pick(random, failures),
      error: {
        code: pick(random, ['x', 'OutputVideoSensitiveContentDetected', '']),
        message: 'no',
      },
    });
  else sendTask(play, response, 200, doneTask(play));
};

const errorDocuments: readonly [string, ...string[]] = [
  '{"error":{"code":"expired","message":"no"}}',
  '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
  '<!DOCTYPE html><html></html>',
  ' {"ok":false}',
  '',
];

const file: Route = (play, response, request) => {
  const { random } = play;
  const bytes = play.files.get(/\/files\/(\w+)/.exec(request.url ?? '')?.[1] ?? '');
  const way = play.behaves ? 0 : random();
  if (bytes === undefined) response.writeHead(404).end();
  else if (way < 0.5) sendPart(response, request, bytes, bytes.length);
  else if (way < 0.65) sendPart(response, request, bytes, Math.floor(random() * bytes.length));
  else if (way < 0.75) {
    const [encoding, body] = pick<[string, Uint8Array]>(random, [
      ['gzip', gzipSync(bytes)],
      ['br', brotliCompressSync(bytes)],
      ['aws-chunked', bytes],
      ['utf-8', bytes],
      ['gzip', bytes],
      ['gzip', gzipSync(bytes).subarray(0, 30)],
      ['br, gzip', gzipSync(brotliCompressSync(bytes))],
    ]);
    response.writeHead(200, { 'content-encoding': encoding }).end(body);
  } else if (way < 0.85) response.writeHead(200).end(pick(random, errorDocuments));
  else if (way < 0.97)
    response.writeHead(pick(random, [404, 403, 410, 500, 503, 400, 416, 206, 204])).end();
  else response.destroy();
};

/** With ranges, and cut off after so many bytes. */
function sendPart(
  response: ServerResponse,
  { headers }: IncomingMessage,
  bytes: Buffer,
  upTo: number,
): void {
  const etag = `"${hash(bytes).slice(0, 8)}"`;
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? Number.NaN);
  const isPart = from < bytes.length && headers['if-range'] === etag;
  const body = isPart ? bytes.subarray(from) : bytes;
  response.writeHead(isPart ? 206 : 200, {
    etag,
    'content-length': body.length,
    ...(isPart && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
  });
  if (upTo >= body.length) response.end(body);
  else response.write(body.subarray(0, upTo), () => response.destroy());
}

function serve(play: Play, request: IncomingMessage, response: ServerResponse, body: string): void {
  const { method = '', url = '' } = request;
  play.requests += 1;
  play.paths.push(`${method} ${url}`);
  if (url.startsWith('/files/')) file(play, response, request);
  else if (method === 'POST') {
    // A refusal in the gateway's envelope buys nothing.
    const refused = !play.behaves && play.random() < 0.1;
    play.creates.push({ key: request.headers['idempotency-key'] as string, body, refused });
    (refused ? pick(play.random, refusals) : create)(play, response, request);
  } else if (/\?limit=/.test(url)) sendJson(response, 200, { items: [], total: 0 });
  else poll(play, response, request);
}

export interface Verdict {
  seed: number;
  exits: number[];
  /** The last lines on stderr, of a case with faults. */
  said?: string;
  creates: number;
  requests: number;
  files: number;
  /** What breaks the contract; empty when nothing does. */
  faults: string[];
}

const MOST_REQUESTS = 400;
const LONGEST_PAUSE_MS = 61_000;
const MOST_RECORD_BYTES = 4 * 1024 * 1024;
const known = new Set(Object.values(exitCodes).map(({ code }) => code));

let uuids = 0;

/** Another process in the same home. */
function processIn(world: FakeWorld, processId: number): FakeWorld['deps'] {
  return {
    ...world.deps,
    processId,
    processMark: (id) => (id === processId ? `mark${id}` : null),
    uuid: () => {
      uuids += 1;
      return `00000000-0000-4000-8000-${String(uuids).padStart(12, '0')}`;
    },
  };
}

async function fuzzOnce(seed: number): Promise<Verdict> {
  const random = seeded(seed);
  const kind = pick(random, ['image', 'video'] as const);
  const ordered = kind === 'image' && random() < 0.3 ? 2 : 1;
  const play: Play = {
    ...{ kind, ordered, random, origin: '', behaves: false, garbled: false, requests: 0 },
    ...{ offered: new Set(), files: new Map(), creates: [], paths: [] },
  };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    response.on('error', () => {});
    request.on('error', () => {});
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => serve(play, request, response, Buffer.concat(parts).toString()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  play.origin = `http://127.0.0.1:${port}`;
  const world = fakeDeps({ env: pointedAt({ baseUrl: `${play.origin}/v1`, port, requests: [] }) });
  const faults: string[] = [];
  const exits: number[] = [];
  const step = async (processId: number, ...argv: string[]): Promise<number> => {
    const code = await run(argv, processIn(world, processId));
    exits.push(code);
    if (code === 1 || code === 2 || !known.has(code)) faults.push(`${argv[0]}: exit ${code}`);
    return code;
  };
  const count = ordered > 1 ? ['-n', String(ordered)] : [];
  const code = await step(5000, kind, '--wait', '200', ...count, 'A cat');
  const bought = play.creates.filter(({ refused }) => !refused);
  // 26 is a task that was refused; a 409 is a verdict that nothing of ours was made.
  if (code >= 20 && code < 40 && code !== 26 && code !== 25 && bought.length > 0)
    faults.push(`exit ${code} says that nothing was bought`);
  await step(5001, 'tasks', 'resume', '--all');
  play.behaves = true;
  await step(5002, 'tasks', 'resume', '--all');
  server.closeAllConnections();
  server.close();
  const sent = play.creates.filter(({ refused }) => !refused);
  if (sent.length > (kind === 'image' ? 3 : 1)) faults.push(`bought with ${sent.length} requests`);
  if (new Set(play.creates.map(({ key, body }) => `${key} ${body}`)).size > 1)
    faults.push('two different requests');
  if (play.requests > MOST_REQUESTS) faults.push(`${play.requests} requests`);
  if (Math.max(0, ...world.sleeps) > LONGEST_PAUSE_MS) faults.push('a pause that is too long');
  if (
    !play.garbled &&
    !play.paths.every((path) =>
      /^(POST|GET) \/(v1\/(images|videos)\/generations|files\/|api-account\/models)/.test(path),
    )
  )
    faults.push(`another path was requested: ${play.paths.join(', ').slice(0, 300)}`);
  const files = await judgeHome(world, play, faults);
  rmSync(world.home, { recursive: true, force: true });
  const { requests, creates } = play;
  const said = faults.length === 0 ? {} : { said: world.err().slice(-2000) };
  return { seed, exits, creates: creates.length, requests, files, faults, ...said };
}

/** Every file is whole and belongs to a job, and every job can be read. Returns how many files were saved. */
async function judgeHome(world: FakeWorld, play: Play, faults: string[]): Promise<number> {
  const directory = join(world.home, 'tasks');
  const journal = openJournal(directory, world.deps);
  const { records, unreadable } = await journal.list();
  if (unreadable.length > 0) faults.push('a record that cannot be read');
  const { results, others } = await journal.strays();
  if (results.length + others.length > 0) faults.push(`strays: ${[...results, ...others]}`);
  for (const record of records) judgeRecord(record, directory, play, faults);
  const saved = records.flatMap(({ items }) => items.flatMap((item) => item.saved?.path ?? []));
  for (const path of saved) {
    const bytes = readFileSync(path);
    if (bytes.length === 0) faults.push('an empty file');
    if (!play.garbled && !play.offered.has(hash(bytes))) faults.push(`not whole: ${path}`);
  }
  for (const name of readdirSync(world.home)) {
    const path = join(world.home, name);
    if (['tasks', 'ledger', 'cache', 'budget'].includes(name) || saved.includes(path)) continue;
    const id = /^\.(job_[0-9a-f]{12})-\d+\.part$/.exec(name)?.[1];
    if (!records.some((record) => record.id === id)) faults.push(`litter: ${name}`);
  }
  for (const line of world.ledger())
    if (JSON.stringify(line).length > 100_000) faults.push('ledger');
  return saved.length;
}

function judgeRecord(record: TaskRecord, directory: string, play: Play, faults: string[]): void {
  const path = join(directory, `${record.id}.json`);
  if (statSync(path).size > MOST_RECORD_BYTES / 2) faults.push('a large record');
  if (!taskRecordSchema.safeParse(record).success) faults.push('a bad record');
  // Against a server that behaves, whatever it still has is saved.
  const isMore = record.items.length > play.ordered;
  if ((record.state === 'submitted' || record.state === 'received') && !isMore)
    faults.push(`left in state ${record.state}`);
}

/** So many cases, a few at a time. */
export function fuzz(cases: number, seed: number, atOnce = 6): Promise<Verdict[]> {
  return inTurns(cases, seed, atOnce, fuzzOnce);
}
