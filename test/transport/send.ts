/** Sends one request the way the program does, through the production network, and keeps all that came of it. */
import { CliError } from '../../src/base/errors.ts';
import { type RequestNote, sendRequest } from '../../src/transport/request.ts';
import type { Timeouts } from '../../src/transport/watch.ts';
import { type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';

export const KEY = 'sk-at-test-0123456789abcdef';

export interface SendOptions {
  /** Default: a paid POST. */
  paid?: boolean;
  env?: Record<string, string>;
  timeouts?: Partial<Timeouts>;
  maxRetryWaitMs?: number;
  world?: FakeWorld;
}

export interface Sent {
  /** null: it went well. */
  error: CliError | null;
  status: number | null;
  requestId: string | null;
  /** As much of the body as came. */
  body: string;
  /** What broke the body, if anything. */
  broken: unknown;
  notes: RequestNote[];
  /** How often it was sent. */
  tries: number;
  /** The waits between, in ms. */
  sleeps: number[];
}

const patient: Timeouts = {
  connectMs: 10_000,
  firstByteMs: 10_000,
  idleMs: 10_000,
  commentsMs: 10_000,
  totalMs: null,
};

export async function send(url: string, options: SendOptions = {}): Promise<Sent> {
  const world = options.world ?? fakeDeps(options.env ? { env: options.env } : {});
  const timeouts = { ...patient, ...options.timeouts };
  const paid = options.paid ?? true;
  const request = {
    method: paid ? ('POST' as const) : ('GET' as const),
    url,
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    paid,
    ...(paid ? { body: '{"model":"m"}' } : {}),
  };
  const policy = { timeouts, maxRetryWaitMs: options.maxRetryWaitMs ?? 60_000 };
  const sent: Sent = {
    error: null,
    status: null,
    requestId: null,
    body: '',
    broken: null,
    notes: [],
    tries: 0,
    sleeps: world.sleeps,
  };
  try {
    const fetch = await world.deps.openNetwork({ connectTimeoutMs: timeouts.connectMs });
    await collect(sendRequest(request, policy, fetch, world.deps), sent);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    sent.error = error;
  }
  sent.tries = sent.notes.filter((note) => note.type === 'sending').length;
  return sent;
}

async function collect(sending: ReturnType<typeof sendRequest>, sent: Sent): Promise<void> {
  for (;;) {
    const { done, value } = await sending.next();
    if (!done) {
      sent.notes.push(value);
      continue;
    }
    sent.status = value.status;
    sent.requestId = value.requestId;
    try {
      for await (const chunk of value.chunks()) sent.body += Buffer.from(chunk).toString('latin1');
    } catch (error) {
      sent.broken = error;
    } finally {
      value.watch.stop();
    }
    return;
  }
}
