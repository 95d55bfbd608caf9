/** The --max-cost of several parts: each a process of its own, with one directory for their outputs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { decimalSum } from '../../../src/money/total-cost.ts';
import type { OutputLine } from '../../../src/schemas/batch.ts';
import { type BatchWorld, key, openBatch, someLines } from '../../helpers/batch.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { goodStream, sendStream } from '../../helpers/server.ts';

const list = {
  data: [{ id: 'gpt-5.4-mini', input_price: '1', output_price: '10', max_output_tokens: 500 }],
};

/** Each line can cost a little more than 0.001, and costs 0.001. */
const flags = ['--param', 'max_tokens=100', '--json', '--concurrency', '2'];

const parts = [0, 1, 2, 3];

const total = 'out.jsonl.of-4.total';

describe('--max-cost over parts', () => {
  test('of four processes in one directory is the total of all: it is spent as far as a line fits, and never more', async () => {
    // Two in flight of each.
    const begun = gate(8);
    const world = await open(() => begun.pass());
    const ran = await Promise.all(parts.map((part) => shard(world, part, '0.05')));
    const costs = results(world).map(({ alltoken }) => alltoken.cost.amount);
    // With 49 lines spent, what is left is less than a line can cost.
    expect(costs).toHaveLength(49);
    expect(decimalSum(costs).amount).toBe('0.049');
    expect(new Set(ran.map(({ code }) => code)).has(27)).toBe(true);
    for (const { document } of ran) if (!document.ok) expect(document.error.code).toBe('max_cost');
  });

  test('a part that sees no other has its share, and the hint names the others; what they leave is for it', async () => {
    const world = await open();
    const alone = await shard(world, 0, '0.04');
    expect([alone.code, alone.document.succeeded]).toEqual([27, 9]);
    expect(alone.err).toContain(
      '1 of 4 parts have begun in its directory, and share $0.01 of --max-cost $0.04',
    );
    expect(alone.document.error.hint).toContain('begin the other parts');
    await shard(world, 1, '0.04', '--limit', '1');
    await shard(world, 0, '0.04');
    // Two shares of 0.01, one line of the other part.
    expect(results(world)).toHaveLength(19);
  });

  test.each([
    ['0/4', '0.04', 'a part that sees no other'],
    ['0/2000', '2', 'a part with a share of its own'],
  ])('%s: the amount that is named lets the part end: %s', async (part, maxCost) => {
    const world = await open();
    // Its share pays for no line, of the few that it has.
    if (part === '0/2000') world.input(...someLines(12_000));
    const stopped = await world.batch('--shard', part, '--max-cost', maxCost, ...flags);
    expect(stopped.code).toBe(27);
    const { hint } = (JSON.parse(stopped.out) as { error: { hint: string } }).error;
    const named = /for this part alone: --max-cost ([\d.]+)/.exec(hint)?.[1];
    expect(named, hint).toBeDefined();
    const more = await world.batch('--shard', part, '--max-cost', named ?? '', ...flags);
    expect(more.code, more.err).toBe(0);
  });

  test('of a part beside others, too', async () => {
    const world = await open();
    for (const part of parts) await shard(world, part, '0.04', '--limit', '1');
    const stopped = await shard(world, 0, '0.0055');
    expect(stopped.code).toBe(27);
    const { hint } = stopped.document.error;
    const named = /for this part alone: --max-cost ([\d.]+)/.exec(hint ?? '')?.[1];
    expect(named, hint ?? '').toBeDefined();
    const more = await shard(world, 0, named ?? '');
    expect(more.code, more.err).toBe(0);
  });

  test('a part that was killed keeps what it had claimed, until it goes on', async () => {
    const world = await open();
    await shard(world, 0, '0.04', '--limit', '1');
    const claims = readClaims(world);
    // As it is in the middle of its run.
    claims['0'] = { ...claims['0'], pid: 99, claimed: '0.009', spent: '0.001' };
    writeFileSync(join(world.home, total), JSON.stringify({ v: 1, claims }));
    const other = await shard(world, 1, '0.04');
    expect([other.code, other.document.succeeded]).toEqual([27, 10]);
    await shard(world, 0, '0.04', '--limit', '1');
    expect(readClaims(world)['0']?.claimed).toBe('0.002');
  });

  test('a raised limit adds to the share', async () => {
    const world = await open();
    await shard(world, 0, '0.01');
    expect(results(world)).toHaveLength(2);
    await shard(world, 0, '0.04');
    expect(results(world)).toHaveLength(9);
  });

  test('a file that nobody can read stops the part: 50, nothing is sent', async () => {
    const world = await open();
    writeFileSync(join(world.home, total), '{"v":1,"claims":{"1":{"claimed":"?"}}}');
    const ran = await shard(world, 0, '1');
    expect([ran.code, ran.document.error.code]).toEqual([50, 'bad_state']);
    expect(world.chats()).toEqual([]);
  });

  test.each([
    ['mark', 7],
    ['space', null],
    ['job', 1],
    ['pid', '99'],
    ['at', '0'],
    ['claimed', 'much'],
    ['claimed', '-1'],
    ['spent', 0],
    ['spent', '-0.5'],
  ])('one spoilt field of one part is enough for that: %s is %j', async (field, value) => {
    const world = await open();
    await shard(world, 1, '0.04', '--limit', '1');
    const sent = world.chats().length;
    const claims: Record<string, object | undefined> = readClaims(world);
    claims['1'] = { ...claims['1'], [field]: value };
    writeFileSync(join(world.home, total), JSON.stringify({ v: 1, claims }));
    const ran = await shard(world, 0, '0.04');
    expect([ran.code, ran.document.error.code]).toEqual([50, 'bad_state']);
    expect(world.chats()).toHaveLength(sent);
  });
});

async function open(wait: () => Promise<void> = async () => {}): Promise<BatchWorld> {
  const world = await openBatch(
    async (response) => {
      await wait();
      sendStream(response, goodStream('x', '0.001'));
    },
    {},
    list,
  );
  world.input(...someLines(120));
  return world;
}

/** Nobody passes before so many have come. */
function gate(count: number): { pass(): Promise<void> } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let waiting = 0;
  return {
    pass() {
      waiting += 1;
      if (waiting === count) open();
      return opened;
    },
  };
}

async function shard(world: BatchWorld, index: number, maxCost: string, ...more: string[]) {
  const { home } = world;
  const env = {
    ALLTOKEN_HOME: home,
    ALLTOKEN_API_KEY: key,
    ALLTOKEN_BASE_URL: world.server.baseUrl,
  };
  const fake = fakeDeps({ env });
  const own = 7000 + index;
  const deps = {
    ...fake.deps,
    workingDirectory: home,
    processId: own,
    processMark: (pid: number) => (pid >= 7000 ? 'runs' : null),
  };
  const argv = ['batch', 'in.jsonl', '-o', 'out.jsonl', '--shard', `${index}/4`];
  const code = await run([...argv, '--max-cost', maxCost, ...flags, ...more], deps);
  return { code, err: fake.err(), document: JSON.parse(fake.out()) };
}

function readClaims({ home }: BatchWorld): Record<string, Record<string, unknown>> {
  return JSON.parse(readFileSync(join(home, total), 'utf8')).claims;
}

function results(world: BatchWorld): OutputLine[] {
  return parts.flatMap((part) => {
    try {
      return world.lines(`out.${part}-of-4.jsonl`);
    } catch {
      return []; // not begun
    }
  });
}
