/** A home with a budget that several processes share: they reserve, they write outcomes, they die, and time passes as it is told. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deps, Files } from '../../../src/base/deps.ts';
import { type Bound, type CapCheck, capsOf } from '../../../src/money/budget/caps.ts';
import { leftUnder } from '../../../src/money/budget/left.ts';
import { judge, release, reserve, settleHere } from '../../../src/money/budget/reserve.ts';
import { bookOf } from '../../../src/money/budget/state.ts';
import { formatDecimal } from '../../../src/money/decimal.ts';
import { appendLedger } from '../../../src/money/ledger/append.ts';
import type { OutcomeLine } from '../../../src/money/ledger/lines.ts';
import type { Config } from '../../../src/schemas/config.ts';
import type { OutputEvent } from '../../../src/schemas/events.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';

interface Call {
  /** Its number; the process that makes it has the same one, and runs. */
  id: number;
  /** USD. */
  bound?: string;
  open?: string;
  tags?: string[];
  /** Where its process runs, as `host_boot_container`. */
  space?: string;
  /** Seconds of waiting in which no reservation ends; 0 without a word. */
  hold?: number;
  gateway?: string;
}

export interface Books {
  home: string;
  /** The process numbers that run, and their marks; whoever asks sees them, wherever he is. */
  running: Record<number, string>;
  /** Milliseconds since 1970. */
  now: number;
  reserve(call: Call): Promise<CapCheck[]>;
  judge(call: Call): Promise<CapCheck[]>;
  /** Gives back what is reserved for a call. */
  release(id: number): Promise<void>;
  /** Writes an outcome into the ledger; `cost` null: nobody told it. */
  outcome(id: number, cost: string | null, more?: Partial<OutcomeLine>): Promise<void>;
  /** An outcome, and the process ends. */
  end(id: number, cost: string | null, more?: Partial<OutcomeLine>): Promise<void>;
  /** Counts an outcome that the ledger did not take. */
  settleHere(id: number, cost: string | null, more?: Partial<OutcomeLine>): Promise<void>;
  state(): string;
  /** A process ends without a word. */
  kill(id: number): void;
  /** Writes an intent into the ledger. */
  intend(call: Call): Promise<void>;
  /** What was said while waiting. */
  said: string[];
  /** Happens after each pause. */
  onSleep: ((milliseconds: number) => Promise<void>) | null;
  /** By cap. */
  left(tags?: string[]): Promise<Record<string, string>>;
  /** Of --timeout. */
  deadlineAt: number | null;
  clock: Deps['clock'];
  stop(): void;
}

const noon = Date.parse('2026-11-22T12:00:00Z');

/** `files` may misbehave. */
export function openBooks(budget: Config['budget'], files: Partial<Files> = {}): Books {
  const { deps, home } = fakeDeps({ files });
  const places = { budget: join(home, 'budget'), ledger: join(home, 'ledger') };
  const real = bookOf(places, 'alltoken');
  const purchase = ({ id, bound = '1', open, tags = [], gateway = 'alltoken' }: Call) => ({
    call: `call-${id}`,
    gateway,
    tags,
    caps: capsOf(budget, undefined, tags),
    bound: {
      amount: bound,
      openReason: open ?? null,
      priceUnknown: open !== undefined,
      uncapped: false,
    } satisfies Bound,
  });
  const outcomeOf = (
    id: number,
    amount: string | null,
    more: Partial<OutcomeLine>,
  ): OutcomeLine => {
    const source = amount === null ? ('unknown' as const) : ('gateway' as const);
    const cost = { amount, currency: 'USD', source };
    // The call stands at the beginning, as it does in a real ledger.
    return { v: 1, call: `call-${id}`, at: iso(books.now), ...outcomeLine, cost, ...more };
  };
  const caps = capsOf(budget, undefined, []);
  const books: Books = {
    home,
    running: {},
    said: [],
    onSleep: null,
    deadlineAt: null,
    clock: deps.clock,
    now: noon,
    reserve(call) {
      books.running[call.id] ??= `mark${call.id}`;
      const { id, space, hold = 0, gateway = 'alltoken' } = call;
      const patience = { holdMs: hold * 1000, deadlineAt: books.deadlineAt };
      const book = bookOf(places, gateway);
      return drain(reserve(purchase(call), book, patience, as(id, space)), books.said);
    },
    judge: (call) =>
      judge(purchase(call), bookOf(places, call.gateway ?? 'alltoken'), as(call.id, call.space)),
    release: (id) => release(`call-${id}`, caps, real, as(id)),
    async intend({ id, bound = '1', tags = [], gateway = 'alltoken' }) {
      const line = { ...intentLine, call: `call-${id}`, at: iso(books.now), pid: id };
      const problem = await appendLedger(
        places.ledger,
        { ...line, bound, tags, gateway },
        null,
        deps,
      );
      if (problem !== null) throw new Error(problem);
    },
    kill: (id) => {
      delete books.running[id];
    },
    async outcome(id, amount, more = {}) {
      const problem = await appendLedger(places.ledger, outcomeOf(id, amount, more), null, deps);
      if (problem !== null) throw new Error(problem);
    },
    async end(id, amount, more) {
      await books.outcome(id, amount, more);
      delete books.running[id];
    },
    settleHere: (id, amount, more = {}) =>
      settleHere(outcomeOf(id, amount, more), caps, real, as(id)),
    state: () => readFileSync(join(places.budget, 'budget.json'), 'utf8'),
    async left(tags = []) {
      const left = await leftUnder(capsOf(budget, undefined, tags), real, as(99));
      return Object.fromEntries(left.map(({ cap, now }) => [cap.name, formatDecimal(now)]));
    },
    stop: () => {},
  };
  const stop = new AbortController();
  const as = (processId: number, space = ''): Deps => ({
    ...deps,
    processId,
    processMark: (pid) => books.running[pid] ?? null,
    processSpace: () => space,
    clock: {
      ...deps.clock,
      now: () => books.now,
      async sleep(milliseconds, signal) {
        await deps.clock.sleep(milliseconds, signal);
        await books.onSleep?.(milliseconds);
      },
    },
    random: Math.random,
    signal: stop.signal,
  });
  books.stop = () => stop.abort(new Error('stopped'));
  return books;
}

/** The message of the refusal; fails when there is none. */
export async function refusal(reserving: Promise<unknown>): Promise<{
  exit: string;
  message: string;
  details: { code?: string; next?: readonly object[] };
}> {
  return reserving.then(
    (checks) => Promise.reject(new Error(`it fits: ${JSON.stringify(checks)}`)),
    (error: unknown) => error as never,
  );
}

/** What is spent under each cap, as it stands now. */
export async function spent(
  books: Books,
  tags: string[] = [],
): Promise<Record<string, string | null>> {
  const checks = await books.judge({ id: 99, bound: '0', tags });
  return Object.fromEntries(checks.map(({ name, spent }) => [name, spent]));
}

function iso(now: number): string {
  return new Date(now).toISOString();
}

/** What a generator returns; what it yields is added to `said`. */
async function drain(
  reserving: AsyncGenerator<OutputEvent, CapCheck[], undefined>,
  said: string[],
): Promise<CapCheck[]> {
  for (;;) {
    const next = await reserving.next();
    if (next.done === true) return next.value;
    said.push('message' in next.value ? String(next.value.message) : next.value.type);
  }
}

const intentLine = {
  v: 1,
  event: 'intent',
  command: 'chat',
  session: null,
  model: 'm',
} as const;

const outcomeLine = {
  event: 'outcome',
  command: 'chat',
  gateway: 'alltoken',
  session: null,
  tags: [],
  model: 'm',
  requested_model: 'm',
  request_id: null,
  exit: 0,
  billed: 'yes',
  attempts: 1,
  usage: null,
  duration_ms: 1,
  first_token_ms: null,
} as const;
