/** What the simulated gateways share: reading a request, making answers, tasks and goods, and the store where files are. It is no gateway. */

import type { Books, Task } from './gateway-books.ts';
import type { Answer, Arrived, Piece, Server } from './network.ts';
import { faultsOf } from './network-faults.ts';
import { Random } from './random.ts';
import type { Time } from './time.ts';

export interface Shop {
  books: Books;
  time: Time;
  /** Wall clock of the servers, ms since 1970. */
  wall(): number;
  seed: number;
}

/** The process that asks, by the number in its prompt; of a conversation, the newest. */
export function runOf(prompt: string): number {
  return Number([...prompt.matchAll(/#(\d+)/g)].at(-1)?.[1] ?? -1);
}

/** Every process whose prompt is in there, in order. */
export function promptsIn(text: string): number[] {
  return [...text.matchAll(/#(\d+)/g)].map(([, number]) => Number(number));
}

/** What asks for a line of a batch, so that nobody else can; null: it is none. */
export function lineIn(text: string): string | null {
  return /question \d+ @batch-\d+/.exec(text)?.[0] ?? null;
}

/** What becomes of one order does not depend on any other. */
export function fateOf(shop: Shop, run: number, what: string): Random {
  return new Random(shop.seed, `${what} ${run}`);
}

export function jsonOf(body: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(body.toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
}

export function json(
  status: number,
  document: unknown,
  headers: Record<string, string> = {},
  after = 20,
  onRead?: () => void,
): Answer {
  const bytes = Buffer.from(JSON.stringify(document));
  const half = bytes.length > 600 ? bytes.length >> 1 : 0;
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'content-length': `${bytes.length}`,
      ...headers,
    },
    after,
    pieces: [
      { after: 0, bytes: bytes.subarray(0, half) },
      { after: 3, bytes: bytes.subarray(half), ...(onRead && { onRead }) },
    ],
  };
}

export function refusal(
  status: number,
  code: string,
  headers: Record<string, string> = {},
  more: Record<string, unknown> = {},
  onRead?: () => void,
): Answer {
  const error = { code, message: `no: ${code}`, param: null, type: 'api_error', ...more };
  return json(status, { error: { ...error, request_id: 'req_refused' } }, headers, 10, onRead);
}

/** Refusals that any route may give before anything is sold, by the name of the fault. */
export const refusals: Readonly<Record<string, () => Answer>> = {
  '429': () => refusal(429, 'rate_limited', { 'retry-after': '2' }),
  '429 for long': () => refusal(429, 'rate_limited', { 'retry-after': '300' }),
  '503': () => refusal(503, 'all_providers_failed'),
  '500': () => refusal(500, 'internal_error'),
  '401': () => refusal(401, 'invalid_api_key'),
  '402': () => refusal(402, 'insufficient_balance'),
  '404': () => refusal(404, 'model_not_found'),
};

/** Pieces of a stream of server-sent events; the rest goes out at once. */
export function events(blocks: readonly Piece[]): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    after: 100,
    pieces: blocks,
  };
}

export function data(value: unknown, after: number): Piece {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return { after, bytes: Buffer.from(`data: ${text}\n\n`) };
}

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const mp4 = Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomiso2', 'latin1');

/** Bytes that begin as what they are. */
export function goods(kind: 'image' | 'video', random: Random): Buffer {
  const size = random.chance(0.1) ? random.between(5000, 20_000) : random.between(40, 3000);
  return Buffer.concat([kind === 'image' ? png : mp4, random.bytes(size)]);
}

/** What commands are given, by name. */
export const inputFiles: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['photo.png', Buffer.concat([png, new Random(1, 'photo').bytes(800)])],
  ['mask.png', Buffer.concat([png, new Random(2, 'mask').bytes(400)])],
  ['notes.md', Buffer.from('# Notes\n\nA line of ünïcode.\n')],
];

/** How long it takes: mostly shorter than in life, since polls say little new; at times much longer. */
export function readyAfter(kind: 'image' | 'video', random: Random): number {
  if (random.chance(0.02)) return random.between(200, 1500) * 1000;
  return kind === 'image' ? random.between(0, 12_000) : random.between(1000, 20_000);
}

const NOT_FOUND = json(404, { error: { message: 'no such file', type: 'not_found' } });

/** Where the files of results are: public, with ranges, and it must never see a key. */
export function fileStore(books: Books): Server {
  /** Items in whose place another file was put while they were fetched; only the rest of it is ever seen. */
  const replaced = new Set<string>();
  return {
    routeOf: () => 'GET file',
    faultsOf,
    answer({ url, headers }: Arrived, _route, fault): Answer {
      const [, id = '', index = ''] = url.pathname.split('/');
      const item = books.tasks.get(id)?.items[Number(index)];
      if (item === undefined || fault === '404') return NOT_FOUND;
      if (fault === '403') return json(403, { error: { message: 'no', type: 'forbidden' } });
      if (fault === '503') return json(503, { error: { message: 'later', type: 'busy' } });
      if (fault === 'page') return page();
      const name = `${id}/${index}`;
      const rest = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
      if (replaced.has(name) && rest > 0) {
        replaced.delete(name);
        return partOfAnother(item, rest);
      }
      if (fault === 'replaced') replaced.add(name);
      const validator = fault === 'other file' ? '"other"' : `"${id}-${index}"`;
      const from = rest;
      const condition = headers['if-range'];
      const isRange = from > 0 && fault !== 'whole file' && condition === validator;
      if (isRange && from >= item.length)
        return { ...json(416, {}), headers: { 'content-range': `bytes */${item.length}` } };
      const bytes = isRange ? item.subarray(from) : item;
      return {
        kind: isRange ? 'a range' : 'all of it',
        status: isRange ? 206 : 200,
        headers: {
          etag: validator,
          'content-length': `${bytes.length}`,
          ...(isRange && {
            'content-range': `bytes ${from}-${item.length - 1}/${item.length}`,
          }),
        },
        after: 15,
        pieces: [
          { after: 0, bytes: bytes.subarray(0, bytes.length >> 1) },
          ...(fault === 'replaced'
            ? []
            : [{ after: 40, bytes: bytes.subarray(bytes.length >> 1) }]),
        ],
      };
    },
  };
}

/** A store that does not look at If-Range. */
function partOfAnother({ length }: Buffer, from: number): Answer {
  return {
    status: 206,
    headers: {
      etag: '"another"',
      'content-length': `${length - from}`,
      'content-range': `bytes ${from}-${length - 1}/${length}`,
    },
    after: 15,
    pieces: [{ after: 0, bytes: Buffer.alloc(length - from, 7) }],
  };
}

/** With the word under which it is counted. */
export function named(kind: string, answer: Answer): Answer {
  return { ...answer, kind };
}

export function page(): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'text/html' },
    after: 5,
    pieces: [{ after: 0, bytes: Buffer.from('<!DOCTYPE html><html><body>log in</body></html>') }],
  };
}

/** The words for where a task is, now. */
export function stateOf(task: Task, now: number): 'queued' | 'running' | Task['end'] {
  if (task.end === 'cancelled') return 'cancelled';
  if (now >= task.readyAt) return task.end;
  return now < task.madeAt + 3500 ? 'queued' : 'running';
}
