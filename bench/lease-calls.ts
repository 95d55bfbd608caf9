/** What the section `lease` measures, in one bundle: a call under a budget with a reservation of its own, and one on a lease; each writes its two ledger lines. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix, win32 } from 'node:path';
import { capsOf } from '../src/money/budget/caps.ts';
import { openLease } from '../src/money/budget/lease.ts';
import { reserve } from '../src/money/budget/reserve.ts';
import { bookOf } from '../src/money/budget/state.ts';
import { appendLedger } from '../src/money/ledger/append.ts';
import type { IntentLine, OutcomeLine } from '../src/money/ledger/lines.ts';
import { files } from '../src/system/files.ts';
import { processMark } from '../src/system/processes.ts';

const bound = { amount: '0.01', openReason: null, priceUnknown: false, uncapped: false };
const patience = { holdMs: 0, deadlineAt: null };
const common = { v: 1, command: 'batch', gateway: 'bench', session: null, tags: ['ci'] } as const;

/** Milliseconds of each of `count` calls, by kind; they take turns, so that a slow moment hits both. */
export async function measureCalls(
  count: number,
): Promise<{ reserved: number[]; leased: number[] }> {
  const home = mkdtempSync(join(tmpdir(), 'alltoken-lease-'));
  const { platform, pid } = process;
  let ids = 0;
  const deps = {
    files,
    path: platform === 'win32' ? win32 : posix,
    processId: pid,
    processMark: (id: number) => processMark(id, { platform, kill: process.kill.bind(process) }),
    processSpace: () => 'host_boot_1',
    clock: {
      now: Date.now,
      monotonic: () => performance.now(),
      sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
      after(ms: number, work: () => void) {
        const timer = setTimeout(work, ms).unref();
        return () => clearTimeout(timer);
      },
    },
    random: Math.random,
    signal: new AbortController().signal,
    uuid: () => {
      ids += 1;
      return `call-${ids}`;
    },
  };
  const book = bookOf({ budget: join(home, 'budget'), ledger: join(home, 'ledger') }, 'bench');
  const caps = capsOf(
    { day: '100000', month: '1000000', tags: { ci: { day: '9999' } } },
    undefined,
    ['ci'],
  );
  const lines = (call: string): [IntentLine, OutcomeLine] => {
    const at = new Date().toISOString();
    const cost = { amount: '0.0000188', currency: 'USD', source: 'gateway' as const };
    const usage = { prompt_tokens: 19, completion_tokens: 12, total_tokens: 31 };
    return [
      { ...common, call, at, event: 'intent', pid, model: 'm' },
      {
        ...common,
        call,
        at,
        event: 'outcome',
        model: 'm',
        requested_model: 'm',
        request_id: 'r',
        exit: 0,
        billed: 'yes',
        attempts: 1,
        usage,
        cost,
        duration_ms: 900,
        first_token_ms: 300,
      },
    ];
  };
  async function reserved(): Promise<void> {
    const call = deps.uuid();
    const [intent, outcome] = lines(call);
    const purchase = { call, gateway: 'bench', tags: ['ci'], caps, bound };
    await reserve(purchase, book, patience, deps).next();
    await appendLedger(book.ledger, { ...intent, bound: bound.amount }, null, deps);
    await appendLedger(book.ledger, { ...outcome, bound: bound.amount }, null, deps);
  }
  const lease = openLease(
    { gateway: 'bench', key: null, tags: ['ci'], caps, total: null },
    book,
    deps,
  );
  async function leased(): Promise<void> {
    const [intent, outcome] = lines(deps.uuid());
    await (await lease.admit({ intent, bound }, patience)).settle(outcome);
  }
  const samples = { reserved: [] as number[], leased: [] as number[] };
  const timed = async (work: () => Promise<void>, into: number[] | null): Promise<void> => {
    const start = performance.now();
    await work();
    into?.push(performance.now() - start);
  };
  try {
    for (let at = -20; at < count; at += 1) {
      await timed(reserved, at < 0 ? null : samples.reserved);
      await timed(leased, at < 0 ? null : samples.leased);
    }
    await lease.close();
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  return samples;
}
