/** A ledger whose disk is full for a while: what it did not take is written there by the next run, once. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type BatchWorld,
  echo,
  openBatch,
  refuse,
  someLines,
  stateOf,
} from '../../helpers/batch.ts';

type Which = (line: Record<string, unknown>) => boolean;

/** Until the function that it returns is called, the ledger takes no line of these. */
function fill({ deps: { files } }: BatchWorld, which: Which): () => void {
  const { appendLine } = files;
  Object.assign(files, {
    appendLine: async (path: string, text: string, how: 'often') => {
      if (path.includes('ledger') && which(JSON.parse(text)))
        throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      await appendLine(path, text, how);
    },
  });
  return () => void Object.assign(files, { appendLine });
}

const outcomes: Which = ({ event }) => event === 'outcome';
const everything: Which = () => true;

/** By call. */
function booked(world: BatchWorld): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const line of world.ledger()) {
    if (line.event !== 'outcome') continue;
    expect(found).not.toHaveProperty(String(line.call));
    found[String(line.call)] = line;
  }
  return found;
}

describe('outcomes that the ledger does not take', () => {
  test.each([
    ['outcomes alone', outcomes],
    ['intents, too', everything],
  ])('%s: the run says so, the next one writes them, once', async (_what, which) => {
    const world = await openBatch();
    world.input(...someLines(4));
    const empty = fill(world, which);
    const ran = await world.batch('--tag', 'night');
    expect(ran.code).toBe(0);
    expect(ran.err).toMatch(
      /the ledger in .* cannot be written \(ENOSPC\).*; run the same command again when it can: it writes 4 outcomes that the ledger lacks\n/,
    );
    expect(booked(world)).toEqual({});
    // It is full still.
    expect((await world.batch()).code).toBe(0);
    empty();
    // A dry run writes nothing.
    expect((await world.batch('--dry-run')).code).toBe(0);
    expect(booked(world)).toEqual({});
    for (let times = 0; times < 3; times += 1) {
      const again = await world.batch('--tag', 'day');
      expect([again.code, again.err]).toEqual([0, expect.not.stringContaining('ledger')]);
    }
    const all = booked(world);
    expect(Object.keys(all).sort()).toEqual(
      world
        .lines()
        .map(({ alltoken }) => alltoken.call ?? '')
        .sort(),
    );
    for (const line of Object.values(all))
      expect(line).toMatchObject({
        command: 'batch',
        tags: ['night'],
        billed: 'yes',
        exit: 0,
        cost: { amount: '0.0000188000' },
        requested_model: expect.stringMatching(/./),
      });
    expect(stateOf(world.home)).toHaveLength(1);
    expect(world.chats()).toHaveLength(4);
    expect(await world.run('cost', '--json')).toBe(0);
  });

  test('lines that are sent while it is full still, too', async () => {
    const world = await openBatch();
    world.input(...someLines(4));
    const empty = fill(world, everything);
    await world.batch('--limit', '2');
    await world.batch('--limit', '1');
    empty();
    expect((await world.batch()).code).toBe(0);
    expect(Object.keys(booked(world))).toHaveLength(4);
    expect(world.chats()).toHaveLength(4);
  });

  test('a ledger that cannot be read is not written to: what is in it is not known', async () => {
    const world = await openBatch();
    world.input(...someLines(2));
    const empty = fill(world, outcomes);
    await world.batch();
    empty();
    const { files } = world.deps;
    const { openToRead } = files;
    Object.assign(files, {
      openToRead: async (path: string) => {
        if (path.includes('ledger')) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
        return openToRead(path);
      },
    });
    const ran = await world.batch();
    expect([ran.code, ran.err]).toEqual([0, expect.stringContaining('cannot be read (EACCES)')]);
    expect(booked(world)).toEqual({});
    Object.assign(files, { openToRead });
    expect((await world.batch()).code).toBe(0);
    expect(Object.keys(booked(world))).toHaveLength(2);
  });

  test('failed lines have theirs, and what was refused and bought nothing', async () => {
    const world = await openBatch((response, request, nth) =>
      nth === 1 ? refuse(response, 400, 'bad_thing') : echo(response, request, nth),
    );
    world.input(...someLines(2));
    const empty = fill(world, outcomes);
    await world.batch('--concurrency', '1');
    empty();
    expect((await world.batch()).code).toBe(40);
    expect(Object.values(booked(world))).toMatchObject([
      { billed: 'no', exit: null },
      { billed: 'yes', exit: 0 },
    ]);
  });

  test('a torn record of the state swallows no intent of the next run', async () => {
    const world = await openBatch();
    world.input(...someLines(2));
    const empty = fill(world, outcomes);
    await world.batch('--limit', '1');
    const state = join(world.home, 'out.jsonl.state');
    writeFileSync(state, `${readFileSync(state, 'utf8')}{"id":"id-1","h":"`);
    await world.batch();
    empty();
    expect((await world.batch()).code).toBe(0);
    expect(Object.keys(booked(world))).toHaveLength(2);
  });
});

describe('calls of a killed run that neither the ledger nor the output has', () => {
  const list = {
    data: [{ id: 'gpt-5.4-mini', input_price: '1', output_price: '10', max_output_tokens: 500 }],
  };

  /** As a run of three lines leaves it that was killed before the result of id-1 was written. */
  async function openKilled(...flags: string[]): Promise<BatchWorld & { empty(): void }> {
    const world = await openBatch(echo, {}, list);
    world.input(...someLines(3));
    const empty = fill(world, everything);
    expect((await world.batch('--tag', 'night', ...flags)).code).toBe(0);
    const path = join(world.home, 'out.jsonl');
    const rows = readFileSync(path, 'utf8').trimEnd().split('\n');
    writeFileSync(
      path,
      rows
        .filter((row) => !row.includes('"id-1"'))
        .join('\n')
        .concat('\n'),
    );
    return { ...world, empty };
  }

  function intents(world: BatchWorld): Record<string, unknown>[] {
    return world.ledger().filter(({ event }) => event === 'intent');
  }

  async function report(world: BatchWorld, ...argv: string[]): Promise<Record<string, unknown>> {
    const ran = await openBatch(echo, { env: { ALLTOKEN_HOME: world.home } });
    expect(await ran.run(...argv, '--json')).toBe(0);
    return JSON.parse(ran.out());
  }

  test.each([
    ['at once', 0],
    ['when the ledger takes lines again', 2],
  ])('get their intents, once, %s', async (_when, fullRuns) => {
    const world = await openKilled('--max-cost', '1');
    for (let times = 0; times < fullRuns; times += 1) {
      const ran = await world.batch();
      expect([ran.code, ran.err]).toEqual([40, expect.stringContaining('cannot be written')]);
    }
    world.empty();
    for (let times = 0; times < 3; times += 1)
      expect((await world.batch('--tag', 'day')).code).toBe(40);
    const line = world.lines().find(({ custom_id: id }) => id === 'id-1');
    expect(intents(world)).toMatchObject([
      {
        call: line?.alltoken.call,
        command: 'batch',
        tags: ['night'],
        bound: line?.alltoken.bound,
        model: 'gpt-5.4-mini',
      },
    ]);
    expect(Number(line?.alltoken.bound)).toBeGreaterThan(0);
    expect(await report(world, 'cost', '--since', '2000-01-01')).toMatchObject({
      totals: { calls: 3, unknown_calls: 1 },
    });
    expect(stateOf(world.home)).toHaveLength(1);
    expect(world.chats()).toHaveLength(3);
  });

  test('also where the line was sent again before the ledger took anything', async () => {
    const world = await openKilled();
    expect((await world.batch('--resend-unknown', '--tag', 'night')).code).toBe(0);
    world.empty();
    expect((await world.batch()).code).toBe(0);
    expect(intents(world)).toHaveLength(1);
    expect(await report(world, 'cost', '--since', '2000-01-01')).toMatchObject({
      totals: { calls: 4, unknown_calls: 1 },
    });
  });

  test('once, also where the run that writes them is killed before it is over', async () => {
    const world = await openKilled();
    world.empty();
    const names = ['out.jsonl', 'out.jsonl.state'].map((name) => join(world.home, name));
    const before = names.map((path) => readFileSync(path, 'utf8'));
    for (let times = 0; times < 3; times += 1) {
      names.forEach((path, at) => {
        writeFileSync(path, before[at] ?? '');
      });
      expect((await world.batch()).code).toBe(40);
      expect(intents(world)).toHaveLength(1);
    }
  });

  test('count at their bounds under a budget', async () => {
    const world = await openKilled('--max-cost', '1');
    world.empty();
    world.write('config.json', JSON.stringify({ budget: { day: '1' } }));
    expect((await world.batch()).code).toBe(40);
    const line = world.lines().find(({ custom_id: id }) => id === 'id-1');
    const [cap] = (await report(world, 'budget')).caps as { spent: string }[];
    expect(Number(cap?.spent)).toBeCloseTo(Number(line?.alltoken.bound) + 2 * 0.0000188, 9);
    expect(booked(world)).toHaveProperty(
      String(line?.alltoken.call),
      expect.objectContaining({ billed: 'unknown', exit: null }),
    );
  });
});

test('a budget counts them once, when they come late', async () => {
  const list = {
    data: [{ id: 'gpt-5.4-mini', input_price: '1', output_price: '10', max_output_tokens: 500 }],
  };
  const world = await openBatch(echo, {}, list);
  world.write('config.json', JSON.stringify({ budget: { day: '1' } }));
  world.input(...someLines(3));
  const empty = fill(world, outcomes);
  expect((await world.batch()).code).toBe(0);
  const spent = async (): Promise<string> => {
    const ran = await openBatch(echo, { env: { ALLTOKEN_HOME: world.home } });
    expect(await ran.run('budget', '--json')).toBe(0);
    return JSON.parse(ran.out()).caps[0].spent;
  };
  const before = await spent();
  empty();
  expect((await world.batch()).code).toBe(0);
  expect([before, await spent()]).toEqual(['0.0000564', '0.0000564']);
});
