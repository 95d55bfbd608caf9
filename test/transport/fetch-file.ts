/** Downloads one file the way the program does, through the production network, into memory, and keeps all that came of it. */
import type { ServerResponse } from 'node:http';
import { CliError } from '../../src/base/errors.ts';
import {
  type DownloadEnd,
  type DownloadNote,
  type DownloadRequest,
  download,
  type Sink,
} from '../../src/transport/download.ts';
import type { Part } from '../../src/transport/file-reply.ts';
import type { Timeouts } from '../../src/transport/watch.ts';
import { type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';
import { type Received, startServer, type TestServer } from '../helpers/server.ts';

/** What stands in every address of these tests and may be seen nowhere. */
export const SECRET = 'X-Signature=5ecr3t';

export interface MemorySink extends Sink {
  text(): string;
  /** What was called, in order: `restart`, `head`, `write`. */
  calls: string[];
  heads: Parameters<Sink['head']>[0][];
}

export function memorySink(before = '', changes: Partial<Sink> = {}): MemorySink {
  let parts = [Buffer.from(before)];
  const calls: string[] = [];
  const heads: MemorySink['heads'] = [];
  return {
    text: () => Buffer.concat(parts).toString('latin1'),
    calls,
    heads,
    async restart() {
      calls.push('restart');
      parts = [];
    },
    async head(facts) {
      calls.push('head');
      heads.push(facts);
    },
    async write(bytes) {
      calls.push('write');
      parts.push(Buffer.from(bytes));
      await changes.write?.(bytes);
    },
  };
}

export interface FetchOptions extends Partial<Omit<DownloadRequest, 'timeouts' | 'sink' | 'part'>> {
  /** Text that an earlier try left. */
  left?: { text: string } & Partial<Part>;
  timeouts?: Partial<Timeouts>;
  sink?: MemorySink;
  world?: FakeWorld;
}

export interface Fetched {
  end: DownloadEnd | null;
  /** null: it went well. */
  error: CliError | null;
  /** Thrown, and no CliError. */
  thrown: unknown;
  text: string;
  sink: MemorySink;
  notes: DownloadNote[];
  /** The waits, in ms. */
  sleeps: number[];
}

const patient: Timeouts = {
  connectMs: 10_000,
  firstByteMs: 10_000,
  idleMs: 10_000,
  commentsMs: 10_000,
  totalMs: null,
};

export async function fetchFile(server: TestServer, options: FetchOptions = {}): Promise<Fetched> {
  const { left, world = fakeDeps(), timeouts, ...changes } = options;
  const sink = options.sink ?? memorySink(left?.text);
  const limits = { ...patient, ...timeouts };
  const request: DownloadRequest = {
    url: `http://127.0.0.1:${server.port}/secret-path/film.mp4?${SECRET}`,
    baseUrl: server.baseUrl,
    userAgent: 'alltoken-cli/0.0.0-test',
    maxBytes: 1_000_000,
    part: left
      ? { bytes: left.text.length, validator: left.validator ?? null, total: left.total ?? null }
      : null,
    ...changes,
    timeouts: limits,
    sink,
  };
  const fetch = await world.deps.openNetwork({ connectTimeoutMs: limits.connectMs });
  const notes: DownloadNote[] = [];
  const fetched = { end: null, error: null, thrown: null, notes, sink, sleeps: world.sleeps };
  const come = download(request, fetch, world.deps);
  try {
    let step = await come.next();
    for (; !step.done; step = await come.next()) notes.push(step.value);
    return { ...fetched, end: step.value, text: sink.text() };
  } catch (error) {
    const text = sink.text();
    return error instanceof CliError
      ? { ...fetched, error, text }
      : { ...fetched, thrown: error, text };
  }
}

export type FileReplyTo = (response: ServerResponse, request: Received, count: number) => void;

/** A server, and one download from it. */
export async function fetchFrom(
  reply: FileReplyTo,
  options: FetchOptions = {},
): Promise<Fetched & { server: TestServer }> {
  const server = await startServer(reply);
  return { ...(await fetchFile(server, options)), server };
}

export interface FileOptions {
  etag?: string;
  lastModified?: string;
  headers?: Record<string, string>;
  /** Breaks off after this many bytes of the body. */
  cutAfter?: number;
}

/** A storage as it should be: whole or from the middle, and If-Range is minded. */
export function serveFile(text: string, options: FileOptions = {}): FileReplyTo {
  const { etag, lastModified, headers = {} } = options;
  return (response, request) => {
    const start = Number(/^bytes=(\d+)-$/.exec(String(request.headers.range))?.[1] ?? 0);
    const condition = request.headers['if-range'];
    const same = condition === undefined || condition === etag || condition === lastModified;
    const common = {
      'content-type': 'video/mp4',
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { 'last-modified': lastModified }),
    };
    if (request.headers.range && same && start >= text.length) {
      response.writeHead(416, { 'content-range': `bytes */${text.length}` }).end();
      return;
    }
    const isPart = request.headers.range !== undefined && same;
    const body = isPart ? text.slice(start) : text;
    const range = { 'content-range': `bytes ${start}-${text.length - 1}/${text.length}` };
    response.writeHead(isPart ? 206 : 200, {
      ...common,
      'content-length': body.length,
      ...(isPart ? range : {}),
      ...headers,
    });
    if (options.cutAfter === undefined) response.end(body);
    else cut(response, body.slice(0, options.cutAfter));
  };
}

/** Sends this much of a body, then drops the connection. */
export function cut(response: ServerResponse, text: string): void {
  if (text === '') response.flushHeaders();
  else response.write(text);
  setTimeout(() => response.destroy(), 20);
}

/** The `range` and `if-range` of each request. */
export function rangesOf(server: TestServer): unknown[] {
  return server.requests.map(({ headers }) => [headers.range, headers['if-range']]);
}
