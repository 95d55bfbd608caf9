import { describe, expect, test } from 'vitest';
import { openBooks, refusal, spent } from './books.ts';

const hours = 3_600_000;

const both = { day: '10', month: '100' };

describe('what is spent', () => {
  test('is what the ledger says, of any command and any gateway', async () => {
    const books = openBooks(both);
    await books.end(1, '0.5');
    await books.end(2, '0.25', { command: 'image', gateway: 'tokenhub' });
    await books.end(3, '0.0000000001', { command: 'search', gateway: 'mine' });
    expect(await spent(books)).toEqual({
      'budget.day': '0.7500000001',
      'budget.month': '0.7500000001',
    });
  });

  test('is an estimate where nobody told the cost', async () => {
    const books = openBooks(both);
    const cost = { amount: '0.2', currency: 'USD', source: 'catalog' } as const;
    await books.end(1, null, { cost });
    expect(await spent(books)).toMatchObject({ 'budget.day': '0.2' });
  });

  test('is what was reserved where nobody knows the cost', async () => {
    const books = openBooks(both);
    await books.reserve({ id: 1, bound: '0.75' });
    await books.end(1, null, { billed: 'unknown', exit: 46 });
    await books.reserve({ id: 2, bound: '0.5' });
    await books.end(2, null);
    expect(await spent(books)).toMatchObject({ 'budget.day': '1.25', 'budget.month': '1.25' });
  });

  test('in another currency is what was reserved', async () => {
    const books = openBooks(both);
    const cost = { amount: '9', currency: 'JPY', source: 'gateway' } as const;
    await books.reserve({ id: 1, bound: '0.75' });
    await books.end(1, null, { cost });
    await books.end(2, null, { cost, bound: '0.5' });
    expect(await spent(books)).toMatchObject({ 'budget.day': '1.25', 'budget.month': '1.25' });
  });

  test('is nothing where nothing was billed', async () => {
    const books = openBooks(both);
    await books.reserve({ id: 1, bound: '0.75' });
    await books.end(1, null, { billed: 'no', exit: 31 });
    const checks = await books.judge({ id: 2 });
    expect(checks[0]).toMatchObject({ spent: '0', reserved: '0' });
  });

  test('may be more than was reserved', async () => {
    const books = openBooks({ day: '1' });
    await books.reserve({ id: 1, bound: '0.1', open: 'an image' });
    await books.end(1, '3');
    await refusal(books.reserve({ id: 2, bound: '0.000001' }));
  });

  test('begins anew with the day, in UTC', async () => {
    const books = openBooks(both);
    await books.end(1, '1');
    books.now = Date.parse('2026-11-22T23:59:59.999Z');
    await books.end(2, '2');
    expect(await spent(books)).toEqual({ 'budget.day': '3', 'budget.month': '3' });
    books.now += 1;
    expect(await spent(books)).toEqual({ 'budget.day': '0', 'budget.month': '3' });
    await books.end(3, '4');
    expect(await spent(books)).toEqual({ 'budget.day': '4', 'budget.month': '7' });
  });

  test('begins anew with the month, in UTC; a call that runs stays reserved', async () => {
    const books = openBooks(both);
    books.now = Date.parse('2026-11-30T23:59:59.999Z');
    await books.end(1, '1');
    await books.reserve({ id: 2, bound: '5' });
    books.now += 1;
    expect(await books.judge({ id: 3 })).toMatchObject([
      { name: 'budget.day', spent: '0', reserved: '5' },
      { name: 'budget.month', spent: '0', reserved: '5' },
    ]);
    await books.end(2, '4');
    expect(await spent(books)).toEqual({ 'budget.day': '4', 'budget.month': '4' });
  });

  test('of a tag is that of the calls that have it', async () => {
    const books = openBooks({ day: '10', tags: { ci: { day: '1' }, docs: { month: '2' } } });
    await books.end(1, '0.25', { tags: ['ci'] });
    await books.end(2, '0.5', { tags: ['ci', 'docs'] });
    await books.end(3, '4', { tags: ['other'] });
    await books.end(4, '2');
    expect(await spent(books, ['ci', 'docs'])).toEqual({
      'budget.day': '6.75',
      'budget.tags.ci.day': '0.75',
      'budget.tags.docs.month': '0.5',
    });
  });

  test('and reserved under one tag is no other tag’s', async () => {
    const books = openBooks({ tags: { ci: { day: '1' }, docs: { day: '1' } } });
    await books.reserve({ id: 1, tags: ['ci'] });
    await refusal(books.reserve({ id: 2, tags: ['ci'] }));
    await books.reserve({ id: 3, tags: ['docs'] });
    await refusal(books.reserve({ id: 4, tags: ['other', 'docs'] }));
    expect(await books.reserve({ id: 5, tags: ['other'] })).toEqual([]);
  });
});

describe('a job', () => {
  const job = { command: 'image', task_id: 'igen_1' };

  test('counts once, as its last outcome says', async () => {
    const books = openBooks(both);
    await books.reserve({ id: 1, bound: '0.5' });
    await books.end(1, null, { ...job, billed: 'unknown', exit: 45 });
    expect(await spent(books)).toMatchObject({ 'budget.day': '0.5' });
    await books.end(1, null, { ...job, billed: 'unknown', exit: 33 });
    expect(await spent(books)).toMatchObject({ 'budget.day': '0.5' });
    await books.end(1, '0.125', { ...job });
    expect(await spent(books)).toMatchObject({ 'budget.day': '0.125', 'budget.month': '0.125' });
  });

  test('that tells its outcome again counts once, with other calls in between', async () => {
    const books = openBooks(both);
    await books.end(1, '0.5', { ...job, tags: ['ci'] });
    await books.reserve({ id: 2 });
    await books.end(2, '0.25');
    await books.reserve({ id: 3 });
    await books.end(1, '0.5', { ...job, tags: ['ci'] });
    await books.end(1, '0.5', { ...job, tags: ['ci'] });
    expect(await spent(books)).toMatchObject({ 'budget.day': '0.75', 'budget.month': '0.75' });
  });

  test('that was not billed in the end counts nothing', async () => {
    const books = openBooks(both);
    await books.reserve({ id: 1, bound: '0.5' });
    await books.end(1, null, { ...job, billed: 'unknown', exit: 45 });
    await spent(books);
    await books.end(1, null, { ...job, billed: 'no', exit: 44 });
    expect(await spent(books)).toMatchObject({ 'budget.day': '0', 'budget.month': '0' });
  });

  test('that ends another day moves there', async () => {
    const books = openBooks(both);
    await books.end(1, '1', { ...job, billed: 'unknown', exit: 45, tags: ['ci'] });
    books.now += 24 * hours;
    await books.end(1, '2', { ...job, tags: ['ci'] });
    await books.reserve({ id: 2 });
    expect(await spent(books)).toMatchObject({ 'budget.day': '2', 'budget.month': '2' });
    books.now -= 24 * hours;
    expect(await spent(books)).toMatchObject({ 'budget.day': '0' });
  });
});
