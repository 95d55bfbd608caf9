import { describe, expect, test } from 'vitest';
import { type Permit, Rate, type RateOptions, resetOf } from '../../src/batch/rate.ts';
import { fakeClock } from '../helpers/fake-clock.ts';

const answered = { kind: 'answered', limits: null } as const;
const refused = { kind: 'refused', retryAfterMs: null, limits: null } as const;

function open(options: Partial<RateOptions> = {}) {
  const clock = fakeClock({ timers: 'by hand' });
  const rate = new Rate(
    { concurrency: null, left: () => 1000, ...options },
    {
      clock,
      random: () => 0.5,
    },
  );
  return { rate, clock };
}

async function take(rate: Rate, count: number): Promise<Permit[]> {
  const permits: Permit[] = [];
  for (let at = 0; at < count; at += 1) {
    const permit = await rate.permit(false);
    if (permit !== null) permits.push(permit);
  }
  return permits;
}

/** So many rounds in which all that is allowed is in flight. */
async function rounds(rate: Rate, count: number): Promise<void> {
  for (let at = 0; at < count; at += 1)
    for (const permit of await take(rate, rate.limit)) rate.giveBack(permit, answered);
}

describe('requests in flight', () => {
  test('begin at four, grow by one a clean window, and end at 64', async () => {
    const { rate } = open();
    expect(rate.limit).toBe(4);
    await rounds(rate, 1);
    expect(rate.limit).toBe(5);
    await rounds(rate, 100);
    expect(rate.limit).toBe(64);
  });

  test('do not grow where fewer were wanted', async () => {
    const { rate } = open();
    for (let at = 0; at < 50; at += 1) {
      const [permit] = await take(rate, 1);
      if (permit !== undefined) rate.giveBack(permit, answered);
    }
    expect(rate.limit).toBe(4);
  });

  test('are halved by refusals, once a round trip, and are never fewer than one', async () => {
    const { rate, clock } = open();
    await rounds(rate, 12);
    expect(rate.limit).toBe(16);
    const permits = await take(rate, 16);
    await clock.pass(50);
    for (const permit of permits) rate.giveBack(permit, refused);
    expect(rate.limit).toBe(8);
    for (let at = 0; at < 6; at += 1) {
      const [permit] = await take(rate, 1);
      await clock.pass(50);
      if (permit !== undefined) rate.giveBack(permit, refused);
    }
    expect(rate.limit).toBe(1);
  });

  test('with a number: that many, and no more', async () => {
    const { rate } = open({ concurrency: 9 });
    await rounds(rate, 5);
    expect(rate.limit).toBe(9);
  });
});

describe('pauses', () => {
  test('Retry-After holds all of them, and who was refused goes first', async () => {
    const { rate, clock } = open();
    const [permit] = await take(rate, 1);
    if (permit !== undefined) rate.giveBack(permit, { ...refused, retryAfterMs: 9000 });
    const order: string[] = [];
    const fresh = rate.permit(false).then(() => order.push(`fresh at ${clock.monotonic()}`));
    const again = rate.permit(true).then(() => order.push(`again at ${clock.monotonic()}`));
    await Promise.all([fresh, again]);
    expect(order).toEqual(['again at 9000', 'fresh at 9000']);
  });

  test('a refusal that names none waits longer each time', async () => {
    const { rate, clock } = open();
    const waits: number[] = [];
    for (let at = 0; at < 7; at += 1) {
      const before = clock.monotonic();
      const [permit] = await take(rate, 1);
      waits.push(clock.monotonic() - before);
      await clock.pass(1);
      if (permit !== undefined) rate.giveBack(permit, refused);
    }
    expect(waits).toEqual([0, 750, 1250, 2250, 4250, 4250, 4250]);
  });

  test('what the server says is left is spread over the time until it is lifted', async () => {
    const { rate, clock } = open();
    const limits = { limit: 100, remaining: 10, reset: '20s' };
    const [first] = await take(rate, 1);
    if (first !== undefined) rate.giveBack(first, { kind: 'answered', limits });
    await take(rate, 1);
    await take(rate, 1);
    expect(clock.monotonic()).toBe(2000);
  });

  test('a server that allows as many as there are needs no pace', async () => {
    const { rate, clock } = open({ left: () => 9 });
    const [first] = await take(rate, 1);
    const limits = { limit: 100, remaining: 10, reset: 20 };
    if (first !== undefined) rate.giveBack(first, { kind: 'answered', limits });
    await take(rate, 3);
    expect(clock.monotonic()).toBe(0);
  });

  test('nothing left: all wait until it is lifted', async () => {
    const { rate, clock } = open();
    const [first] = await take(rate, 1);
    const limits = { limit: 100, remaining: 0, reset: 20 };
    if (first !== undefined) rate.giveBack(first, { kind: 'answered', limits });
    await take(rate, 1);
    expect(clock.monotonic()).toBe(20_000);
  });

  test('who waits when it ends gets nothing', async () => {
    const { rate } = open({ concurrency: 1 });
    await take(rate, 1);
    const waiting = rate.permit(false);
    rate.end();
    expect([await waiting, await rate.permit(true)]).toEqual([null, null]);
  });
});

test.each([
  [30, 30_000],
  ['30', 30_000],
  ['6m0s', 360_000],
  ['1h2m3.5s', 3_723_500],
  ['20ms', 20],
  [1_800_000_010, 10_000],
  ['soon', null],
  [null, null],
])('a reset of %j is in %j ms', (value, expected) => {
  expect(resetOf(value, 1_800_000_000_000)).toBe(expected);
});
