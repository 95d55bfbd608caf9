import { describe, expect, test } from 'vitest';
import { type Books, openBooks, refusal } from './books.ts';

const minutes = 60_000;
const here = 'host_boot_1';

/** A home of which process 1 somewhere has reserved the whole day; nobody here has that number. */
async function reservedIn(space: string): Promise<Books> {
  const books = openBooks({ day: '1' });
  await books.reserve({ id: 1, space });
  books.kill(1);
  return books;
}

/** What counts against the day, as a process here sees it. */
async function counted(books: Books): Promise<object | undefined> {
  const [check] = await books.judge({ id: 99, bound: '0', space: here });
  return { reserved: check?.reserved, unsettled: check?.unsettled };
}

describe('a reservation', () => {
  test.each([
    ['another container', 'host_boot_2'],
    ['another machine', 'other_boot_1'],
    ['a machine that has another start too', 'other_later_1'],
  ])('of %s lasts an hour: nobody here sees its process', async (_what, space) => {
    const books = await reservedIn(space);
    books.now += 60 * minutes - 1;
    expect(await counted(books)).toEqual({ reserved: '1', unsettled: '0' });
    books.now += 1;
    // Nobody knows what became of it.
    expect(await counted(books)).toEqual({ reserved: '0', unsettled: '1' });
  });

  test('of another container is over with its outcome', async () => {
    const books = await reservedIn('host_boot_2');
    await books.outcome(1, '0.25');
    expect(await books.reserve({ id: 2, bound: '0.75', space: here })).toMatchObject([
      { spent: '0.25', reserved: '0' },
    ]);
  });

  test('of another container is not that of a process here with its number', async () => {
    const books = await reservedIn('host_boot_2');
    books.running[1] = 'mark1';
    books.now += 60 * minutes;
    expect(await counted(books)).toEqual({ reserved: '0', unsettled: '1' });
  });

  test('of another container begins none of its time anew when somebody counts', async () => {
    const books = await reservedIn('host_boot_2');
    for (const id of [2, 3]) {
      books.now += 30 * minutes - 1;
      await refusal(books.reserve({ id, space: here }));
    }
    books.now += 2;
    expect(await counted(books)).toEqual({ reserved: '0', unsettled: '1' });
  });

  test.each([
    ['before this machine was started', 'host_earlier_1'],
    ['nobody knows where', ''],
  ])(
    'of a process that ran %s and is dead is held: its lines may be lost',
    async (_what, space) => {
      const books = await reservedIn(space);
      expect(await counted(books)).toEqual({ reserved: '0', unsettled: '1' });
      expect(await refusal(books.reserve({ id: 2, space: here }))).toMatchObject({
        exit: 'budget',
      });
    },
  );

  test('of a process that ran here and died before it began the call is free at once', async () => {
    const books = await reservedIn(here);
    expect(await counted(books)).toEqual({ reserved: '0', unsettled: '0' });
    await books.reserve({ id: 2, space: here });
  });

  test('of a process that ran here and died in the call is held', async () => {
    const books = await reservedIn(here);
    await books.intend({ id: 1 });
    expect(await counted(books)).toEqual({ reserved: '0', unsettled: '1' });
  });

  test.each([here, ''])('of a process in %j that runs lasts as long as it does', async (space) => {
    const books = await reservedIn(space);
    books.running[1] = 'mark1';
    books.now += 120 * minutes;
    await refusal(books.reserve({ id: 2, space: here }));
  });
});
