import { expect, test } from 'vitest';
import { mergeAll, mergeSettled } from '../../src/base/merge-generators.ts';

/** Yields its name and a number, `count` times; notes its beginning and its end. */
async function* piece(
  name: string,
  count: number,
  log: string[],
  failure?: Error,
): AsyncGenerator<string, void, undefined> {
  log.push(`${name} begins`);
  try {
    for (let step = 1; step <= count; step += 1) yield `${name}${step}`;
    if (failure !== undefined) throw failure;
  } finally {
    await Promise.resolve();
    log.push(`${name} ends`);
  }
}

async function collect<E, T>(events: AsyncGenerator<E, T, undefined>): Promise<[E[], T]> {
  const seen: E[] = [];
  for (;;) {
    const { value, done } = await events.next();
    if (done) return [seen, value];
    seen.push(value);
  }
}

test('one outcome for each, in the order given, also of those that fail', async () => {
  const log: string[] = [];
  const failure = new Error('no');
  const pieces = [piece('a', 3, log), piece('b', 1, log, failure), piece('c', 0, log)];
  const [seen, outcomes] = await collect(mergeSettled(pieces));
  expect(seen.sort()).toEqual(['a1', 'a2', 'a3', 'b1']);
  expect(outcomes).toEqual([
    { status: 'fulfilled', value: undefined },
    { status: 'rejected', reason: failure },
    { status: 'fulfilled', value: undefined },
  ]);
});

test('at most so many at a time, and all in the end', async () => {
  const log: string[] = [];
  const pieces = ['a', 'b', 'c', 'd'].map((name) => piece(name, 2, log));
  const [seen] = await collect(mergeAll(pieces, 2));
  expect(seen).toHaveLength(8);
  let running = 0;
  for (const line of log) {
    running += line.endsWith('begins') ? 1 : -1;
    expect(running).toBeLessThanOrEqual(2);
  }
});

test('one that throws ends all that run, and begins no other', async () => {
  const log: string[] = [];
  const failure = new Error('no');
  const pieces = [piece('a', 9, log), piece('b', 1, log, failure), piece('c', 1, log)];
  await expect(collect(mergeAll(pieces, 2))).rejects.toBe(failure);
  expect(log.sort()).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('a reader that leaves ends all that run, before it goes on', async () => {
  const log: string[] = [];
  for await (const _ of mergeAll([piece('a', 9, log), piece('b', 9, log)], 2)) break;
  expect(log.sort()).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('a reader that leaves does not wait for a piece that hangs, when it wants outcomes', async () => {
  const log: string[] = [];
  async function* hangs(): AsyncGenerator<string, void, undefined> {
    await new Promise(() => {});
  }
  for await (const _ of mergeSettled([hangs(), piece('a', 9, log)])) break;
  expect(log).toContain('a begins');
});
