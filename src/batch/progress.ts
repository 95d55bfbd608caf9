/** How far a batch is, and how fast. It shows nothing. */
import type { Clock } from '../base/deps.ts';
import { formatDecimal } from '../money/decimal.ts';
import type { BatchProgress } from '../schemas/batch.ts';
import { projected, type Tally } from './tally.ts';

/** On a terminal the line changes all the time; in a log each one stays. */
const TERMINAL_MS = 250;
const LOG_MS = 10_000;

/** The rate is that of the last moments, ms. */
const MOMENTS_MS = 10_000;

interface Sample {
  at: number;
  done: number;
}

export class Progress {
  private count: { done: number; failed: number; readonly total: number };
  private samples: Sample[];
  private readonly first: Sample;
  private readonly clock: Pick<Clock, 'monotonic'>;

  constructor(
    start: { done: number; failed: number; total: number },
    clock: Pick<Clock, 'monotonic'>,
  ) {
    this.count = { ...start };
    this.clock = clock;
    this.first = { at: clock.monotonic(), done: start.done };
    this.samples = [this.first];
  }

  /** `isDrawn`: a line takes the place of the one before. */
  intervalMs(isDrawn: boolean): number {
    return isDrawn ? TERMINAL_MS : LOG_MS;
  }

  /** `isNew`: the line had no result before. */
  done(isGood: boolean, isNew: boolean): void {
    if (isNew) this.count.done += 1;
    if (!isGood && isNew) this.count.failed += 1;
    if (isGood && !isNew) this.count.failed = Math.max(0, this.count.failed - 1);
  }

  /** `refusal`: why nothing is answered now; null: something is, or nothing was sent. */
  event(inFlight: number, tally: Tally, refusal: BatchProgress['refusal']): BatchProgress {
    const at = this.clock.monotonic();
    const { done, failed, total } = this.count;
    const young = this.samples.filter((sample) => at - sample.at <= MOMENTS_MS);
    const oldest = young[0] ?? this.samples.at(-1) ?? this.first;
    this.samples = [...young, { at, done }];
    const perSecond = rateBetween(oldest, at, done);
    const overall = rateBetween(this.first, at, done);
    return {
      type: 'progress',
      phase: 'lines',
      done,
      total,
      failed,
      in_flight: inFlight,
      per_second: Math.round(perSecond * 10) / 10,
      eta_ms: overall === 0 ? null : Math.round(((total - done) / overall) * 1000),
      spent: formatDecimal(tally.amount),
      projected: projected(tally.amount, done, total),
      refusal,
    };
  }
}

function rateBetween(from: Sample, at: number, done: number): number {
  const seconds = (at - from.at) / 1000;
  return seconds <= 0 ? 0 : (done - from.done) / seconds;
}
