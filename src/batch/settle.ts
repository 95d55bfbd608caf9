/**
 * Writes what an earlier run did not come to: for an intent without a result a line of the output that says so, for a
 * result without an outcome its line of the ledger, and for any other call that the ledger lacks both of its lines. It sends
 * nothing, and writes nothing twice.
 */
import type { Deps } from '../base/deps.ts';
import { EXIT_OK, systemErrorCode } from '../base/errors.ts';
import { unknownCost } from '../money/amount.ts';
import { appendLedger } from '../money/ledger/append.ts';
import type { IntentLine, OutcomeLine } from '../money/ledger/lines.ts';
import { listMonths } from '../money/ledger/months.ts';
import { parseLedgerLine } from '../money/ledger/parse.ts';
import { readLines } from '../money/ledger/read-lines.ts';
import { Seen } from '../money/ledger/seen.ts';
import type { OutputLine } from '../schemas/batch.ts';
import { readLineAt } from './input-lines.ts';
import { type Intents, openIntents } from './intents.ts';
import { type LineIndex, lineStates } from './line-index.ts';
import {
  appendOutput,
  type Known,
  knownOf,
  type OutputEnd,
  readOutput,
  syncOutput,
  UNKNOWN,
} from './output-file.ts';
import { type Intent, readRecords } from './state-file.ts';
import { type Tally, triesDocument } from './tally.ts';

/** The calls of a batch are in the ledger of so many months at most. */
const LAST_MONTHS = 3;

/** Results that are looked at together, so that a ledger which was full for long takes no memory. */
const RESULTS_AT_ONCE = 4096;

export interface Paths {
  output: string;
  state: string;
  ledger: string;
}

export interface Settling {
  paths: Paths;
  index: LineIndex;
  intents: Intents;
  tally: Tally;
  /** Where the last result of each line is in the output, by number less 1; changed. */
  offsets: Float64Array;
  end: OutputEnd;
  book: {
    /** Calls of a proxy of ours are in its ledger, and in no other. */
    isElsewhere: boolean;
    gateway: string;
    /** Of the run that left the intents. */
    tags: readonly string[];
    /** The gateway's key, which no line may hold; null: none. */
    key: string | null;
  };
}

interface Settled {
  /** A result of before does not count any more. */
  hasReplaced: boolean;
  /** Why outcomes may still lack in the ledger; null: all are there. */
  problem: string | null;
}

export async function settle(one: Settling, deps: Deps): Promise<Settled> {
  const { paths, index, intents, book } = one;
  const open = await openIntents(paths.state, index, intents, deps);
  const ledger = book.isElsewhere ? noLedger() : await readLedger(one, open, deps);
  const problem = book.isElsewhere
    ? null
    : ((await bookResults(one, ledger, deps)) ?? (await bookUnknown(one, ledger, deps)));
  const hasReplaced = await writeUnknown(one, open, ledger, deps);
  return { hasReplaced, problem };
}

/** What the ledger says of calls with an intent in the state. */
interface Ledger {
  /** Calls with an outcome. */
  ended: Seen;
  /** By call: intents without an outcome. */
  begun: Map<string, IntentLine>;
  /** By call: outcomes of those without a result. */
  outcomes: Map<string, OutcomeLine>;
  /** Why not all of it could be read; null: it was. */
  problem: string | null;
}

function noLedger(): Ledger {
  return { ended: new Seen(), begun: new Map(), outcomes: new Map(), problem: null };
}

async function readLedger(
  { paths: { ledger }, intents: { calls } }: Settling,
  open: readonly Intent[],
  deps: Deps,
): Promise<Ledger> {
  const found = noLedger();
  const opened = new Set(open.map(({ call }) => call));
  try {
    const months = await listMonths(ledger, deps);
    for (const { path } of months.slice(-LAST_MONTHS)) {
      const reader = await deps.files.openToRead(path);
      try {
        // One that lacks only its line feed gets it with the next line that is written, and counts then.
        for (const { lines, rest } of readLines(reader, 0))
          for (const text of [...lines, rest]) {
            const call = /"call":"([^"]{1,100})"/.exec(text)?.[1];
            if (call === undefined || !calls.has(call)) continue;
            const line = parseLedgerLine(text);
            if (line === null || line.event === 'other') continue;
            if (line.event === 'intent') {
              if (!found.ended.has(call)) found.begun.set(call, line);
              continue;
            }
            found.ended.add(call);
            found.begun.delete(call);
            if (opened.has(call)) found.outcomes.set(call, line);
          }
      } finally {
        await reader.close();
      }
    }
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    // Whoever does not know what is in it would write it twice.
    if (code !== 'ENOENT') found.problem = `the ledger in ${ledger} cannot be read (${code})`;
  }
  return found;
}

/** Returns why not all are written; null: they are. */
async function bookResults(
  { paths, intents, book }: Settling,
  { ended, begun, problem }: Ledger,
  deps: Deps,
): Promise<string | null> {
  if (problem !== null) return problem;
  const write = async (known: Ended, intent: IntentLine | null): Promise<string | null> =>
    appendLedger(paths.ledger, outcomeOf(known, intent, book, deps), book.key, deps);
  for (const call of intents.refused) {
    const intent = begun.get(call);
    if (intent === undefined) continue;
    const why = await write(refusedCall(call), intent);
    if (why !== null) return why;
    ended.add(call);
  }
  for (;;) {
    const lacking: Known[] = [];
    await readOutput(
      paths.output,
      (known) => {
        const { call, state } = known;
        if (call === null || state === lineStates.unknown || lacking.length === RESULTS_AT_ONCE)
          return;
        if (intents.calls.has(call) && !ended.add(call)) lacking.push(known);
      },
      deps,
    );
    for (const known of lacking) {
      const why = await write(known, begun.get(known.call ?? '') ?? null);
      if (why !== null) return why;
    }
    if (lacking.length < RESULTS_AT_ONCE) return null;
  }
}

/**
 * Calls that may have been sent, of which the ledger has no line and the output no result: each gets its intent and
 * an outcome of unknown cost, so that it counts at its bound. Returns why not all are written; null: they are.
 */
async function bookUnknown(
  { paths, book }: Settling,
  { ended, begun }: Ledger,
  deps: Deps,
): Promise<string | null> {
  const lacking = new Map<string, Intent>();
  for await (const records of readRecords(paths.state, deps))
    for (const record of records) {
      if ('notSent' in record) lacking.delete(record.notSent.call);
      else if (!ended.has(record.intent.call) && !begun.has(record.intent.call))
        lacking.set(record.intent.call, record.intent);
    }
  for (const intent of lacking.values()) {
    const line = intentOf(intent, book, deps);
    const outcome = outcomeOf(unknownCall(intent.call), line, book, deps);
    const why =
      (await appendLedger(paths.ledger, line, book.key, deps)) ??
      (await appendLedger(paths.ledger, outcome, book.key, deps));
    if (why !== null) return why;
  }
  return null;
}

/** As that run would have written it, now. */
function intentOf(
  { call, bound, model }: Intent,
  { gateway, tags }: Settling['book'],
  { clock, processId }: Pick<Deps, 'clock' | 'processId'>,
): IntentLine {
  return {
    v: 1,
    event: 'intent',
    call,
    at: new Date(clock.now()).toISOString(),
    command: 'batch',
    gateway,
    session: null,
    tags,
    ...(bound !== null && { bound }),
    pid: processId,
    model: model ?? 'unknown',
  };
}

/** Returns whether a result of before does not count any more. */
async function writeUnknown(
  { paths, index, tally, offsets, end }: Settling,
  open: readonly Intent[],
  { outcomes }: Ledger,
  deps: Deps,
): Promise<boolean> {
  if (open.length === 0) return false;
  let hasReplaced = false;
  const reader = end.bytes === 0 ? null : await deps.files.openToRead(paths.output);
  try {
    for (const intent of open) {
      const number = index.find(intent.id);
      if (number === null) continue;
      const offset = offsets[number - 1] ?? -1;
      const earlier = reader === null || offset < 0 ? null : earlierAt(reader, offset);
      const line = unknownLine(number, intent, outcomes.get(intent.call), earlier);
      offsets[number - 1] = (await deps.files.status(paths.output))?.bytes ?? 0;
      await appendOutput(paths.output, line, deps);
      index.setResult(number, { state: lineStates.unknown, ...line.alltoken });
      if (earlier !== null) {
        hasReplaced = true;
        tally.removeCost(earlier);
      }
      tally.addCost({ ...line.alltoken, bound: line.alltoken.bound ?? null });
    }
  } finally {
    await reader?.close();
  }
  await syncOutput(paths.output, deps);
  return hasReplaced;
}

/** The result whose line begins there. */
export function earlierAt(reader: Parameters<typeof readLineAt>[0], offset: number): Known | null {
  const text = readLineAt(reader, offset);
  return text === null ? null : knownOf(text);
}

/** The result was lost with the process, or none came; what it cost may be known all the same. */
function unknownLine(
  number: number,
  { id, hash, call, bound }: Intent,
  outcome: OutcomeLine | undefined,
  earlier: Known | null,
): OutputLine {
  const own = outcome ?? { attempts: 1, billed: 'unknown' as const, cost: unknownCost };
  const { attempts, billed, cost } = own;
  return {
    id: `batch_req_${call}`,
    custom_id: id,
    response: null,
    error: {
      code: UNKNOWN,
      message:
        'the request may have been sent, and the process ended before its result was written',
    },
    alltoken: {
      line: number,
      hash,
      ...triesDocument(earlier, { cost, billed, bound, attempts }),
      call,
    },
  };
}

/** What the outcome of a call is made from. */
type Ended = Pick<Known, 'call' | 'state' | 'last' | 'model' | 'requestId' | 'usage'>;

function refusedCall(call: string): Ended {
  const last = { cost: unknownCost, billed: 'no' as const, attempts: 1 };
  return { call, state: lineStates.unread, last, model: null, requestId: null, usage: null };
}

function unknownCall(call: string): Ended {
  const last = { cost: unknownCost, billed: 'unknown' as const, attempts: 1 };
  return { call, state: lineStates.unknown, last, model: null, requestId: null, usage: null };
}

/** What that run would have written. A failure's exit is not in its result. `intent` null: the ledger did not take it. */
function outcomeOf(
  known: Ended,
  intent: IntentLine | null,
  { gateway, tags }: Settling['book'],
  { clock }: Pick<Deps, 'clock'>,
): OutcomeLine {
  const { cost, billed, attempts } = known.last;
  return {
    v: 1,
    event: 'outcome',
    call: known.call ?? '',
    at: new Date(clock.now()).toISOString(),
    command: 'batch',
    gateway: intent?.gateway ?? gateway,
    session: null,
    tags: intent?.tags ?? tags,
    ...(intent?.bound !== undefined && { bound: intent.bound }),
    model: known.model,
    requested_model: intent?.model ?? known.model ?? 'unknown',
    request_id: known.requestId,
    exit: known.state === lineStates.done ? EXIT_OK : null,
    billed,
    attempts,
    usage: known.usage,
    cost,
    duration_ms: null,
    first_token_ms: null,
  };
}
