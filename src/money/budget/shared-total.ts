/**
 * A total over the parts of one job, each a process of its own, on this machine or another one: a file that they share
 * says what each has claimed. A part spends nothing that it has not claimed before, and all claims together stay within
 * the shares of the parts that are in the file. So the total holds however many parts see each other: those that see
 * nobody have their own share, and where all are in the file it is the whole. It knows no call.
 */
import type { Deps } from '../../base/deps.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { stateOf, thisProcess } from '../../base/process-state.ts';
import { type LockDeps, takeLock } from '../../system/lock.ts';
import {
  compare,
  type Decimal,
  divided,
  formatDecimal,
  larger,
  minus,
  notBelowZero,
  plus,
  smaller,
  times,
  zero,
} from '../decimal.ts';
import { type Bound, decimal } from './caps.ts';
import { type Claim, type Claims, claimsText, readClaims } from './claims.ts';
import { Total } from './total.ts';

/** A claim pays for so many of the largest calls seen, beside those that run. */
const CALLS_A_CLAIM = 64;

/** How often it is looked whether others wait for what is claimed and not in use, ms. */
const LOOK_MS = 1000;

/** A part of another machine says so often that it runs, and is believed for so long, ms. */
const CONFIRM_MS = 20_000;
const BELIEVED_MS = 60_000;

/** More parts than this would wait for each other more than they work. */
export const MOST_PARTS = 1024;

const patience = { tries: 500, elsewhereHoldsMs: 10_000 };

export interface SharedTotalOptions {
  /** The file, the same for all parts. */
  path: string;
  /** What the parts do together: claims of anything else do not count. */
  job: string;
  /** `index` counts from 0. */
  part: { index: number; count: number };
  /** USD of all parts together. */
  limit: string;
  /** USD that this part has spent before. */
  spent: string;
}

type SharedDeps = LockDeps & Pick<Deps, 'files' | 'path' | 'clock'>;

export class SharedTotal extends Total {
  /** Parts that are in the file, with this one. */
  parts = 1;
  private readonly options: SharedTotalOptions;
  private readonly deps: SharedDeps;
  private claimed: Decimal;
  private largest: Decimal = zero;
  /** Of the others: what they have claimed, and what they surely need of it. */
  private others = { claimed: zero, least: zero };
  private seen = '';
  private writtenAt = 0;
  private waits = false;
  private changing: Promise<unknown> = Promise.resolve();
  private stopLooking: (() => void) | null = null;
  private isClosed = false;

  private constructor(options: SharedTotalOptions, deps: SharedDeps) {
    super(options.limit, { spent: options.spent });
    this.options = options;
    this.deps = deps;
    this.claimed = decimal(options.spent);
  }

  /** This part counts from now on. Throws `CliError` local_io. Close it at the end. */
  static async open(options: SharedTotalOptions, deps: SharedDeps): Promise<SharedTotal> {
    const total = new SharedTotal(options, deps);
    await total.change(() => total.used);
    total.look();
    return total;
  }

  /** USD that the parts in the file may spend together. */
  override get limit(): string {
    const { limit, part } = this.options;
    return shareOf(limit, this.parts, part.count);
  }

  override async ask({ amount, openReason }: Bound): Promise<void> {
    const need = decimal(amount);
    if (compare(need, this.largest) > 0) this.largest = need;
    const hasTooLittle = (free: Decimal): boolean =>
      compare(need, free) > 0 || (openReason !== null && free.units === 0n);
    // One that waits, and has said so, only looks: many of them would be in each other's way.
    if (this.waits && compare(this.claimed, this.used) === 0 && !this.isOld) {
      await this.changing;
      await this.read().catch((error: unknown) => {
        throw cannotShare(error, this.options.path);
      });
      if (hasTooLittle(this.free)) return;
    }
    await this.change(() => {
      const { free } = this;
      this.waits = hasTooLittle(free);
      // Two that wait must not hold what the other one needs.
      if (this.waits) return this.used;
      const more = smaller(times(this.largest, CALLS_A_CLAIM), divided(free, 2 * this.parts));
      return plus(this.used, smaller(free, plus(need, more)));
    });
  }

  /** What is not spent is free for the other parts. Calls that still run keep their bounds. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.stopLooking?.();
    this.waits = false;
    await this.change(() => this.used);
  }

  private get free(): Decimal {
    return notBelowZero(minus(minus(decimal(this.limit), this.others.claimed), this.used));
  }

  private get isOld(): boolean {
    return Math.abs(this.deps.clock.now() - this.writtenAt) > CONFIRM_MS;
  }

  protected override get usable(): Decimal {
    return this.claimed;
  }

  protected override get goneElsewhere(): Decimal {
    return this.others.least;
  }

  protected override get heldElsewhere(): Decimal {
    return minus(this.others.claimed, this.others.least);
  }

  /** `claim`: what this part has claimed from now on, when all others are known. One change at a time. */
  private change(claim: () => Decimal): Promise<void> {
    const changed = this.changing.then(() => this.write(claim));
    this.changing = changed.catch(() => {});
    return changed;
  }

  private async write(claim: () => Decimal): Promise<void> {
    const { files, path, clock } = this.deps;
    const { path: file, part, job } = this.options;
    try {
      const lock = await takeLock(path.dirname(file), path.basename(file), this.deps, patience);
      if ('heldBy' in lock) throw inUse(file, lock.heldBy);
      try {
        const claims = await this.read();
        const wanted = claim();
        // Less counts at once, more when it is on the disk.
        this.claimed = smaller(this.claimed, wanted);
        const at = clock.now();
        claims[part.index] = {
          ...thisProcess(this.deps),
          job,
          claimed: formatDecimal(wanted),
          spent: formatDecimal(this.spent),
          waits: this.waits,
          at,
        };
        await files.replace(file, claimsText(claims));
        this.claimed = wanted;
        this.writtenAt = at;
      } finally {
        // The claim is written, and stands.
        await lock.release().catch(() => {});
      }
    } catch (error) {
      throw cannotShare(error, file);
    }
  }

  /** All parts of the job, as they are now. */
  private async read(): Promise<Claims> {
    const { path, job, part } = this.options;
    const claims = await readClaims(path, this.deps);
    for (const [index, one] of Object.entries(claims)) if (one.job !== job) delete claims[index];
    const others = Object.entries(claims).filter(([index]) => index !== String(part.index));
    this.parts = others.length + 1;
    let [claimed, least] = [zero, zero];
    for (const [, one] of others) {
      claimed = plus(claimed, decimal(one.claimed));
      least = plus(least, decimal(this.runs(one) ? one.spent : one.claimed));
    }
    this.others = { claimed, least };
    const seen = others.map(([index, one]) => `${index} ${one.claimed} ${one.spent}`).join();
    if (seen !== this.seen) this.movedAt = this.deps.clock.monotonic();
    this.seen = seen;
    return claims;
  }

  private runs(one: Claim): boolean {
    const state = stateOf(one, this.deps);
    const isYoung = Math.abs(this.deps.clock.now() - one.at) < BELIEVED_MS;
    return state === 'runs' || (state === 'elsewhere' && isYoung);
  }

  private look(): void {
    if (this.isClosed) return;
    const work = (): void => {
      void this.tidy()
        .catch(() => {}) // the next look tries again
        .finally(() => this.look());
    };
    this.stopLooking = this.deps.clock.after(LOOK_MS, work, 'background');
  }

  private async tidy(): Promise<void> {
    const { path, part } = this.options;
    const { isOld } = this;
    const hasMore = compare(this.claimed, this.used) > 0;
    if (!isOld && !hasMore) return;
    const claims = await readClaims(path, this.deps);
    const othersWait = Object.entries(claims).some(
      ([index, one]) => index !== String(part.index) && one.waits && this.runs(one),
    );
    if (this.isClosed) return;
    if (othersWait && hasMore) await this.change(() => this.used);
    else if (isOld) await this.change(() => larger(this.claimed, this.used));
  }
}

/** So many shares of the limit, rounded down at the twelfth place. */
export function shareOf(limit: string, parts: number, count: number): string {
  if (parts >= count) return limit;
  return formatDecimal(divided(times(decimal(limit), parts), count));
}

function inUse(file: string, pid: number): CliError {
  return new CliError('local_io', `${file} is held by process ${pid}; nothing was sent`, {
    code: 'budget_in_use',
    billed: 'no',
    next: { do: 'retry' },
  });
}

function cannotShare(error: unknown, file: string): unknown {
  const code = systemErrorCode(error);
  if (error instanceof CliError || code === undefined) return error;
  return new CliError(
    'local_io',
    `--max-cost cannot be shared by ${file} (${code}); nothing was sent`,
    {
      code,
      billed: 'no',
      cause: error,
    },
  );
}
