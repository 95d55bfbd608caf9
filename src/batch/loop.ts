/** Sends the lines that are to be sent: reads them one after the other, keeps as many in flight as the rate allows, and takes in what comes back. */

import { setMaxListeners } from 'node:events';
import type { Deps } from '../base/deps.ts';
import { diskRemedy, inPlainWords } from '../base/errno.ts';
import { toCliError } from '../base/error-document.ts';
import { CliError, systemErrorCode } from '../base/errors.ts';
import { oneLine } from '../base/json.ts';
import { lossOf } from '../base/loss.ts';
import type { BatchProgress, OutputLine } from '../schemas/batch.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { lineWindows } from './input-lines.ts';
import { hashOf, hashText, type LineIndex, type LineState, lineStates } from './line-index.ts';
import { isFault } from './line-request.ts';
import type { BatchOptions } from './options.ts';
import { appendOutput, type Known } from './output-file.ts';
import type { BatchPlan } from './plan.ts';
import { Progress } from './progress.ts';
import { type Permit, Rate } from './rate.ts';
import { readLine } from './scan.ts';
import {
  faultLine,
  type LineJob,
  type LineResult,
  type SendContext,
  sendLine,
} from './send-line.ts';
import { earlierAt } from './settle.ts';
import type { Tally } from './tally.ts';

/** Without an answer for so long, only refusals, the batch ends, ms. */
const LONGEST_REFUSAL_MS = 10 * 60_000;

/** Models with a rate of their own; further ones share one. */
const MAX_RATES = 64;

export interface Work {
  options: BatchOptions;
  plan: BatchPlan;
  /** Absolute. */
  input: string;
  index: LineIndex;
  tally: Tally;
  /** Of the last result of each line in the output, by number less 1; -1: there is none. */
  offsets: Float64Array;
  /** Lines of this part. */
  total: number;
}

export class BatchLoop {
  /** Why the batch ended early; null: it did not. */
  failure: CliError | null = null;
  /** Results of calls that could not be written, also not when all had ended. */
  lost = 0;
  /** Outcomes that the ledger did not take, and why it did not take the last one; null: it took all. */
  unbooked: { count: number; problem: string } | null = null;
  /** The output may have a torn line. */
  tore = false;
  /** A line of the output does not count any more. */
  replaced = false;
  private readonly work: Work;
  private readonly deps: Deps;
  private readonly context: SendContext;
  /** Why calls are not in the ledger, as far as it was said. */
  private readonly lossesSaid = new Set<string>();
  private readonly stop: AbortSignal;
  private readonly stopping = new AbortController();
  private readonly rates = new Map<string, Rate>();
  private readonly running = new Set<Promise<void>>();
  private readonly progress: Progress;
  private events: OutputEvent[] = [];
  private wake: () => void = () => {};
  private sent = 0;
  private failed = 0;
  private left: number;
  private feeding: Promise<void> | null = null;
  /** Results that the output has not taken: they are tried once more at the end. */
  private unwritten: Unwritten[] = [];
  private outputFailure: CliError | null = null;
  private lastRefusal: BatchProgress['refusal'] = null;

  /** `deps`: no signal ends what runs on them. `stop`: ends the batch after the requests that are in flight. */
  constructor(
    work: Work,
    tools: Pick<SendContext, 'connection' | 'till' | 'state'>,
    deps: Deps,
    stop: AbortSignal,
  ) {
    const { options, plan, index } = work;
    this.work = work;
    // Each line that waits for a budget listens to it.
    setMaxListeners(0, this.stopping.signal);
    this.deps = deps;
    this.stop = stop;
    this.left = Math.min(index.count(lineStates.unread), options.limit ?? Number.POSITIVE_INFINITY);
    this.context = {
      plan,
      tags: options.tags,
      ...tools,
      debug: options.debug,
      holdMs: options.holdMs,
      holding: new Set(),
      stopping: this.stopping.signal,
      refused: (error, rate) => this.refusedFor(error, rate),
      end: (reason) => this.end(reason),
      lacksOutcome: (problem) => {
        this.unbooked = { count: (this.unbooked?.count ?? 0) + 1, problem };
      },
      show: (event) => this.push(event),
      lost: (problem) => this.sayLost(problem),
      deps,
    };
    this.progress = new Progress(
      {
        done: work.total - index.count(lineStates.unread) - index.count(lineStates.unreadable),
        failed: index.count(lineStates.failed),
        total: work.total,
      },
      deps.clock,
    );
  }

  /** Yields until all is done, or nothing more may begin and what was in flight has ended. */
  async *run(): AsyncGenerator<OutputEvent, void, undefined> {
    const onStop = (): void => {
      this.end(toCliError(this.stop.reason));
      const { inFlight } = this;
      if (inFlight > 0) this.push({ type: 'status', message: stopWords(inFlight) });
    };
    if (this.stop.aborted) onStop();
    else this.stop.addEventListener('abort', onStop, { once: true });
    const { stderr, env } = this.deps;
    const interval = this.progress.intervalMs(stderr.isTerminal && env.TERM !== 'dumb');
    let stopTicks = (): void => {};
    const tick = (): void => {
      this.push(this.progress.event(this.inFlight, this.work.tally, this.refusal));
      stopTicks = this.deps.clock.after(interval, tick, 'background');
    };
    stopTicks = this.deps.clock.after(interval, tick, 'background');
    let isOver = false;
    this.feeding = this.feed().finally(() => {
      isOver = true;
      this.wake();
    });
    try {
      while (!isOver || this.events.length > 0) {
        const events = this.events.splice(0);
        yield* events;
        if (events.length === 0 && !isOver)
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
      }
    } finally {
      stopTicks();
      this.stop.removeEventListener('abort', onStop);
    }
  }

  /** Resolves when nothing is in flight, also where the reader has left. */
  async ended(): Promise<void> {
    if (this.feeding === null) return;
    this.end(null);
    await this.feeding;
  }

  private get inFlight(): number {
    let count = 0;
    for (const rate of this.rates.values()) count += rate.inFlight;
    return count;
  }

  /** Of a gateway that has answered nothing since. */
  private get refusal(): BatchProgress['refusal'] {
    const isRefused = [...this.rates.values()].some(({ refusedSince }) => refusedSince !== null);
    return isRefused ? this.lastRefusal : null;
  }

  /** Thousands of lines may meet the same full disk. */
  private sayLost(problem: string): void {
    if (this.lossesSaid.has(problem)) return;
    this.lossesSaid.add(problem);
    this.push(lossOf('ledger', problem));
  }

  private push(event: OutputEvent): void {
    this.events.push(event);
    this.wake();
  }

  /** No more lines. The first reason counts, but for a signal and a disk that fails, which come before any other. */
  private end(error: CliError | null): void {
    if (error !== null) {
      const comesFirst =
        error.isStop || (error.exit === 'local_io' && this.failure?.isStop !== true);
      if (this.failure === null || (comesFirst && this.failure.exit !== error.exit))
        this.failure = error;
    }
    this.stopping.abort();
    for (const rate of this.rates.values()) rate.end();
  }

  /** Reads the lines in their order. Resolves when all that were begun have ended. It never rejects. */
  private async feed(): Promise<void> {
    try {
      await this.feedLines();
    } catch (error) {
      this.end(toCliError(error));
    }
    await Promise.all(this.running);
    await this.writeAgain();
  }

  /** A disk that was full for a moment, or had no room for one long answer, loses nothing. */
  private async writeAgain(): Promise<void> {
    const { index, plan } = this.work;
    const lost: Unwritten[] = [];
    for (const one of this.unwritten) {
      const { number, line } = one;
      const { billed } = line.alltoken;
      try {
        await appendOutput(plan.output, line, this.deps);
        index.setResult(number, { state: stateOf(line), billed });
      } catch (thrown) {
        lost.push({ ...one, thrown });
      }
    }
    const paid = lost.filter(({ line }) => line.alltoken.call !== null);
    this.lost = paid.length;
    if (paid.length > 0) this.push(lossOf('result', lostWords(paid)));
    const [first = this.unwritten[0]] = lost;
    if (first !== undefined && this.failure === this.outputFailure)
      this.failure = outputFailed(plan.output, first.thrown, paid.length);
  }

  private async feedLines(): Promise<void> {
    const { input, index, plan } = this.work;
    const { files } = this.deps;
    const reader = await files.openToRead(input);
    const output = await files.openToRead(plan.output);
    try {
      for (const window of lineWindows(reader)) {
        for (const line of window) {
          if (this.stopping.signal.aborted) return;
          const { number } = line;
          const state = index.stateOf(number);
          if (state !== lineStates.unread && state !== lineStates.unreadable) continue;
          const content = hashOf(line.isTooLong ? `too long, at ${line.offset}` : line.bytes);
          const hash = hashText(content);
          if (!index.hasContent(number, hash)) throw changedMeanwhile(number);
          const { id, request } = readLine(line, plan.request);
          const offset = this.work.offsets[number - 1] ?? -1;
          const earlier = offset < 0 ? null : earlierAt(output, offset);
          if (isFault(request)) {
            if (earlier === null)
              await this.take(number, {
                kind: 'fault',
                line: faultLine({ number, id, hash }, request, null),
              });
            else index.setState(number, earlier.state);
            continue;
          }
          if (this.left === 0) continue;
          const rate = this.rateOf(request.model);
          const permit = await rate.permit(false);
          if (permit === null) return;
          this.left -= 1;
          this.sent += 1;
          this.begin({ number, id, hash, request, earlier }, rate, permit);
        }
        await this.deps.clock.sleep(0, this.deps.signal);
      }
      await Promise.all(this.running);
    } finally {
      await output.close();
      await reader.close();
    }
  }

  private begin(job: LineJob, rate: Rate, permit: Permit): void {
    const running: Promise<void> = sendLine(job, rate, permit, this.context)
      .then((result) => this.takeResult(job, result))
      .catch((error: unknown) => this.end(toCliError(error)))
      .finally(() => this.running.delete(running));
    this.running.add(running);
  }

  private async takeResult(job: LineJob, result: LineResult): Promise<void> {
    if (result.kind === 'not sent') {
      if (result.error !== null) this.end(result.error);
      // Where an earlier result is kept, it still counts.
      if (job.earlier !== null) this.work.index.setState(job.number, job.earlier.state);
      return;
    }
    await this.take(job.number, result, job.earlier);
  }

  /** The line is in the output before its outcome is in the ledger: a paid answer is not lost between the two. */
  private async take(
    number: number,
    ended: { line: OutputLine; settle?: () => Promise<void> } & { kind: string },
    earlier: Known | null = null,
  ): Promise<void> {
    const { index, tally, plan } = this.work;
    const { line } = ended;
    let state: LineState = stateOf(line);
    try {
      await appendOutput(plan.output, line, this.deps);
    } catch (thrown) {
      // Without a result it is unknown, when this batch goes on.
      state = lineStates.intent;
      this.tore = true;
      this.unwritten.push({ number, line, thrown });
      this.outputFailure ??= outputFailed(plan.output, thrown, 0);
      this.end(this.outputFailure);
    }
    const { cost, billed, bound = null } = line.alltoken;
    tally.addCost({ cost, billed, bound });
    if (earlier !== null) {
      tally.removeCost(earlier);
      this.replaced = true;
    }
    if (state === lineStates.intent) index.setState(number, state);
    else index.setResult(number, { state, billed });
    this.progress.done(line.error === null, earlier === null);
    if (line.error !== null) this.failed += 1;
    const { maxErrors } = this.work.options;
    if (line.error !== null && this.failed === maxErrors) this.end(tooManyErrors(maxErrors));
    await ended.settle?.();
  }

  private rateOf(model: string): Rate {
    const known = this.rates.get(model);
    if (known !== undefined) return known;
    const name = this.rates.size < MAX_RATES ? model : '';
    const { concurrency = null } = this.work.options;
    const rate =
      this.rates.get(name) ?? new Rate({ concurrency, left: () => this.left }, this.deps);
    this.rates.set(name, rate);
    return rate;
  }

  private refusedFor(error: CliError, rate: Rate): CliError | null {
    const { maxRetryWait } = this.work.options;
    this.lastRefusal = { exit: error.exit, code: error.details.code ?? null };
    const longest = maxRetryWait === undefined ? LONGEST_REFUSAL_MS : maxRetryWait * 1000;
    const isLong = (error.details.retryAfterMs ?? 0) > longest;
    const since = rate.refusedSince ?? this.deps.clock.monotonic();
    const isOver = this.deps.clock.monotonic() - since >= LONGEST_REFUSAL_MS;
    this.push({
      type: 'trace',
      level: 'verbose',
      message: `${error.message} [${error.exit}]; at most ${rate.limit} in flight now`,
    });
    return isLong || isOver ? error : null;
  }
}

interface Unwritten {
  number: number;
  line: OutputLine;
  /** Why it is not in the output. */
  thrown: unknown;
}

function stateOf({ error }: OutputLine): LineState {
  return error === null ? lineStates.done : lineStates.failed;
}

/** So many results that are lost are named. */
const MOST_NAMED = 20;

/** What the gateway and the ledger know them by. */
function lostWords(lost: readonly Unwritten[]): string {
  const named = lost.slice(0, MOST_NAMED).map(({ line }) => {
    const { request_id: id = null } = line.response ?? {};
    const request = id === null ? '' : `request_id ${oneLine(id).slice(0, 100)}, `;
    return `${oneLine(line.custom_id).slice(0, 80)} (${request}call ${line.alltoken.call})`;
  });
  const more = lost.length - named.length;
  return `the output did not take the results of ${[...named, ...(more > 0 ? [`${more} more`] : [])].join(', ')}`;
}

/** They were paid for, or may have been. */
function stopWords(inFlight: number): string {
  return `stopping: no new lines are sent; waiting for the ${inFlight} in flight (Ctrl-C again: do not wait)`;
}

function changedMeanwhile(number: number): CliError {
  return new CliError('usage', `line ${number} of the input has changed while it was read`, {
    code: 'input_changed',
    billed: 'unknown',
  });
}

function tooManyErrors(count: number): CliError {
  return new CliError('partial', `${count} lines failed, as many as --max-errors allows`, {
    code: 'max_errors',
    billed: 'unknown',
    next: { do: 'set-flag', flag: '--max-errors', why: 'allow more' },
  });
}

/** `lost`: results of calls. */
function outputFailed(path: string, thrown: unknown, lost: number): CliError {
  const error = toCliError(thrown);
  const results = lost === 1 ? '1 result that was' : `${lost} results that were`;
  const ended =
    lost === 0 ? 'no result is lost' : `${results} paid for ${lost === 1 ? 'is' : 'are'} lost`;
  return new CliError(
    'local_io',
    `cannot write ${path}: ${systemErrorCode(thrown) === undefined ? error.message : inPlainWords(thrown)}; ${ended}`,
    {
      code: error.details.code,
      billed: 'unknown',
      cause: thrown,
      next: { do: 'retry', first: diskRemedy(systemErrorCode(thrown)) },
    },
  );
}
