/**
 * Whether the input and the output still hold what an earlier run has read from one and written to the other: what was
 * bought is never bought again because a file was changed by hand. It writes nothing.
 */
import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { type NextStep, say } from '../base/next-step.ts';
import { formatDecimal, minus, notBelowZero, parseDecimal, zero } from '../money/decimal.ts';
import type { Seen } from '../money/ledger/seen.ts';
import type { Intents } from './intents.ts';
import type { LineIndex } from './line-index.ts';
import { type Known, lastResults, lineOf, type OutputEnd, readOutput } from './output-file.ts';
import { anew } from './same-batch.ts';
import type { HeldResults, StateHeader } from './state-file.ts';
import { Tally } from './tally.ts';

/** Counts the lines whose results were there when the state was written last. */
export class HeldLines {
  count = 0;
  private readonly seen: Uint8Array;
  private readonly intents: Intents | null;

  constructor(size: number, intents: Intents | null) {
    this.seen = new Uint8Array(size);
    this.intents = intents;
  }

  add(number: number, { call, billed }: Pick<Known, 'call' | 'billed'>): void {
    // What bought nothing may go: it costs nothing to send it again.
    if (billed === 'no' || this.seen[number - 1] === 1) return;
    // A result of the run that ended early was not there then, unless it is that of a further try.
    if (isNew(call, this.intents) && this.intents?.isAgain(number) !== true) return;
    this.seen[number - 1] = 1;
    this.count += 1;
  }
}

function isNew(call: string | null, intents: { calls: Seen } | null): boolean {
  return call !== null && intents?.calls.has(call) === true;
}

/** How the output differs from what it was, and should not. */
interface Damage {
  /** Lines with a result that was paid for, or may have been, and that is gone. */
  missing: number;
  /** Of the output, from 1: the first line that is not a result and that no run of ours has torn; null: there is none. */
  line: number | null;
}

/** null: none. */
export function damageOf(
  header: StateHeader | null,
  held: HeldLines,
  { foreign, torn, tornLines }: OutputEnd,
  intents: Intents | null,
): Damage | null {
  const missing = Math.max(0, (header?.results?.count ?? 0) - held.count);
  // A run that ends leaves no torn line: where one did not end, or says so, it is its own.
  const isOurs = intents !== null || tornLines <= (header?.torn ?? 0);
  const line = foreign ?? (isOurs ? null : torn);
  return missing === 0 && line === null ? null : { missing, line };
}

/** `resends`: lines whose result is gone may be sent, and paid for, once more. Throws `CliError` usage `output_changed`. */
export function refuseDamage(
  output: string,
  header: StateHeader | null,
  { missing, line }: Damage,
  isEmpty: boolean,
  resends: boolean,
): void {
  if (line === null && resends) return;
  const count = header?.results?.count ?? 0;
  const results = count === 1 ? '1 result' : `${count} results`;
  const gone = `${missing} of the ${results} that it had ${missing === 1 ? 'is' : 'are'} gone`;
  const what =
    line !== null
      ? `line ${line} of ${output} is not a result of this batch${missing === 0 ? '' : `, and ${gone}`}`
      : isEmpty
        ? `${output} is not there or empty, and had ${results}`
        : `${output} was changed: ${gone}`;
  throw new CliError('usage', `${what}; nothing was sent`, {
    code: 'output_changed',
    next: stepsFor(missing, line),
  });
}

function stepsFor(missing: number, line: number | null): NextStep[] {
  const restore = say('restore the file from a copy');
  if (missing === 0) return [say(`move line ${line} out of the file`), restore, anew];
  const lines = missing === 1 ? '1 line' : `${missing} lines`;
  const cost = `send ${lines} again, and pay twice,`;
  const resend: NextStep =
    line === null
      ? { do: 'set-flag', flag: '--resend-unknown', why: cost }
      : { do: 'set-flag', flag: '--resend-unknown', first: `move line ${line} out of the file` };
  return [restore, resend, anew];
}

/** Of an output that was moved, emptied or changed while the batch wrote it; null: each result that was paid for, or may have been, is there. */
export async function goneMeanwhile(
  output: string,
  index: LineIndex,
  deps: Pick<Deps, 'files' | 'clock' | 'signal'>,
): Promise<CliError | null> {
  const last = await lastResults(output, index, deps);
  const missing = last.reduce(
    (count, offset, at) => (offset < 0 && index.isBilled(at + 1) ? count + 1 : count),
    0,
  );
  if (missing === 0) return null;
  const results = index.billed === 1 ? '1 result' : `${index.billed} results`;
  const [are, were] = missing === 1 ? ['is', 'was'] : ['are', 'were'];
  return new CliError(
    'local_io',
    `${output} was changed while the batch wrote it: ${missing} of its ${results} ${are} gone, and ${were} paid for or may have been`,
    { code: 'output_changed', billed: 'unknown', next: stepsFor(missing, null) },
  );
}

/** What is counted for results that are gone: what all had cost, less what those that are there have. */
export async function costOfLost(
  output: string,
  index: LineIndex,
  intents: Intents | null,
  { results, lost }: StateHeader,
  missing: number,
  deps: Deps,
): Promise<HeldResults | null> {
  if (results === undefined) return lost ?? null;
  const there = new Tally();
  const last = new Map<number, Known>();
  await readOutput(
    output,
    (known) => {
      const number = lineOf(known, index);
      if (typeof number !== 'number' || known.billed === 'no') return;
      if (isNew(known.call, intents)) return;
      const before = last.get(number);
      if (before !== undefined) there.removeCost(before);
      there.addCost(known);
      last.set(number, known);
    },
    deps,
  );
  return {
    count: (lost?.count ?? 0) + missing,
    cost: {
      ...results.cost,
      ...(results.cost.amount !== null && {
        amount: lessThan(results.cost.amount, there.cost.amount),
      }),
    },
    bound: lessThan(results.bound, there.bound),
  };
}

function lessThan(all: string, some: string | null): string {
  const amount = (text: string | null) => parseDecimal(text ?? '0') ?? zero;
  return formatDecimal(notBelowZero(minus(amount(all), amount(some))));
}
