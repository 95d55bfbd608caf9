/** Goes through the calls of a stretch of time, each once, however often its lines are there, in some bytes a call. It adds nothing up. */

import type { Deps } from '../../base/deps.ts';
import type { IntentLine, OutcomeLine } from './lines.ts';
import { daysAfter, listMonths, type MonthFile, type Period, touches } from './months.ts';
import { isFinal, parseLedgerLine } from './parse.ts';
import { type LineBatch, readLines } from './read-lines.ts';
import { Seen } from './seen.ts';

/** Hears of each call once, in no certain order. */
export interface CallListener {
  settled(line: OutcomeLine): void;
  /** It was killed, or it is still running. */
  open(line: IntentLine): void;
}

type CallDeps = Pick<Deps, 'files' | 'path' | 'clock' | 'signal' | 'keepMemoryFlat'>;

/** Between two checks for a signal: some milliseconds. */
const BATCHES_A_BREATH = 2048;

/** A call that began before the end of the stretch has its outcome in the next file at most this much later. */
const GRACE_DAYS = 1;

/**
 * A call belongs to the time of its outcome, the last one where a job has several; one without to that of its intent.
 * Resolves to the number of lines that were torn or not ours. Throws the system's error where a file cannot be read.
 */
export async function readCalls(
  directory: string,
  stretch: Period,
  listener: CallListener,
  deps: CallDeps,
): Promise<number> {
  const months = await listMonths(directory, deps);
  const book = new CallBook(stretch, listener);
  const needed = months.filter((file) => touches(file, stretch));
  for (const file of needed) await readMonth(file, book, null, deps);
  const { until } = stretch;
  if (until !== null && book.waits) {
    const grace = { since: until, until: daysAfter(until, GRACE_DAYS) };
    const later = months.filter((file) => touches(file, grace) && !needed.includes(file));
    for (const file of later) await readMonth(file, book, grace.until, deps);
  }
  book.close();
  return book.skipped;
}

/** `enough`: calls from this moment on are left out; null reads to the end. */
async function readMonth(
  { path }: MonthFile,
  book: CallBook,
  enough: string | null,
  deps: CallDeps,
): Promise<void> {
  const reader = await deps.files.openToRead(path);
  try {
    let batches = 0;
    for (const batch of readLines(reader, 0)) {
      const last = book.take(batch);
      if (enough !== null && (last >= enough || !book.waits)) return;
      batches += 1;
      // A file that is longer than one breath is worth it.
      if (batches === BATCHES_A_BREATH) deps.keepMemoryFlat();
      if (batches % BATCHES_A_BREATH === 0) await deps.clock.sleep(0, deps.signal);
    }
  } finally {
    await reader.close();
  }
}

/** What is known of calls that are not over yet; the others are reported and forgotten. */
class CallBook {
  /** Lines that were torn or not ours. */
  skipped = 0;
  private readonly stretch: Period;
  private readonly listener: CallListener;
  /** By call: the intents of the stretch that have no outcome so far. */
  private readonly intents = new Map<string, IntentLine>();
  /** The newest outcome of jobs that may get another one. */
  private readonly jobs = new Map<string, OutcomeLine>();
  /** Jobs already reported: fetching a video a second time does not buy it twice. */
  private readonly reported = new Set<string>();
  /** Calls with an outcome: copied lines are not counted twice. */
  private readonly ended = new Seen();

  constructor(stretch: Period, listener: CallListener) {
    this.stretch = stretch;
    this.listener = listener;
  }

  get waits(): boolean {
    return this.intents.size > 0 || this.jobs.size > 0;
  }

  /** Returns the time of the last line of ours, '' when there is none. */
  take({ lines, rest, tooLong }: LineBatch): string {
    this.skipped += tooLong;
    let last = '';
    for (const text of lines) last = this.line(text) ?? last;
    return rest === '' ? last : (this.line(rest) ?? last);
  }

  /** Reports the remaining calls. */
  close(): void {
    for (const line of this.jobs.values()) if (this.isInside(line)) this.listener.settled(line);
    for (const line of this.intents.values())
      if (!this.ended.has(line.call)) this.listener.open(line);
  }

  private line(text: string): string | null {
    if (text === '') return null;
    const line = parseLedgerLine(text);
    if (line === null) this.skipped += 1;
    else if (line.event === 'intent') this.intent(line);
    else if (line.event === 'outcome') this.outcome(line);
    return line === null || line.event === 'other' ? null : line.at;
  }

  private intent(line: IntentLine): void {
    if (this.isInside(line)) this.intents.set(line.call, line);
  }

  private outcome(line: OutcomeLine): void {
    this.intents.delete(line.call);
    const isCopy = this.ended.add(line.call);
    if (line.task_id === undefined) {
      if (!isCopy && this.isInside(line)) this.listener.settled(line);
      return;
    }
    if (this.reported.has(line.call)) return;
    if (!isFinal(line)) {
      if (line.at >= this.stretch.since) this.jobs.set(line.call, line);
      return;
    }
    this.jobs.delete(line.call);
    this.reported.add(line.call);
    if (this.isInside(line)) this.listener.settled(line);
  }

  private isInside({ at }: { at: string }): boolean {
    const { since, until } = this.stretch;
    return at >= since && (until === null || at < until);
  }
}
