import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Books, openBooks, refusal, spent } from './books.ts';

const both = { day: '10', month: '100' };

/** A state that is whole but for these fields; whoever believes it has spent far too much. */
function stateWith(fields: object): (path: string) => void {
  const accounts = { '': { month: '99', days: { '2026-11-22': '9' } } };
  const whole = { v: 2, month: '2026-11', offset: 0, beginning: '', accounts, open: {} };
  const others = { unsettled: {}, waiting: [] };
  return (path) =>
    writeFileSync(path, JSON.stringify({ ...whole, ...others, reservations: [], ...fields }));
}

describe('the state', () => {
  test.each([
    ['is gone', (path: string) => rmSync(path)],
    ['is empty', (path: string) => writeFileSync(path, '')],
    ['is cut', (path: string) => writeFileSync(path, '{"v":2,"month":"2026-1')],
    ['is of another version', (path: string) => writeFileSync(path, '{"v":3}')],
    ['has accounts that are none', stateWith({ accounts: null })],
    ['has an account that is none', stateWith({ accounts: { '': 5 } })],
    ['has an account without its days', stateWith({ accounts: { '': { month: 5 } } })],
    ['has open calls that are none', stateWith({ open: null })],
    ['has an open call that is none', stateWith({ open: { 'call-1': null } })],
    ['has reservations that are none', stateWith({ reservations: [null] })],
    ['has a reservation that says nothing', stateWith({ reservations: [{}] })],
    ['has calls without an outcome that are none', stateWith({ unsettled: [] })],
    ['has a call without an outcome that says nothing', stateWith({ unsettled: { x: {} } })],
    ['has a line that is none', stateWith({ waiting: null })],
    [
      'has one in line without a ticket',
      stateWith({ waiting: [{ call: 'x', space: '', tags: [], at: 1 }] }),
    ],
    ['has counted less than nothing', stateWith({ offset: -1 })],
    [
      'has spent less than nothing',
      stateWith({ accounts: { '': { month: '-5', days: { '2026-11-24': '-5' } } } }),
    ],
    ['has spent a word', stateWith({ accounts: { '': { month: 'much', days: {} } } })],
    [
      'has reserved less than nothing',
      stateWith({
        reservations: [{ call: 'x', space: '', tags: [], at: 1, amount: '-5', pid: 1, mark: '' }],
      }),
    ],
    ['has counted half a byte', stateWith({ offset: 0.5 })],
    ['does not say what it has counted', stateWith({ beginning: undefined })],
    ['is of no month', stateWith({ month: 11 })],
  ])('is made again from the ledger when it %s', async (_what, spoil) => {
    const books = openBooks(both);
    await books.reserve({ id: 1 });
    await books.end(1, '1.5');
    await books.reserve({ id: 2 });
    await books.end(2, '0.25');
    const path = join(books.home, 'budget', 'budget.json');
    spoil(path);
    expect(await spent(books)).toEqual({ 'budget.day': '1.75', 'budget.month': '1.75' });
    await books.reserve({ id: 3 });
    expect(JSON.parse(books.state())).toMatchObject({ v: 2 });
  });

  test('of the version before is counted anew, and its reservations hold', async () => {
    const books = openBooks(both);
    await books.end(1, '1.5');
    await books.reserve({ id: 2, bound: '3' });
    const path = join(books.home, 'budget', 'budget.json');
    const { reservations } = JSON.parse(books.state()) as { reservations: object[] };
    stateWith({ v: 1, reservations, waiting: undefined, unsettled: undefined })(path);
    expect(await books.judge({ id: 3 })).toMatchObject([{ spent: '1.5', reserved: '3' }, {}]);
  });

  test('starts again when the ledger is shorter than what was counted', async () => {
    const books = openBooks(both);
    for (const id of [1, 2, 3]) await books.end(id, '1');
    await books.reserve({ id: 4 });
    rmSync(join(books.home, 'ledger'), { recursive: true });
    await books.end(5, '0.5');
    expect(await spent(books)).toMatchObject({ 'budget.day': '0.5' });
  });

  test('keeps what was spent when a power cut has taken the last lines of the ledger', async () => {
    const books = openBooks(both);
    for (const id of [1, 2, 3]) await books.end(id, '1');
    await books.reserve({ id: 4, bound: '0' });
    const path = join(books.home, 'ledger', '2026-11.jsonl');
    const whole = readFileSync(path);
    // In the middle of the last line.
    truncateSync(path, whole.length - 40);
    expect(await spent(books)).toMatchObject({ 'budget.day': '3' });
    await books.reserve({ id: 5, bound: '0' });
    await books.end(5, '0.5');
    expect(await spent(books)).toMatchObject({ 'budget.day': '3.5' });
  });

  test('starts again when another ledger, and a longer one, has taken the place of it', async () => {
    const books = openBooks(both);
    await books.end(1, '1');
    expect(await books.reserve({ id: 2, bound: '0' })).toMatchObject([{ spent: '1' }, {}]);
    await books.end(2, '0');
    rmSync(join(books.home, 'ledger'), { recursive: true });
    books.now += 1;
    for (const id of [3, 4, 5, 6]) await books.end(id, '0.25');
    expect(await spent(books)).toMatchObject({ 'budget.day': '1', 'budget.month': '1' });
  });

  describe('when a restart of the machine took the whole ledger', () => {
    const before = { space: 'host_first_c' };
    const after = { space: 'host_second_c' };

    async function restarted(later: number): Promise<Books> {
      const books = openBooks(both);
      await books.end(1, '1');
      // Killed by it, and its intent is lost.
      await books.reserve({ id: 2, bound: '0.5', ...before });
      books.kill(2);
      rmSync(join(books.home, 'ledger'), { recursive: true });
      // Whoever looks before there is a new one has counted nothing.
      await books.reserve({ id: 9, bound: '0', ...after });
      await books.release(9);
      books.now += later;
      await books.end(3, '0.25');
      return books;
    }

    test('what was spent and begun still counts, and what comes on top', async () => {
      const books = await restarted(1);
      expect((await books.reserve({ id: 4, bound: '0', ...after }))[0]).toMatchObject({
        spent: '1.25',
        unsettled: '0.5',
      });
      await books.end(4, '0.125');
      expect((await books.reserve({ id: 5, bound: '0', ...after }))[0]).toMatchObject({
        spent: '1.375',
        unsettled: '0.5',
      });
    });

    /** Two calls are counted; then the machine stops, and this many bytes of the ledger are left. */
    async function cutShort(bytesOf: (whole: Buffer) => number): Promise<Books> {
      const books = openBooks(both);
      for (const id of [1, 2]) await books.end(id, '1');
      await books.reserve({ id: 9, bound: '0', ...before });
      books.kill(9);
      const path = join(books.home, 'ledger', '2026-11.jsonl');
      truncateSync(path, bytesOf(readFileSync(path)));
      books.now += 1;
      return books;
    }

    const spentAfter = async (books: Books): Promise<string | undefined> =>
      (await books.reserve({ id: 8, bound: '0', ...after }))[0]?.spent ?? undefined;

    test.each<[string, (whole: Buffer) => number]>([
      ['in the middle of the first line', () => 48],
      ['after the first line', (whole) => whole.indexOf('\n') + 1],
      ['in the middle of the last line', (whole) => whole.length - 40],
    ])('%s: nothing is forgotten, whoever looks first', async (_where, bytesOf) => {
      const books = await cutShort(bytesOf);
      expect(await spentAfter(books)).toBe('2');
      await books.end(3, '0.5');
      expect(await spentAfter(books)).toBe('2.5');
      const grown = await cutShort(bytesOf);
      // It is longer than before when somebody looks.
      for (const id of [3, 4, 5]) await grown.end(id, '0.25');
      expect(await spentAfter(grown)).toBe('2.75');
      expect(await spentAfter(grown)).toBe('2.75');
    });

    test('lines that may have been counted before are not counted again', async () => {
      const books = await restarted(0);
      expect((await books.reserve({ id: 4, bound: '0', ...after }))[0]).toMatchObject({
        spent: '1',
        unsettled: '0.5',
      });
    });
  });

  test('is not led astray by a ledger that begins with little and grows', async () => {
    const books = openBooks(both);
    mkdirSync(join(books.home, 'ledger'));
    writeFileSync(join(books.home, 'ledger', '2026-11.jsonl'), '{}\n');
    await books.reserve({ id: 1 });
    for (const id of [1, 2, 3]) {
      await books.end(id, '1');
      await books.reserve({ id: id + 1 });
    }
    expect(await spent(books)).toMatchObject({ 'budget.day': '3' });
  });

  test('knows what was reserved by the ledger too, where nobody told the cost', async () => {
    const books = openBooks(both);
    await books.reserve({ id: 1, bound: '0.75' });
    await books.end(1, null, { billed: 'unknown', bound: '0.75' });
    await books.end(2, null, { billed: 'no', bound: '0.5' });
    await books.end(3, '0.125', { bound: '4' });
    expect(await spent(books)).toMatchObject({ 'budget.day': '0.875' });
    await books.reserve({ id: 4, bound: '0' });
    rmSync(join(books.home, 'budget', 'budget.json'));
    expect(await spent(books)).toMatchObject({ 'budget.day': '0.875' });
  });

  test('goes on where it was, so that a call counts once', async () => {
    const books = openBooks(both);
    for (const id of [1, 2, 3]) {
      await books.reserve({ id });
      await books.end(id, '1');
    }
    expect(await spent(books)).toMatchObject({ 'budget.day': '3' });
  });

  test('leaves out what is torn or strange in the ledger', async () => {
    const books = openBooks(both);
    await books.end(1, '1');
    const ledger = join(books.home, 'ledger', '2026-11.jsonl');
    appendFileSync(ledger, 'garbage\n[]\nnull\n{"v":1,"event":"outcome"}\n{"v":9,"event":"new"}\n');
    appendFileSync(ledger, '{"v":1,"event":"outcome","call":"x","at":"2026-11-22T1');
    expect(await spent(books)).toMatchObject({ 'budget.day': '1' });
    await books.reserve({ id: 2 });
    await books.end(2, '2');
    expect(await spent(books)).toMatchObject({ 'budget.day': '3' });
  });

  test('forgets calls that are over: it does not grow with them', async () => {
    const books = openBooks({ day: '1000' });
    for (let id = 1; id <= 50; id += 1) {
      await books.reserve({ id });
      await books.end(id, '0.001');
    }
    await books.reserve({ id: 51, bound: '0' });
    expect(books.state().length).toBeLessThan(550);
  });

  test.runIf(process.platform !== 'win32')(
    'cannot be kept with a pipe where its ledger should be: the message names it',
    async () => {
      const books = openBooks(both);
      mkdirSync(join(books.home, 'ledger'));
      const path = join(books.home, 'ledger', '2026-11.jsonl');
      execFileSync('mkfifo', [path]);
      expect(await refusal(books.reserve({ id: 1 }))).toMatchObject({
        exit: 'local_io',
        message: expect.stringContaining(path),
        details: { next: [{ do: 'say', words: `check ${path} and its permissions` }, {}] },
      });
    },
  );

  test.each([
    ['budget', /^the budget in .* cannot be enforced \(E\w+\); nothing was sent$/],
    [
      'ledger',
      /cannot be enforced, as \S+ledger\S* cannot be used: .* \(E\w+\); nothing was sent$/,
    ],
  ])(
    'cannot be kept with a file where its %s should be: nothing fits, and the message names it',
    async (name, message) => {
      const books = openBooks(both);
      writeFileSync(join(books.home, name), '');
      expect(await refusal(books.reserve({ id: 1 }))).toMatchObject({
        exit: 'local_io',
        message: expect.stringMatching(message),
        billed: 'no',
      });
    },
  );

  test('costs a cap on single calls no file at all', async () => {
    const books = openBooks({ call: '1' });
    writeFileSync(join(books.home, 'budget'), '');
    await books.reserve({ id: 1 });
    expect(() => mkdirSync(join(books.home, 'budget'))).toThrow();
  });
});
