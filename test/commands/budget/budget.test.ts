import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { budgetDocumentSchema } from '../../../src/schemas/budget.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';

const budget = { call: '0.5', day: '5', month: '50', tags: { ci: { day: '1' } } };

/** A home with this budget and these lines in its ledger. */
function homeWith(
  lines: readonly object[] = [],
  options: FakeOptions = {},
  caps = budget as object,
) {
  const world = fakeDeps(options);
  world.write('config.json', JSON.stringify({ budget: caps }));
  add(world, ...lines);
  return world;
}

function add(world: FakeWorld, ...lines: readonly object[]): void {
  mkdirSync(join(world.home, 'ledger'), { recursive: true });
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  appendFileSync(join(world.home, 'ledger', '2026-11.jsonl'), text);
}

const at = '2026-11-22T10:00:00.000Z';

function outcome(call: string, amount: string, more: object = {}): object {
  const cost = { amount, currency: 'USD', source: 'gateway' };
  const line = { v: 1, event: 'outcome', call, at, command: 'chat', gateway: 'alltoken', tags: [] };
  return { ...line, billed: 'yes', cost, ...more };
}

function intent(call: string, bound: string, more: object = {}): object {
  const line = { v: 1, event: 'intent', call, at, command: 'chat', gateway: 'alltoken', tags: [] };
  return { ...line, model: 'gpt-5.4', pid: 1, bound, ...more };
}

const killed = 'abcd1234-0000-4000-8000-000000000001';
const other = 'abcd1234-1111-4000-8000-000000000002';

describe('alltoken budget', () => {
  const lines = [
    outcome('a', '0.25', { tags: ['ci'] }),
    outcome('b', '1', { at: '2026-11-20T10:00:00.000Z' }),
    intent(killed, '0.57'),
    outcome('s', '0.1', { gateway: 'sandbox' }),
    outcome('t', '0.125', { gateway: 'tokenhub' }),
  ];

  test('prints a row for each cap into a pipe', async () => {
    const world = homeWith(lines);
    expect(await world.run('budget')).toBe(0);
    const day = '2026-11-23T00:00:00.000Z';
    expect(world.out()).toBe(
      [
        'budget.call\t0.5\t\t\t\t\t',
        `budget.day\t5\t0.375\t0\t0.57\t4.055\t${day}`,
        'budget.month\t50\t1.375\t0\t0.57\t48.055\t2026-12-01T00:00:00.000Z',
        `budget.tags.ci.day\t1\t0.25\t0\t0\t0.75\t${day}`,
        '',
      ].join('\n'),
    );
    expect(world.err()).toContain('one call without an outcome; see: alltoken budget --json\n');
  });

  test('is described by its schema', async () => {
    const world = homeWith(lines);
    expect(await world.run('budget', '--json')).toBe(0);
    expect(budgetDocumentSchema.safeParse(world.json()).success).toBe(true);
    expect(world.json()).toMatchObject({
      command: 'budget',
      gateway: null,
      running: 0,
      waiting: 0,
      unsettled: [{ call: killed, amount: '0.57', model: 'gpt-5.4', command: 'chat' }],
    });
  });

  test('of the sandbox is play money', async () => {
    const world = homeWith(lines);
    expect(await world.run('budget', '-g', 'sandbox', '--json')).toBe(0);
    expect(world.json()).toMatchObject({
      gateway: 'sandbox',
      caps: [{}, { spent: '0.1', left: '4.9', unsettled: '0' }, {}, {}],
      unsettled: [],
    });
  });

  test('is of the sandbox where the config has chosen it: what its limits count is shown', async () => {
    const world = homeWith(lines);
    world.write('config.json', JSON.stringify({ gateway: 'sandbox', budget }));
    expect(await world.run('budget')).toBe(0);
    expect(world.out()).toContain('budget.day\t5\t0.1\t');
  });

  test('of one gateway counts its calls; what is left is that of the cap', async () => {
    const world = homeWith(lines);
    expect(await world.run('budget', '-g', 'tokenhub', '--json')).toBe(0);
    expect(world.json()).toMatchObject({
      caps: [{}, { spent: '0.125', unsettled: '0', left: '4.055' }, {}, {}],
    });
  });

  test.each([80, 40])(
    'is a table on a terminal of %i columns, and none of it is cut',
    async (columns) => {
      const world = homeWith(lines, { stdoutIsTerminal: true, columns });
      expect(await world.run('budget', '--no-color')).toBe(0);
      for (const line of world.out().split('\n'))
        expect(line.length).toBeLessThanOrEqual(columns + 20);
      for (const words of ['budget.tags.ci.day', '4.055', '0.57', 'abcd1234', '2026-12-01'])
        expect(world.out()).toContain(words);
    },
  );

  test('without a cap says how to set one', async () => {
    const world = homeWith([], {}, {});
    expect(await world.run('budget')).toBe(0);
    expect(world.out()).toBe('');
    expect(world.err()).toContain(
      'no budget is set; set one with: alltoken config set budget.day 5',
    );
    const json = homeWith([], {}, {});
    expect(await json.run('budget', '--json')).toBe(0);
    expect(json.json()).toMatchObject({ caps: [] });
  });

  test('a killed call without a bound is unknown, and not one of $0', async () => {
    const { bound: _bound, ...unbounded } = intent(killed, '0') as Record<string, unknown>;
    for (const line of [unbounded, { ...unbounded, bound: null }]) {
      const world = homeWith([line, outcome('a', '0.25')], { stdoutIsTerminal: true });
      expect(await world.run('budget', '--no-color')).toBe(0);
      expect(world.out()).toMatch(/^abcd1234 .* unknown +gpt-5\.4/m);
      expect(world.err()).toContain('one call without an outcome had no known bound');
      const json = homeWith([line, outcome('a', '0.25')]);
      await json.run('budget', '--json');
      expect(budgetDocumentSchema.safeParse(json.json()).success).toBe(true);
      expect(json.json()).toMatchObject({ unsettled: [{ call: killed, amount: null }] });
      expect(await world.run('budget', 'release', killed)).toBe(0);
      const after = fakeDeps({ env: { ALLTOKEN_HOME: world.home } });
      await after.run('budget', '--json');
      expect(after.json()).toMatchObject({ unsettled: [], warnings: [] });
    }
  });

  test('counts a call once whose lines were copied', async () => {
    const [a, b] = [intent(killed, '0.5'), outcome(killed, '0.25')];
    const { bound: _bound, ...unbounded } = intent(other, '0') as Record<string, unknown>;
    const pair = [unbounded, outcome(other, '0.125')];
    const spent = { caps: [{}, { spent: '0.375', unsettled: '0' }, {}, {}], unsettled: [] };
    for (const copies of [[b], [a, b], [b, b, ...pair], [a, b, ...pair, a]]) {
      const lines = [a, b, ...pair];
      const atOnce = homeWith([...lines, ...copies]);
      await atOnce.run('budget', '--json');
      expect(atOnce.json()).toMatchObject(spent);
      // And where the first ones were counted before the copies came.
      const gone = 'ffff1234-0000-4000-8000-000000000003';
      const now = { at: '2026-11-22T11:00:00.000Z' };
      const later = homeWith([...lines, intent(gone, '1', now)]);
      expect(await later.run('budget', 'release', gone)).toBe(0);
      add(later, ...copies);
      const looked = fakeDeps({ env: { ALLTOKEN_HOME: later.home } });
      await looked.run('budget', '--json');
      expect(looked.json()).toMatchObject(spent);
    }
  });

  test('counts a copy once that comes in pieces', async () => {
    const now = (second: number) => ({ at: `2026-11-22T10:00:0${second}.000Z` });
    const ids = ['aaaa', 'bbbb', 'cccc', 'dddd'];
    const calls = ids.map((id, index) => [
      intent(`${id}1234-0000-4000-8000-000000000001`, '0.5', now(2 * index)),
      outcome(`${id}1234-0000-4000-8000-000000000001`, '0.25', now(2 * index)),
    ]);
    const gone = 'ffff1234-0000-4000-8000-000000000003';
    const later = { at: '2026-11-22T11:00:00.000Z' };
    const world = homeWith([...calls.flat(), intent(gone, '1', later)]);
    for (const [index, piece] of calls.entries()) {
      // What is there so far is counted and kept.
      const kept = fakeDeps({ env: { ALLTOKEN_HOME: world.home } });
      const id = `eeee1234-0000-4000-8000-00000000000${index}`;
      add(world, intent(id, '1', index === 0 ? later : {}));
      expect(await kept.run('budget', 'release', id)).toBe(0);
      add(world, ...piece);
      const looked = fakeDeps({ env: { ALLTOKEN_HOME: world.home } });
      await looked.run('budget', '--json');
      expect(looked.json()).toMatchObject({ caps: [{}, { spent: '1', unsettled: '1' }, {}, {}] });
    }
  });

  test('counts nothing of another month whose file was copied into this one', async () => {
    const october = { at: '2026-10-31T10:00:00.000Z' };
    const world = homeWith([
      intent(other, '0.5', october),
      outcome(other, '0.25', october),
      intent(killed, '0.5', october),
      outcome('a', '0.125'),
    ]);
    await world.run('budget', '--json');
    expect(world.json()).toMatchObject({
      caps: [{}, { spent: '0.125' }, { spent: '0.125', unsettled: '0' }, {}],
      unsettled: [],
    });
  });

  test('counts the newest outcome of a job, also where an older one was copied', async () => {
    const job = { command: 'video', task_id: 'vgen_1' };
    const first = outcome('j', '0.5', { ...job, exit: 45, billed: 'unknown' });
    const last = outcome('j', '0.25', { ...job, exit: 0, at: '2026-11-22T11:00:00.000Z' });
    const world = homeWith([first, last, first]);
    await world.run('budget', '--json');
    expect(world.json()).toMatchObject({ caps: [{}, { spent: '0.25' }, {}, {}] });
  });

  test('of a gateway that nobody knows is a mistake', async () => {
    expect(await homeWith().run('budget', '-g', 'tokenhup')).toBe(2);
  });
});

describe('alltoken budget release', () => {
  test('M16: frees a killed call, also when the state is made again', async () => {
    const world = homeWith([intent(killed, '0.57')]);
    expect(await world.run('budget', 'release', 'abcd')).toBe(0);
    expect(world.out()).toBe(`${killed}\n`);
    const after = fakeDeps({ env: { ALLTOKEN_HOME: world.home } });
    expect(await after.run('budget', '--json')).toBe(0);
    expect(after.json()).toMatchObject({ unsettled: [], caps: [{}, { left: '5' }, {}, {}] });
  });

  test('its outcome counts all the same, when it comes', async () => {
    const world = homeWith([intent(killed, '0.57')]);
    expect(await world.run('budget', 'release', killed)).toBe(0);
    add(world, outcome(killed, '0.3'));
    const after = fakeDeps({ env: { ALLTOKEN_HOME: world.home } });
    expect(await after.run('budget', '--json')).toBe(0);
    expect(after.json()).toMatchObject({ caps: [{}, { spent: '0.3' }, {}, {}] });
  });

  test('of play money is the same', async () => {
    const world = homeWith([intent(killed, '0.57', { gateway: 'sandbox' })]);
    expect(await world.run('budget', 'release', killed, '--json')).toBe(0);
    expect(world.json()).toMatchObject({ released: [{ call: killed, gateway: 'sandbox' }] });
    expect(budgetDocumentSchema.safeParse(world.json()).success).toBe(true);
  });

  test('does not guess between two, and then releases none', async () => {
    const world = homeWith([intent(killed, '0.57'), intent(other, '0.1')]);
    expect(await world.run('budget', 'release', 'abcd1234-0', 'abcd1234')).toBe(2);
    expect(world.err()).toContain('[usage code=ambiguous_call]');
    const after = fakeDeps({ env: { ALLTOKEN_HOME: world.home } });
    expect(await after.run('budget', '--json')).toBe(0);
    expect(after.json()).toMatchObject({ unsettled: [{}, {}] });
  });

  test('of a call that is not there points to the list', async () => {
    const world = homeWith();
    expect(await world.run('budget', 'release', 'zzz')).toBe(2);
    expect(world.err()).toMatch(/^hint: alltoken budget$/m);
  });
});
