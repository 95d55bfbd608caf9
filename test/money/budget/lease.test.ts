import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Deps } from '../../../src/base/deps.ts';
import { capsOf } from '../../../src/money/budget/caps.ts';
import { type Admission, type Lease, openLease } from '../../../src/money/budget/lease.ts';
import { overviewOf } from '../../../src/money/budget/overview.ts';
import { bookOf } from '../../../src/money/budget/state.ts';
import { Total } from '../../../src/money/budget/total.ts';
import { formatDecimal, parseDecimal, plus, zero } from '../../../src/money/decimal.ts';
import type { IntentLine, OutcomeLine } from '../../../src/money/ledger/lines.ts';
import type { Config } from '../../../src/schemas/config.ts';
import { files as realFiles } from '../../../src/system/files.ts';
import { fakeClock } from '../../helpers/fake-clock.ts';
import { type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';
import { systemError } from '../../helpers/image-faults.ts';
import { runs } from '../../helpers/share.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A home in which several owners hold leases; each is a process, and may die. */
function openHome(budget: Config['budget'], prepared: FakeWorld = fakeDeps()) {
  const { deps, home } = prepared;
  const running = new Map<number, string>();
  /** What each timer is to the process that sets it. */
  const timers: (string | undefined)[] = [];
  const places = { budget: join(home, 'budget'), ledger: join(home, 'ledger') };
  const book = bookOf(places, 'alltoken');
  const clock = fakeClock({ now: Date.parse('2026-11-22T12:00:00Z'), timers: 'by hand' });
  let ids = 0;
  const as = (processId: number): Deps => ({
    ...deps,
    clock: {
      ...clock,
      sleep: (ms, signal) => sleep(ms, signal),
      after(ms, work, kind) {
        timers.push(kind);
        return clock.after(ms, work, kind);
      },
    },
    processId,
    processMark: (pid) => running.get(pid) ?? null,
    processSpace: () => 'host_boot_1',
    random: Math.random,
    uuid: () => {
      ids += 1;
      return `id-${ids}`;
    },
  });
  /** Time stands still until the test lets it pass, but for what is waited for right now. */
  const sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    await turn();
    signal.throwIfAborted();
    await clock.pass(ms);
  };
  const own = (
    processId: number,
    tags: readonly string[] = [],
    total: Total | null = null,
  ): Owner => {
    running.set(processId, `mark${processId}`);
    const d = as(processId);
    const caps = capsOf(budget, undefined, tags);
    const lease = openLease(
      { gateway: 'alltoken', key: null, tags, caps, total, isBookedElsewhere: false },
      book,
      d,
    );
    return new Owner(processId, lease, d, tags);
  };
  return {
    home,
    clock,
    timers,
    own,
    kill: (owner: Owner) => running.delete(owner.processId),
    ledger: () => prepared.ledger(),
    /** The caps as another process sees them. */
    async view(tags: readonly string[] = []) {
      const caps = capsOf(budget, undefined, tags);
      return overviewOf(caps, null, book, as(999));
    },
    state: () => JSON.parse(readFileSync(join(places.budget, 'budget.json'), 'utf8')),
  };
}

class Owner {
  readonly processId: number;
  readonly lease: Lease;
  readonly open: { admission: Admission; call: string; bound: string }[] = [];
  private readonly deps: Deps;
  private readonly tags: readonly string[];

  constructor(processId: number, lease: Lease, deps: Deps, tags: readonly string[]) {
    this.processId = processId;
    this.lease = lease;
    this.deps = deps;
    this.tags = tags;
  }

  async admit(
    bound: string,
    { hold = 0, open = null as string | null, signal = undefined as AbortSignal | undefined } = {},
  ) {
    const call = this.deps.uuid();
    const admission = await this.lease.admit(
      {
        intent: {
          ...this.common(call),
          event: 'intent',
          pid: this.processId,
          model: 'm',
        } as IntentLine,
        bound: { amount: bound, openReason: open, priceUnknown: open !== null, uncapped: false },
      },
      { holdMs: hold * 1000, deadlineAt: null },
      signal,
    );
    const one = { admission, call, bound };
    this.open.push(one);
    return one;
  }

  async settle(
    one: Owner['open'][number],
    amount: string | null,
    billed: OutcomeLine['billed'] = 'yes',
  ) {
    this.open.splice(this.open.indexOf(one), 1);
    const source = amount === null ? ('unknown' as const) : ('gateway' as const);
    return one.admission.settle({
      ...this.common(one.call),
      event: 'outcome',
      model: 'm',
      requested_model: 'm',
      request_id: null,
      exit: 0,
      billed,
      attempts: 1,
      usage: null,
      cost: { amount, currency: 'USD', source },
      duration_ms: 1,
      first_token_ms: null,
    });
  }

  private common(call: string) {
    const at = new Date(this.deps.clock.now()).toISOString();
    const { tags } = this;
    return { v: 1 as const, call, at, command: 'batch', gateway: 'alltoken', session: null, tags };
  }
}

const refused = (exit: string, code: string) => ({ exit, details: { code } });

describe('a lease', () => {
  test('takes a slice for eight of the largest calls, and lets calls in from memory', async () => {
    const home = openHome({ day: '1000' });
    const owner = home.own(1);
    await owner.admit('1');
    expect(home.state().reservations).toMatchObject([{ amount: '8', isLease: true }]);
    const written = readFileSync(join(home.home, 'budget', 'budget.json'), 'utf8');
    for (let count = 0; count < 6; count += 1) await owner.admit('1');
    expect(readFileSync(join(home.home, 'budget', 'budget.json'), 'utf8')).toBe(written);
    expect(home.ledger()).toHaveLength(7);
    expect(home.ledger()[0]).toMatchObject({ event: 'intent', bound: '1', lease: 'id-1' });
  });

  test('takes at most an eighth of what is left, and at least the call in hand', async () => {
    const home = openHome({ day: '16', month: '100' });
    await home.own(1).admit('1');
    expect(home.state().reservations).toMatchObject([{ amount: '2' }]);
    const small = openHome({ day: '1.5' });
    await small.own(1).admit('1');
    expect(small.state().reservations).toMatchObject([{ amount: '1' }]);
  });

  test('is refilled in the background, before it is used up', async () => {
    const home = openHome({ day: '1000' });
    const owner = home.own(1);
    for (let count = 0; count < 8; count += 1) await owner.admit('1');
    await expect.poll(() => home.state().reservations).toMatchObject([{ amount: '16' }]);
  });

  test('lets its calls in one after the other, in the order in which they asked', async () => {
    const home = openHome({ day: '1000' });
    const [one, other] = [home.own(1), home.own(2)];
    const cheap = await one.admit('1');
    const most = await other.admit('900');
    const order: string[] = [];
    const admit = (bound: string) =>
      one.admit(bound, { hold: 60_000 }).then(() => order.push(bound));
    const large = admit('200');
    await one.settle(cheap, '0');
    const small = admit('0.5');
    await other.settle(most, '0');
    await Promise.all([large, small]);
    expect(order).toEqual(['200', '0.5']);
  });

  test('pays for its own calls alone', async () => {
    const home = openHome({ day: '100' });
    const [one, other] = [home.own(1), home.own(2)];
    await one.admit('1');
    await other.settle(await other.admit('1'), '0.25');
    home.kill(other);
    expect((await home.view()).caps).toMatchObject([{ spent: '0.25', reserved: '8' }]);
  });

  test('does not keep its process alive', async () => {
    const home = openHome({ day: '100' });
    await home.own(1).admit('1');
    expect(new Set(home.timers)).toEqual(new Set(['background']));
  });

  test('refused for a day or a month can wait for the next one; for a single call that is no help', async () => {
    const waits = {
      details: {
        next: expect.arrayContaining([{ do: 'say', words: expect.any(String), for: 'user' }]),
      },
    };
    await expect(openHome({ day: '1' }).own(1).admit('2')).rejects.toMatchObject(waits);
    await expect(openHome({ month: '1' }).own(1).admit('2')).rejects.toMatchObject(waits);
    await expect(openHome({ call: '1' }).own(1).admit('2')).rejects.not.toMatchObject(waits);
  });

  test('pays actual costs: others see what is spent, and the rest of the slice', async () => {
    const home = openHome({ day: '100' });
    const owner = home.own(1);
    const one = await owner.admit('1');
    await owner.settle(one, '0.25');
    expect((await home.view()).caps).toMatchObject([
      { spent: '0.25', reserved: '7.75', left: '92' },
    ]);
  });

  test('gives back what is idle, and the rest at the end', async () => {
    const home = openHome({ day: '100' });
    const owner = home.own(1);
    await owner.admit('1');
    const second = await owner.admit('1');
    await home.clock.pass(5000);
    await expect.poll(() => home.state().reservations).toMatchObject([{ amount: '2' }]);
    await owner.settle(second, '0.5');
    await owner.lease.close();
    expect((await home.view()).caps).toMatchObject([{ spent: '0.5', reserved: '1' }]);
    const [first] = owner.open;
    if (first === undefined) throw new Error('none is open');
    await owner.settle(first, null, 'unknown');
    expect((await home.view()).caps).toMatchObject([{ spent: '1.5', reserved: '0', left: '98.5' }]);
    expect(home.state().reservations).toEqual([]);
  });

  test('gives back what is idle once the disk takes it, if it did not before', async () => {
    let isFull = false;
    const home = openHome(
      { day: '100' },
      fakeDeps({
        files: {
          replace: (...words) =>
            isFull ? Promise.reject(systemError('EIO')) : realFiles.replace(...words),
        },
      }),
    );
    const owner = home.own(1);
    await owner.settle(await owner.admit('1'), '0.5');
    isFull = true;
    await home.clock.pass(5000);
    await turn();
    expect(home.state().reservations).toMatchObject([{ amount: '8' }]);
    isFull = false;
    await expect
      .poll(async () => {
        await home.clock.pass(1000);
        return home.state().reservations;
      })
      .toEqual([]);
  });

  test('counts a call that had to wait from when it is let in', async () => {
    const home = openHome({ day: '1' });
    const owner = home.own(1);
    const first = await owner.admit('1');
    const second = owner.admit('1', { hold: 3600 });
    await expect.poll(() => home.state().waiting).toHaveLength(1);
    await owner.settle(first, '0');
    await second;
    const [, ended, begun] = home.ledger();
    expect(begun).toMatchObject({ event: 'intent' });
    expect(String(begun?.at) >= String(ended?.at), `${begun?.at} ${ended?.at}`).toBe(true);
  });

  test('of a dead owner counts what it had begun, at its bound', async () => {
    const home = openHome({ day: '100' });
    const owner = home.own(1);
    const done = await owner.admit('1');
    await owner.admit('0.75');
    await owner.settle(done, '0.25');
    home.kill(owner);
    expect((await home.view()).caps).toMatchObject([
      { spent: '0.25', reserved: '0', unsettled: '0.75', left: '99' },
    ]);
  });

  test('holds several caps at once', async () => {
    const budget = { day: '10', month: '100', tags: { ci: { day: '4', month: '5' } } };
    const home = openHome(budget);
    const owner = home.own(1, ['ci']);
    for (let count = 0; count < 4; count += 1) await owner.admit('1');
    await expect(owner.admit('1')).rejects.toMatchObject(
      refused('rate_limited', 'budget_reserved'),
    );
    for (const one of [...owner.open]) await owner.settle(one, '1');
    await expect(owner.admit('1', { hold: 30 })).rejects.toMatchObject(
      refused('budget', 'budget_day'),
    );
    await expect(owner.admit('11')).rejects.toMatchObject({ exit: 'budget' });
  });

  test('holds a total of its own, which several leases may share', async () => {
    const home = openHome({ day: '100' });
    const total = new Total('2.5');
    const [one, other] = [home.own(1, [], total), home.own(1, ['x'], total)];
    const first = await one.admit('1');
    await other.admit('1');
    await expect(other.admit('1')).rejects.toMatchObject(
      refused('rate_limited', 'budget_reserved'),
    );
    const waiting = one.admit('1', { hold: 3000 });
    await one.settle(first, '0.25');
    await waiting;
    await expect(other.admit('2.3', { hold: 1 })).rejects.toMatchObject(
      refused('budget', 'max_cost'),
    );
    expect(total.cost).toBe('0.25');
  });

  test('lets many wait, and serves all that fit', async () => {
    const home = openHome({ day: '10' });
    const owner = home.own(1);
    let open = 0;
    const ends = await Promise.allSettled(
      Array.from({ length: 64 }, async () => {
        const one = await owner.admit('1', { hold: 1000 });
        open += 1;
        expect(open).toBeLessThanOrEqual(10);
        await turn();
        open -= 1;
        await owner.settle(one, '0.25');
      }),
    );
    // 36 cost 9 dollars, and then one more fits: its bound is what is left.
    const served = ends.filter(({ status }) => status === 'fulfilled');
    expect(served).toHaveLength(37);
    expect((await home.view()).caps).toMatchObject([{ spent: '9.25' }]);
    for (const end of ends)
      if (end.status === 'rejected') expect(end.reason).toMatchObject({ exit: 'budget' });
  });

  test('refuses a call above a cap on single calls, and holds nothing for it', async () => {
    const home = openHome({ call: '0.5', day: '10' });
    const owner = home.own(1);
    await expect(owner.admit('0.6')).rejects.toMatchObject(refused('budget', 'budget_call'));
    expect(home.ledger()).toEqual([]);
  });

  test('of calls of unknown cost ends when the day is used up', async () => {
    const home = openHome({ day: '1' });
    const owner = home.own(1);
    const one = await owner.admit('0', { open: 'no price' });
    await owner.settle(one, '1.5');
    await expect(owner.admit('0', { open: 'no price' })).rejects.toMatchObject({ exit: 'budget' });
  });

  test('of a call that is no longer wanted lets the next one in', async () => {
    const home = openHome({ day: '1' });
    const owner = home.own(1);
    const first = await owner.admit('1');
    const stop = new AbortController();
    const [gone, next] = [
      owner.admit('1', { hold: 5000, signal: stop.signal }),
      owner.admit('1', { hold: 5000 }),
    ];
    stop.abort(new Error('left'));
    await expect(gone).rejects.toThrow('left');
    await owner.settle(first, '0');
    await next;
    expect(home.state().waiting).toEqual([]);
  });

  test('gives way to a call of another process that waits', async () => {
    const home = openHome({ day: '10' });
    const [one, other] = [home.own(1), home.own(2)];
    await one.settle(await one.admit('1'), '0');
    // An eighth is left in its hands, and the other one needs all.
    const all = other.admit('10', { hold: 600 });
    await all;
    expect(other.open).toHaveLength(1);
  });

  test('without a ledger lets nothing in', async () => {
    const home = openHome({ day: '10' });
    const owner = home.own(1);
    await owner.settle(await owner.admit('1'), '0');
    const world = fakeDeps();
    world.write('ledger', 'a file');
    const broken = openHome({ day: '10' }, world).own(1);
    await expect(broken.admit('1')).rejects.toMatchObject({ exit: 'local_io', billed: 'no' });
  });
});

/** What two owners do, one step after the other or at once. */
type Step =
  | { do: 'admit'; owner: 0 | 1; bound: number }
  | { do: 'settle'; owner: 0 | 1; part: number; known: boolean }
  | { do: 'crash'; owner: 0 | 1 }
  | { do: 'pass'; ms: number };

const who = fc.constantFrom(0 as const, 1 as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('admit' as const),
      owner: who,
      bound: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      owner: who,
      part: fc.integer({ min: 0, max: 100 }),
      known: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), owner: who }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.integer({ min: 1, max: 4000 }),
    }),
  },
);

const cents = (count: number): string => formatDecimal({ units: BigInt(count), places: 2 });

/** What was let in may have cost this much: known costs, else bounds; also of calls that run or were killed. */
function worstOf(lines: readonly Record<string, unknown>[]): string {
  const worst = new Map<unknown, string>();
  for (const line of lines) {
    const cost = line.cost as { amount: string | null } | undefined;
    if (line.event === 'intent') worst.set(line.call, String(line.bound));
    else worst.set(line.call, cost?.amount ?? String(line.bound));
  }
  return formatDecimal(
    [...worst.values()].map((amount) => parseDecimal(amount) ?? zero).reduce(plus, zero),
  );
}

describe('two owners under one cap of 1 dollar', () => {
  test('never exceed it together, and what fits is let in', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const world = fakeDeps();
        const home = openHome({ day: '1' }, world);
        let processes = 2;
        const owners: [Owner, Owner] = [home.own(1), home.own(2)];
        const pending: Promise<unknown>[] = [];
        for (const one of steps) {
          if (one.do === 'admit')
            pending.push(owners[one.owner].admit(cents(one.bound)).catch(() => {}));
          else if (one.do === 'settle') {
            const owner = owners[one.owner];
            const [call] = owner.open;
            if (call === undefined) continue;
            const whole = Number(call.bound) * 100;
            const cost = one.known ? cents(Math.floor((whole * one.part) / 100)) : null;
            pending.push(owner.settle(call, cost, one.known ? 'yes' : 'unknown'));
          } else if (one.do === 'pass') await home.clock.pass(one.ms);
          else {
            await Promise.all(pending.splice(0));
            home.kill(owners[one.owner]);
            processes += 1;
            owners[one.owner] = home.own(processes);
          }
          if (one.do !== 'settle') await turn();
          expect(Number(worstOf(world.ledger()))).toBeLessThanOrEqual(1);
        }
        await Promise.all(pending);
        expect(Number(worstOf(world.ledger()))).toBeLessThanOrEqual(1);
        // When all have ended, whatever is left can be had, to the last cent.
        for (const owner of owners)
          for (const call of [...owner.open]) await owner.settle(call, '0');
        const left = 100 - Math.round(Number(worstOf(world.ledger())) * 100);
        if (left > 0) await owners[0].admit(cents(left), { hold: 60 });
        await expect(owners[1].admit('0.01', { hold: 1 })).rejects.toMatchObject({
          exit: left > 0 ? 'rate_limited' : 'budget',
        });
      }),
      { numRuns: runs(60) },
    );
  });
});
