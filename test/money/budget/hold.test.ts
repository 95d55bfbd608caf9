import { describe, expect, test } from 'vitest';
import { files as realFiles } from '../../../src/system/files.ts';
import { systemError } from '../../helpers/image-faults.ts';
import { openBooks, refusal } from './books.ts';

/** In the state: who waits, first in line first. */
function lineOf(books: { state(): string }): string[] {
  const { waiting } = JSON.parse(books.state()) as { waiting: { call: string }[] };
  return waiting.map(({ call }) => call);
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('M11: a call that only running calls are in the way of', () => {
  test('waits for them, and says so once', async () => {
    const books = openBooks({ day: '1' });
    await books.reserve({ id: 1 });
    let pauses = 0;
    books.onSleep = async () => {
      pauses += 1;
      if (pauses === 5) await books.end(1, '0.2');
    };
    const [check] = await books.reserve({ id: 2, bound: '0.8', hold: 30 });
    expect(check).toMatchObject({ spent: '0.2', reserved: '0', fits: true, waits: false });
    expect(pauses).toBe(5);
    expect(books.said).toEqual([
      'waiting for calls that run now and have reserved what is left of budget.day',
    ]);
    expect(lineOf(books)).toEqual([]);
  });

  test('is refused as soon as it is clear that it cannot fit', async () => {
    const books = openBooks({ day: '1' });
    await books.reserve({ id: 1 });
    books.onSleep = () => books.end(1, '0.5');
    expect(await refusal(books.reserve({ id: 2, bound: '0.8', hold: 30 }))).toMatchObject({
      exit: 'budget',
      details: { code: 'budget_day' },
    });
    expect(lineOf(books)).toEqual([]);
  });

  test('is not waited for once it has left, where its process goes on and could not say so', async () => {
    let isFull = false;
    const books = openBooks(
      { day: '1' },
      {
        replace: (...words) =>
          isFull ? Promise.reject(systemError('ENOSPC')) : realFiles.replace(...words),
      },
    );
    await books.reserve({ id: 1 });
    books.onSleep = async () => {
      isFull = true;
    };
    await refusal(books.reserve({ id: 2, hold: 1 }));
    isFull = false;
    books.onSleep = null;
    expect(lineOf(books)).toEqual(['call-2']);
    await books.end(1, '0');
    await refusal(books.reserve({ id: 3, hold: 1 }));
    books.now += 60_000;
    await books.reserve({ id: 3, hold: 1 });
    expect(lineOf(books)).toEqual([]);
  });

  test('is let in where only the lock of the state cannot be removed, and holds nothing twice', async () => {
    let isReadOnly = true;
    const books = openBooks(
      { day: '1' },
      {
        remove: (path) =>
          isReadOnly && path.includes('.lock-')
            ? Promise.reject(systemError('EROFS', 'unlink'))
            : realFiles.remove(path),
      },
    );
    await books.reserve({ id: 1, bound: '0.75' });
    await books.end(1, '0.25');
    isReadOnly = false;
    const [check] = await books.reserve({ id: 2, bound: '0.75' });
    expect(check).toMatchObject({ spent: '0.25', reserved: '0', fits: true });
  });

  test('gives up after the hold, in which none ended, and has bought nothing', async () => {
    const books = openBooks({ day: '1' });
    await books.reserve({ id: 1 });
    const before = books.clock.monotonic();
    const error = await refusal(books.reserve({ id: 2, hold: 30 }));
    expect(error).toMatchObject({
      exit: 'rate_limited',
      message:
        'calls that run now have reserved $1 of budget.day 1, and none of them ended in 30 s; nothing was sent',
      billed: 'no',
      retryable: true,
      details: {
        code: 'budget_reserved',
        next: [{ do: 'retry' }, { do: 'set-flag', flag: '--hold', value: '60' }],
      },
    });
    expect(books.clock.monotonic() - before).toBeGreaterThanOrEqual(30_000);
    expect(lineOf(books)).toEqual([]);
  });

  test('begins its patience anew with each one that ends', async () => {
    const books = openBooks({ day: '1' });
    for (const id of [1, 2, 3]) await books.reserve({ id, bound: '0.3' });
    let slept = 0;
    let ended = 0;
    books.onSleep = async (milliseconds) => {
      slept += milliseconds;
      if (slept < 25_000 || ended === 3) return;
      slept = 0;
      ended += 1;
      await books.end(ended, '0');
    };
    await books.reserve({ id: 4, hold: 30 });
    expect(ended).toBe(3);
  });

  test('with a hold of 0 is not held', async () => {
    const books = openBooks({ day: '1' });
    await books.reserve({ id: 1 });
    expect((await refusal(books.reserve({ id: 2 }))).details.code).toBe('budget_reserved');
    expect(books.said).toEqual([]);
  });

  test('looks seldom: a long wait costs next to nothing', async () => {
    const books = openBooks({ day: '1' });
    await books.reserve({ id: 1 });
    let pauses = 0;
    books.onSleep = async () => {
      pauses += 1;
    };
    await refusal(books.reserve({ id: 2, hold: 600 }));
    expect(pauses).toBeLessThan(1300);
  });

  test('counts its wait towards --timeout', async () => {
    const books = openBooks({ day: '1' });
    await books.reserve({ id: 1 });
    books.deadlineAt = books.clock.monotonic() + 5000;
    expect(await refusal(books.reserve({ id: 2, hold: 30 }))).toMatchObject({
      exit: 'timeout',
      billed: 'no',
      details: { code: 'total_timeout' },
    });
    expect(lineOf(books)).toEqual([]);
  });

  test('stops at a signal, and leaves the line', async () => {
    const books = openBooks({ day: '1' });
    await books.reserve({ id: 1 });
    books.onSleep = async () => books.stop();
    await expect(books.reserve({ id: 2, hold: 30 })).rejects.toThrow('stopped');
    expect(lineOf(books)).toEqual([]);
  });

  test('is served in the order of its coming', async () => {
    const books = openBooks({ day: '1' });
    await books.reserve({ id: 1 });
    const served: number[] = [];
    const wait = async (id: number): Promise<void> => {
      await books.reserve({ id, bound: '1', hold: 600 });
      served.push(id);
      await books.end(id, '0');
    };
    const ids = [5, 3, 4, 2];
    const all: Promise<void>[] = [];
    for (const id of ids) {
      all.push(wait(id));
      while (!lineOf(books).includes(`call-${id}`)) await turn();
    }
    await books.end(1, '0');
    await Promise.all(all);
    expect(served).toEqual(ids);
  });

  test('is not overtaken by a smaller one that would delay it, and not by a newcomer', async () => {
    const books = openBooks({ day: '1' });
    await books.reserve({ id: 1, bound: '0.5' });
    const large = books.reserve({ id: 2, bound: '0.9', hold: 600 });
    while (lineOf(books).length === 0) await turn();
    expect(await books.judge({ id: 3, bound: '0.3' })).toMatchObject([{ waits: true }]);
    expect((await refusal(books.reserve({ id: 3, bound: '0.3' }))).details.code).toBe(
      'budget_reserved',
    );
    await books.end(1, '0');
    await large;
    // Beside it there is room for this one.
    await books.reserve({ id: 4, bound: '0.1' });
  });

  test('is not in the way of others once its process is dead', async () => {
    const books = openBooks({ day: '1' });
    await books.reserve({ id: 1, bound: '0.5' });
    const dead = books.reserve({ id: 2, bound: '0.9', hold: 600 }).catch(() => {});
    while (lineOf(books).length === 0) await turn();
    books.kill(2);
    expect(await books.judge({ id: 3, bound: '0.3' })).toMatchObject([{ waits: false }]);
    books.stop();
    await dead;
  });

  test('waits under any of several caps', async () => {
    const books = openBooks({ month: '100', tags: { ci: { day: '1' } } });
    await books.reserve({ id: 1, tags: ['ci'] });
    await books.reserve({ id: 2 });
    books.onSleep = () => books.end(1, '0.1');
    const checks = await books.reserve({ id: 3, bound: '0.9', tags: ['ci'], hold: 30 });
    expect(checks.map(({ name }) => name)).toEqual(['budget.month', 'budget.tags.ci.day']);
  });

  test('of unknown cost waits until it is known whether the day is used up', async () => {
    const books = openBooks({ day: '1' });
    await books.reserve({ id: 1 });
    books.onSleep = () => books.end(1, '0.9');
    await books.reserve({ id: 2, bound: '0', open: 'no price', hold: 30 });
  });
});

describe('M16: a call that was killed', () => {
  const hours = 3_600_000;

  test('counts at its bound until the day is over, and in its month', async () => {
    const books = openBooks({ day: '1', month: '10' });
    await books.reserve({ id: 1, bound: '0.57' });
    await books.intend({ id: 1, bound: '0.57' });
    books.kill(1);
    books.now += 11 * hours;
    expect(await books.judge({ id: 2 })).toMatchObject([
      { unsettled: '0.57', reserved: '0', spent: '0', fits: false },
      { unsettled: '0.57', fits: true },
    ]);
    const { message } = await refusal(books.reserve({ id: 2, hold: 30 }));
    expect(message).toBe(
      'this call could cost up to $1; with $0 spent today and $0.57 held for calls without an outcome that is more than budget.day 1; nothing was sent',
    );
    books.now += hours;
    expect(await books.judge({ id: 2 })).toMatchObject([
      { unsettled: '0', fits: true },
      { unsettled: '0.57' },
    ]);
    books.now += 9 * 24 * hours;
    expect(await books.judge({ id: 2 })).toMatchObject([{ unsettled: '0' }, { unsettled: '0' }]);
  });

  test('counts also when the state is made again from the ledger', async () => {
    const books = openBooks({ day: '1' });
    await books.intend({ id: 1, bound: '0.57' });
    expect(await books.judge({ id: 2 })).toMatchObject([{ unsettled: '0.57', fits: false }]);
  });

  test('counts once: its outcome takes the place of its bound', async () => {
    const books = openBooks({ day: '1' });
    await books.reserve({ id: 1, bound: '0.57' });
    await books.intend({ id: 1, bound: '0.57' });
    books.kill(1);
    expect(await books.judge({ id: 2 })).toMatchObject([{ unsettled: '0.57' }]);
    await books.outcome(1, '0.3', { command: 'image', task_id: 'igen_1' });
    expect(await books.judge({ id: 2 })).toMatchObject([{ unsettled: '0', spent: '0.3' }]);
  });

  test('under a tag counts for that tag', async () => {
    const books = openBooks({ tags: { ci: { day: '1' }, docs: { day: '1' } } });
    await books.intend({ id: 1, bound: '0.5', tags: ['ci'] });
    expect(await books.judge({ id: 2, tags: ['ci', 'docs'] })).toMatchObject([
      { unsettled: '0.5' },
      { unsettled: '0' },
    ]);
  });

  test('does not count while it runs: then it is reserved', async () => {
    const books = openBooks({ day: '1' });
    await books.reserve({ id: 1, bound: '0.5' });
    await books.intend({ id: 1, bound: '0.5' });
    expect(await books.judge({ id: 2 })).toMatchObject([{ unsettled: '0', reserved: '0.5' }]);
  });
});

describe('M13: play money', () => {
  test('counts for the sandbox, and for no other gateway', async () => {
    const books = openBooks({ day: '1' });
    const play = { gateway: 'sandbox' };
    await books.reserve({ id: 1, ...play });
    expect(await books.judge({ id: 2, ...play })).toMatchObject([{ reserved: '1', waits: true }]);
    expect(await books.judge({ id: 2 })).toMatchObject([{ reserved: '0' }]);
    await books.end(1, '0.4', play);
    await books.end(2, '0.3');
    await books.intend({ id: 3, bound: '0.1', ...play });
    expect(await books.judge({ id: 4, ...play })).toMatchObject([
      { spent: '0.4', unsettled: '0.1', reserved: '0' },
    ]);
    expect(await books.judge({ id: 4 })).toMatchObject([{ spent: '0.3', unsettled: '0' }]);
  });
});

describe('what is left', () => {
  test('of each cap is what a call may cost to be sent at once', async () => {
    const books = openBooks({ call: '0.5', day: '5', month: '6', tags: { ci: { day: '1' } } });
    await books.end(1, '1.5');
    await books.reserve({ id: 2, bound: '0.25', tags: ['ci'] });
    await books.intend({ id: 3, bound: '0.5', tags: ['ci'] });
    expect(await books.left(['ci'])).toEqual({
      'budget.call': '0.5',
      'budget.day': '2.75',
      'budget.month': '3.75',
      'budget.tags.ci.day': '0.25',
    });
  });

  test('is below zero where more is gone than the limit', async () => {
    const books = openBooks({ day: '1' });
    await books.end(1, '1.5');
    expect(await books.left()).toEqual({ 'budget.day': '-0.5' });
  });
});
