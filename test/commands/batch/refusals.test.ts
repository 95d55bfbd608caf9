import { expect, test } from 'vitest';
import { echo, openBatch, refuse, someLines } from '../../helpers/batch.ts';

test('429 without Retry-After: every line is answered in the end, and none has lost a try', async () => {
  const world = await openBatch((response, request, nth) =>
    nth % 3 === 0 ? refuse(response, 429, 'rate_limit_exceeded') : echo(response, request, nth),
  );
  world.input(...someLines(40));
  const ran = await world.batch('-v');
  expect(ran.code).toBe(0);
  expect(world.lines()).toHaveLength(40);
  expect(ran.err).toContain('at most 2 in flight now');
  expect(ran.world.sleeps.filter((ms) => ms >= 500).length).toBeGreaterThan(0);
  const outcomes = world.ledger().filter(({ event }) => event === 'outcome');
  expect(outcomes).toHaveLength(40);
});

test('Retry-After is obeyed by all', async () => {
  const moments: number[] = [];
  const world = await openBatch((response, request, nth) => {
    moments.push(nth);
    return nth === 1
      ? refuse(response, 429, 'rate_limit_exceeded', { 'retry-after': '7' })
      : echo(response, request, nth);
  });
  world.input(...someLines(10));
  const ran = await world.batch('--concurrency', '1');
  expect(ran.code).toBe(0);
  expect(moments).toHaveLength(11);
  expect(ran.world.sleeps).toContainEqual(7000);
});

test('a Retry-After longer than ten minutes ends the batch with 30, and the line is sent next time', async () => {
  let isLimited = true;
  const world = await openBatch((response, request, nth) =>
    isLimited
      ? refuse(response, 429, 'rate_limit_exceeded', { 'retry-after': '700' })
      : echo(response, request, nth),
  );
  world.input(...someLines(3));
  const ran = await world.batch('--json');
  expect(ran.code).toBe(30);
  expect(JSON.parse(ran.out)).toMatchObject({ succeeded: 0, failed: 0, unknown: 0, skipped: 3 });
  isLimited = false;
  expect((await world.batch()).code).toBe(0);
});

test('ten minutes of refusals alone end with 30', async () => {
  const world = await openBatch((response) => refuse(response, 429, 'rate_limit_exceeded'));
  world.input(...someLines(3));
  const ran = await world.batch();
  expect(ran.code).toBe(30);
  const slept = ran.world.sleeps.reduce((sum, ms) => sum + ms, 0);
  expect(slept).toBeGreaterThan(590_000);
  expect(slept).toBeLessThan(620_000);
  expect(world.lines()).toEqual([]);
});

test('503 of the gateway is tried three times, and is the line’s own then', async () => {
  const world = await openBatch((response) => refuse(response, 503, 'all_providers_failed'));
  world.input(...someLines(2));
  expect((await world.batch()).code).toBe(40);
  expect(world.chats()).toHaveLength(6);
  expect(world.lines().map(({ alltoken }) => alltoken.attempts)).toEqual([3, 3]);
});

test('a key that is refused ends the batch with 21, and no line has failed', async () => {
  const world = await openBatch((response) => refuse(response, 401, 'invalid_api_key'));
  world.input(...someLines(30));
  const ran = await world.batch('--json');
  expect(ran.code).toBe(21);
  expect(JSON.parse(ran.out)).toMatchObject({ failed: 0, skipped: 30 });
  expect(world.chats().length).toBeLessThanOrEqual(4);
});

test('an empty account ends it with 22, and the same command goes on when it is filled', async () => {
  let isEmpty = true;
  const world = await openBatch((response, request, nth) =>
    isEmpty && nth > 5
      ? refuse(response, 402, 'insufficient_balance')
      : echo(response, request, nth),
  );
  world.input(...someLines(20));
  expect((await world.batch('--concurrency', '1')).code).toBe(22);
  expect(world.lines()).toHaveLength(5);
  isEmpty = false;
  expect((await world.batch()).code).toBe(0);
  expect(world.lines()).toHaveLength(20);
});

test('a reply that is lost is a failed line of unknown billing, never sent again by itself', async () => {
  const world = await openBatch((response, request, nth) =>
    nth === 2 ? void response.destroy() : echo(response, request, nth),
  );
  world.input(...someLines(4));
  const ran = await world.batch('--concurrency', '1');
  expect(ran.code).toBe(40);
  expect(world.chats()).toHaveLength(4);
  expect(world.lines()[1]).toMatchObject({
    response: null,
    alltoken: { billed: 'unknown', cost: { amount: null } },
  });
  // Whoever sends it again was told before.
  expect(ran.err).toContain('of 4 lines 1 failed (1 of them may have been billed)');
  expect(ran.err).toContain('send the failed ones again, and pay for up to 1 twice');
  const dry = await world.batch('--retry-failed', '--dry-run');
  expect(dry.err).toContain('1 of them may be paid for twice');
  const asked = await world.batch('--retry-failed', '--dry-run', '--json');
  expect(JSON.parse(asked.out)).toMatchObject({ to_send: 1, paid_twice: 1 });
  const without = await world.batch('--dry-run', '--json');
  expect(JSON.parse(without.out)).toMatchObject({ to_send: 0, paid_twice: 0 });
  const again = await world.batch('--retry-failed');
  expect(again.err).toMatch(/4 lines, 1 to send: .*; 1 of them may be paid for twice\n/);
  expect([again.code, world.chats().length]).toEqual([0, 5]);
  expect((await world.batch()).err).not.toContain('twice');
});

test('a server that cannot be reached ends it with 32 after ten minutes', async () => {
  const world = await openBatch(echo, { env: { ALLTOKEN_BASE_URL: 'http://127.0.0.1:9/v1' } });
  world.input(...someLines(3));
  const ran = await world.batch('--json');
  expect(ran.code).toBe(32);
  expect(JSON.parse(ran.out)).toMatchObject({ failed: 0, skipped: 3 });
});
