/**
 * What earlier runs of a batch have left: results in the output, intents in the state. It settles what a killed run left
 * open: an intent without a result is a line of the output that says so, and a result whose outcome is not in the ledger
 * is written there. It sends nothing.
 */
import type { Deps } from '../base/deps.ts';
import { CliError, EXIT_OK } from '../base/errors.ts';
import { unknownCost } from '../money/amount.ts';
import { appendLedger } from '../money/ledger/append.ts';
import type { IntentLine, OutcomeLine } from '../money/ledger/lines.ts';
import { listMonths } from '../money/ledger/months.ts';
import { parseLedgerLine } from '../money/ledger/parse.ts';
import { readLines } from '../money/ledger/read-lines.ts';
import type { OutputLine } from '../schemas/batch.ts';
import { readLineAt } from './input-lines.ts';
import { hashOf, type LineIndex, lineStates } from './line-index.ts';
import {
  appendOutput,
  type Known,
  knownOf,
  lineOf,
  type OutputEnd,
  prepareOutput,
  readOutput,
  syncOutput,
  UNKNOWN,
} from './output-file.ts';
import { anew } from './plan.ts';
import { type Intent, readRecords } from './state-file.ts';
import { Tally, triesDocument } from './tally.ts';

/** So many results at the end of the output may lack their outcome in the ledger: as many as can be in flight, and more. */
const LAST_RESULTS = 1024;

export interface Recalled {
  tally: Tally;
  /** Where the last result of each line is in the output, by number less 1; -1: nowhere. */
  offsets: Float64Array;
  /** Some lines of the output do not count any more. */
  needsCompaction: boolean;
}

export interface Paths {
  output: string;
  state: string;
  ledger: string;
}

/** `writes` false: as it would be, for a dry run. Throws `CliError` usage where a line that was sent has changed. */
export async function recall(
  paths: Paths,
  index: LineIndex,
  key: string | null,
  writes: boolean,
  deps: Deps,
): Promise<Recalled> {
  const offsets = new Float64Array(index.size).fill(-1);
  const open = await readIntents(paths.state, index, deps);
  const last: Known[] = [];
  const counted = new Tally();
  let doubled = false;
  let stale = false;
  const end = await readOutput(
    paths.output,
    (known, offset) => {
      const own = lineOf(known, index);
      if (own === 'changed') throw changed(known.customId, index);
      if (own === 'unsent') {
        stale = true;
        return;
      }
      const number = own;
      if (offsets[number - 1] !== -1) doubled = true;
      offsets[number - 1] = offset;
      counted.addCost(known);
      if (open === null || !open.has(number)) index.setResult(number, known);
      else if (open.is(number, known.call)) {
        open.close(number);
        index.setResult(number, known);
        last.push(known);
        if (last.length > 2 * LAST_RESULTS) last.splice(0, LAST_RESULTS);
      }
    },
    deps,
  );
  const tally = doubled ? await tallyOf(paths.output, index, offsets, deps) : counted;
  if (!writes) return { tally, offsets, needsCompaction: false };
  await prepareOutput(paths.output, end, (await deps.files.status(paths.output)) !== null, deps);
  const recalled = { tally, offsets, needsCompaction: doubled || stale || end.strange > 0 };
  if (open === null) return recalled;
  const intents = await openIntents(paths.state, index, open, deps);
  const settled = [...last.slice(-LAST_RESULTS), ...open.refused.map(refusedCall)];
  await settle(paths, index, recalled, intents, settled, end, key, deps);
  return recalled;
}

/** Calls of intents, by line, as hashes: a killed run may leave a million of them. */
class OpenCalls {
  private readonly words: Uint32Array;
  count = 0;
  /** The last that were refused and bought nothing, by line. */
  private readonly back = new Map<number, string>();

  constructor(size: number) {
    this.words = new Uint32Array(2 * size);
  }

  open(number: number, call: string): void {
    const { high, low } = hashOf(call);
    if (!this.has(number)) this.count += 1;
    // Refused before, and sent again.
    this.back.delete(number);
    this.words[2 * number - 2] = high;
    // Not 0, which is no call.
    this.words[2 * number - 1] = odd(low);
  }

  close(number: number): void {
    if (this.has(number)) this.count -= 1;
    this.words.fill(0, 2 * number - 2, 2 * number);
  }

  takeBack(number: number, call: string): void {
    this.close(number);
    this.back.set(number, call);
    const [first] = this.back.keys();
    if (first !== undefined && this.back.size > LAST_RESULTS) this.back.delete(first);
  }

  /** The run may have been killed before its ledger said so. */
  get refused(): string[] {
    return [...this.back.values()];
  }

  has(number: number): boolean {
    return this.words[2 * number - 1] !== 0;
  }

  is(number: number, call: string | null): boolean {
    if (call === null) return false;
    const { high, low } = hashOf(call);
    return this.words[2 * number - 2] === high && this.words[2 * number - 1] === odd(low);
  }
}

function odd(word: number): number {
  return (word | 1) >>> 0;
}

/** null where the last run left none. */
async function readIntents(state: string, index: LineIndex, deps: Deps): Promise<OpenCalls | null> {
  let open: OpenCalls | null = null;
  for await (const records of readRecords(state, deps)) {
    for (const record of records) {
      open ??= new OpenCalls(index.size);
      if ('intent' in record) {
        const { id, hash, call } = record.intent;
        const number = numberOf(id, hash, index);
        open.open(number, call);
        index.setState(number, lineStates.intent);
      } else {
        const number = index.find(record.notSent.id);
        if (number === null || !open.is(number, record.notSent.call)) continue;
        open.takeBack(number, record.notSent.call);
        index.setState(number, lineStates.unread);
      }
    }
    await deps.clock.sleep(0, deps.signal);
  }
  return open;
}

function numberOf(id: string, hash: string, index: LineIndex): number {
  const number = index.find(id);
  if (number !== null && index.hasContent(number, hash)) return number;
  throw changed(id, index);
}

function changed(id: string, index: LineIndex): CliError {
  const number = index.find(id);
  const what = JSON.stringify(id.slice(0, 80));
  return new CliError(
    'usage',
    number === null
      ? `the line ${what} was sent by an earlier run, and is not in the input any more`
      : `line ${number} (${what}) has changed since an earlier run sent it`,
    {
      code: 'input_changed',
      next: anew,
    },
  );
}

/** Of the last result of each line. */
async function tallyOf(
  output: string,
  index: LineIndex,
  offsets: Float64Array,
  deps: Deps,
): Promise<Tally> {
  const tally = new Tally();
  await readOutput(
    output,
    (known, offset) => {
      const number = index.find(known.customId);
      if (number !== null && offsets[number - 1] === offset) tally.addCost(known);
    },
    deps,
  );
  return tally;
}

async function openIntents(
  state: string,
  index: LineIndex,
  open: OpenCalls,
  deps: Deps,
): Promise<Intent[]> {
  const found = new Map<number, Intent>();
  if (open.count === 0) return [];
  for await (const records of readRecords(state, deps))
    for (const record of records) {
      if (!('intent' in record)) continue;
      const number = index.find(record.intent.id);
      if (number !== null && open.is(number, record.intent.call)) found.set(number, record.intent);
    }
  return [...found.values()];
}

/** Writes what the killed run did not come to. */
async function settle(
  paths: Paths,
  index: LineIndex,
  recalled: Recalled,
  intents: readonly Intent[],
  last: readonly Ended[],
  end: OutputEnd,
  key: string | null,
  deps: Deps,
): Promise<void> {
  const calls = new Set([...intents, ...last].flatMap(({ call }) => call ?? []));
  const booked = await findCalls(paths.ledger, calls, deps);
  for (const known of last) {
    const { intent, outcome } = booked.get(known.call ?? '') ?? {};
    if (intent === undefined || outcome !== undefined) continue;
    await appendLedger(paths.ledger, outcomeOf(known, intent, deps), key, deps);
  }
  if (intents.length === 0) return;
  const reader = end.bytes === 0 ? null : await deps.files.openToRead(paths.output);
  try {
    for (const intent of intents) {
      const number = index.find(intent.id);
      if (number === null) continue;
      const offset = recalled.offsets[number - 1] ?? -1;
      const earlier = reader === null || offset < 0 ? null : earlierAt(reader, offset);
      const line = unknownLine(number, intent, booked.get(intent.call)?.outcome, earlier);
      recalled.offsets[number - 1] = (await deps.files.status(paths.output))?.bytes ?? 0;
      await appendOutput(paths.output, line, deps);
      index.setState(number, lineStates.unknown);
      if (earlier !== null) {
        recalled.needsCompaction = true;
        recalled.tally.removeCost(earlier);
      }
      recalled.tally.addCost({ ...line.alltoken, bound: line.alltoken.bound ?? null });
    }
  } finally {
    await reader?.close();
  }
  await syncOutput(paths.output, deps);
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

interface Booked {
  intent?: IntentLine;
  outcome?: OutcomeLine;
}

/** Their lines in the ledger. A month that cannot be read has none. */
async function findCalls(
  ledger: string,
  calls: ReadonlySet<string>,
  deps: Deps,
): Promise<Map<string, Booked>> {
  const found = new Map<string, Booked>();
  if (calls.size === 0) return found;
  const months = await listMonths(ledger, deps).catch(() => []);
  for (const { path } of months.slice(-3)) {
    const reader = await deps.files.openToRead(path).catch(() => null);
    if (reader === null) continue;
    try {
      // One that lacks only its line feed gets it with the next line that is written, and counts then.
      for (const { lines, rest } of readLines(reader, 0))
        for (const text of [...lines, rest]) {
          const call = /"call":"([^"]{1,100})"/.exec(text)?.[1];
          if (call === undefined || !calls.has(call)) continue;
          const line = parseLedgerLine(text);
          if (line === null || line.event === 'other') continue;
          const booked = found.get(call) ?? {};
          if (line.event === 'intent') booked.intent = line;
          else booked.outcome = line;
          found.set(call, booked);
        }
    } finally {
      await reader.close();
    }
  }
  return found;
}

/** What the killed run would have written. A failure's exit is not in its result. */
function outcomeOf(known: Ended, intent: IntentLine, { clock }: Pick<Deps, 'clock'>): OutcomeLine {
  const { pid: _pid, lease: _lease, event: _event, model: requested, ...common } = intent;
  const { cost, billed, attempts } = known.last;
  return {
    ...common,
    event: 'outcome',
    at: new Date(clock.now()).toISOString(),
    model: known.model,
    requested_model: requested,
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
