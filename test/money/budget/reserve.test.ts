import { describe, expect, test } from 'vitest';
import { files } from '../../../src/system/files.ts';
import { openBooks, refusal } from './books.ts';

const minutes = 60_000;

describe('a reservation', () => {
  test('counts until the outcome of its call is in the ledger', async () => {
    const books = openBooks({ day: '2' });
    await books.reserve({ id: 1 });
    await books.reserve({ id: 2 });
    await refusal(books.reserve({ id: 3 }));
    await books.end(1, '0.4');
    const [check] = await books.reserve({ id: 3, bound: '0.6' });
    expect(check).toMatchObject({ spent: '0.4', reserved: '1', bound: '0.6', fits: true });
    await refusal(books.reserve({ id: 4, bound: '0.1' }));
  });

  test('is not made for a call that does not fit', async () => {
    const books = openBooks({ day: '1' });
    await refusal(books.reserve({ id: 1, bound: '1.5' }));
    expect(await books.judge({ id: 2 })).toMatchObject([{ reserved: '0', fits: true }]);
  });

  test('is not made by a question', async () => {
    const books = openBooks({ day: '1' });
    for (const id of [1, 2, 3]) expect(await books.judge({ id })).toMatchObject([{ fits: true }]);
    await books.reserve({ id: 4 });
    expect(await books.judge({ id: 5 })).toMatchObject([
      { fits: true, waits: true, reserved: '1' },
    ]);
  });

  test('of a process that runs lasts as long as it does', async () => {
    const books = openBooks({ day: '1' });
    await books.reserve({ id: 1 });
    books.now += 60 * minutes;
    await refusal(books.reserve({ id: 2 }));
  });

  test('of a process whose number another has by now is that of a dead one', async () => {
    const books = openBooks({ day: '1' });
    await books.reserve({ id: 1 });
    books.running[1] = 'another';
    expect(await books.judge({ id: 2 })).toMatchObject([{ reserved: '0', unsettled: '1' }]);
  });

  test('of a process that died after its outcome is over at once', async () => {
    const books = openBooks({ day: '1' });
    await books.reserve({ id: 1 });
    await books.end(1, '0.25');
    expect(await books.reserve({ id: 2, bound: '0.75' })).toMatchObject([{ reserved: '0' }]);
  });

  test('of a long call is not lost when it ends just now', async () => {
    // Whoever counts has read the ledger; then the call ends, with its outcome behind what was read.
    let endsNow = async (): Promise<void> => {};
    const books = openBooks(
      { day: '1' },
      {
        openToRead: async (path) => {
          const reader = await files.openToRead(path);
          return {
            ...reader,
            read: (offset, length) => reader.read(offset, length),
            close: async () => {
              await reader.close();
              await endsNow();
            },
          };
        },
      },
    );
    await books.end(9, '0');
    await books.reserve({ id: 1 });
    books.now += 10 * minutes;
    endsNow = () => books.end(1, '1');
    await refusal(books.reserve({ id: 2 }));
  });

  test('is over when it is given back, and no other is', async () => {
    const books = openBooks({ day: '2' });
    await books.reserve({ id: 1 });
    await books.reserve({ id: 2 });
    await books.release(1);
    expect(await books.judge({ id: 3 })).toMatchObject([{ reserved: '1', spent: '0' }]);
  });

  test('is over with an outcome that the ledger did not take, and that counts', async () => {
    const books = openBooks({ day: '2' });
    await books.reserve({ id: 1 });
    await books.settleHere(1, '0.25');
    await books.reserve({ id: 2, bound: '0.5' });
    await books.settleHere(2, null, { billed: 'unknown' });
    expect(await books.judge({ id: 3 })).toMatchObject([{ reserved: '0', spent: '0.75' }]);
  });

  test('is held by as many as fit, of many that begin at once', async () => {
    const books = openBooks({ day: '10.5' });
    const ids = Array.from({ length: 24 }, (_, index) => index + 1);
    const ends = await Promise.allSettled(ids.map((id) => books.reserve({ id, hold: 5 })));
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    for (const end of ends)
      if (end.status === 'rejected')
        expect(end.reason).toMatchObject({ details: { code: 'budget_reserved' } });
  });
});

function allowMore(name: string, amount: string): object {
  const argv = ['alltoken', 'config', 'set', name, amount];
  return { do: 'run', argv, why: 'allow more' };
}

describe('a refusal', () => {
  test('tells the bound, the cap, and what is spent', async () => {
    const books = openBooks({ day: '1' });
    await books.end(1, '0.125');
    await books.reserve({ id: 2, bound: '0.5' });
    expect(await refusal(books.reserve({ id: 3, bound: '0.9' }))).toMatchObject({
      exit: 'budget',
      message:
        'this call could cost up to $0.9; with $0.125 spent today that is more than budget.day 1; nothing was sent',
      details: {
        code: 'budget_day',
        next: expect.arrayContaining([allowMore('budget.day', '1.53')]),
      },
      billed: 'no',
      retryable: false,
    });
  });

  test.each([
    [{ month: '1' }, [], 'budget_month', 'budget.month'],
    [{ tags: { ci: { day: '1' } } }, ['ci'], 'budget_day', 'budget.tags.ci.day'],
    [{ tags: { ci: { month: '1' } } }, ['ci'], 'budget_month', 'budget.tags.ci.month'],
    [{ call: '1' }, [], 'budget_call', 'budget.call'],
    [{ tags: { ci: { call: '1' } } }, ['ci'], 'budget_call', 'budget.tags.ci.call'],
  ])('by %j names the cap', async (budget, tags, code, name) => {
    const { message, details } = await refusal(
      openBooks(budget).reserve({ id: 1, bound: '1.01', tags }),
    );
    expect(message).toContain(`more than ${name} 1;`);
    expect(details.code).toBe(code);
    expect(details.next).toContainEqual(allowMore(name, '1.01'));
  });

  test('of a call of which nothing is known says that the day is used up', async () => {
    const books = openBooks({ day: '5' });
    await books.end(1, '5.1');
    const unknown = { id: 2, bound: '0', open: 'no price is known' };
    expect((await refusal(books.reserve(unknown))).message).toBe(
      'budget.day 5 is used up: $5.1 spent today, and the cost of this call is not known in advance; nothing was sent',
    );
  });

  test('of such a call names what killed calls hold of a month', async () => {
    const books = openBooks({ month: '5' });
    await books.end(1, '3');
    await books.intend({ id: 2, bound: '2' });
    const unknown = { id: 3, bound: '0', open: 'no price is known' };
    const { message, details } = await refusal(books.reserve(unknown));
    expect(message).toBe(
      'budget.month 5 is used up: $3 spent this month and $2 held for calls without an outcome, and the cost of this call is not known in advance; nothing was sent',
    );
    expect(details.next).toContainEqual(
      expect.objectContaining({ do: 'run', argv: ['alltoken', 'budget'] }),
    );
  });

  test('of a call that may cost more says at least', async () => {
    const refusing = openBooks({ day: '1' }).reserve({ id: 1, bound: '2', open: 'an image' });
    expect((await refusal(refusing)).message).toContain('could cost at least $2');
  });
});
