import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Drawn,
  expectFailed,
  imageWorld,
  laterWorld,
  records,
  resume,
  runIn,
} from '../../helpers/image.ts';
import { type Script, startImageGateway } from '../../helpers/image-gateway.ts';
import { dropped, errorReply, picture, taskId } from '../../helpers/image-replies.ts';
import { withGateway } from '../../helpers/video-world.ts';

interface Before {
  budget: object;
  /** USD, an hour ago, by another command. */
  spent?: string;
  tags?: string[];
  script?: Script;
}

/** `image …argv` under a budget of which some may be spent. */
async function draw(
  { budget, spent, tags = [], script = {} }: Before,
  ...argv: string[]
): Promise<Drawn> {
  const gateway = await startImageGateway(script);
  const home = { 'config.json': { budget }, 'a.png': picture() };
  const world = imageWorld(gateway, { home });
  if (spent !== undefined) {
    mkdirSync(join(world.home, 'ledger'));
    const cost = { amount: spent, currency: 'USD', source: 'gateway' };
    const line = { v: 1, event: 'outcome', call: 'a', at: '2026-11-22T11:00:00.000Z', tags, cost };
    writeFileSync(join(world.home, 'ledger', '2026-11.jsonl'), `${JSON.stringify(line)}\n`);
  }
  return { code: await runIn(world, 'image', ...argv), world, gateway };
}

const nothingBought = { exit: 27, name: 'budget', billed: 'no' } as const;

describe('a picture', () => {
  test('under a budget is bought, with a warning that its price is not known', async () => {
    const { code, world } = await draw({ budget: { call: '0.01', day: '1' } }, 'A cat');
    expect(code, world.err()).toBe(0);
    expect(world.err()).toMatch(
      /^warning: the cost of an image is not known in advance; budget\.call 0\.01, budget\.day 1 can only count it afterwards, and may be exceeded by it$/m,
    );
  });

  test('with --max-cost is 27: nobody can keep that', async () => {
    const drawn = await draw({ budget: {} }, '--max-cost', '5', '--image', 'a.png', 'A cat');
    expectFailed(drawn, { ...nothingBought, code: 'cost_unbounded', message: /--max-cost cannot/ });
    expect(drawn.gateway.requests).toEqual([]);
    expect(records(drawn.world)).toEqual([]);
    expect(drawn.world.ledger()).toEqual([]);
  });

  test.each([
    ['day', { day: '1' }, '1', [], 'budget_day'],
    ['month', { month: '1' }, '1.5', [], 'budget_month'],
    ['day of its tag', { tags: { ci: { day: '1' } } }, '1', ['ci'], 'budget_day'],
  ])(
    'is not bought when the %s is used up; nothing is uploaded',
    async (_what, budget, spent, tags, code) => {
      const argv = ['--tag', 'ci', '--image', 'a.png', 'A cat'];
      const drawn = await draw({ budget, spent, tags }, ...argv);
      expectFailed(drawn, {
        ...nothingBought,
        code,
        message: /nothing was sent/,
        hint: /budget\./,
      });
      expect(drawn.gateway.requests).toEqual([]);
      expect(records(drawn.world)).toEqual([]);
      expect(drawn.world.ledger()).toHaveLength(1);
    },
  );

  test('27 with --json is one document', async () => {
    const drawn = await draw({ budget: { day: '1' }, spent: '1' }, '--json', 'A cat');
    expectFailed(drawn, { ...nothingBought, code: 'budget_day' });
    expect(drawn.world.json()).toMatchObject({ ok: false, exit: 27, error: { retryable: false } });
  });

  test('is bought when another tag is used up', async () => {
    const budget = { tags: { ci: { day: '1' } } };
    const { code } = await draw({ budget, spent: '1', tags: ['ci'] }, '--tag', 'docs', 'A cat');
    expect(code).toBe(0);
  });

  test('is not bought when the budget cannot be kept', async () => {
    const gateway = await startImageGateway();
    const world = imageWorld(gateway, {
      home: { 'config.json': { budget: { day: '1' } }, budget: 'a file' },
    });
    const drawn = { code: await runIn(world, 'image', 'A cat'), world, gateway };
    expectFailed(drawn, {
      exit: 50,
      name: 'local_io',
      billed: 'no',
      message: /cannot be enforced/,
    });
    expect(gateway.requests).toEqual([]);
  });

  test('has its tags in the books, also when it is resumed by somebody with another', async () => {
    const before = await draw({ budget: {} }, '--async', '--tag', 'ci', 'A cat');
    const env = { ALLTOKEN_TAG: 'other' };
    const { code, world } = await resume(before.world, before.gateway, ['--all'], { env });
    expect(code, world.err()).toBe(0);
    expect(before.world.ledger().map(({ event, tags }) => [event, tags])).toEqual([
      ['intent', ['ci']],
      ['outcome', ['ci']],
      ['outcome', ['ci']],
    ]);
  });

  test('that is resumed is not held against a budget again', async () => {
    const before = await draw({ budget: { day: '1' } }, '--async', 'A cat');
    expect(before.code).toBe(0);
    const more = { amount: '5', currency: 'USD', source: 'gateway' };
    const line = { v: 1, event: 'outcome', call: 'b', at: '2026-11-22T12:00:00.000Z', cost: more };
    const ledger = join(before.world.home, 'ledger', '2026-11.jsonl');
    writeFileSync(ledger, `${JSON.stringify(line)}\n`, { flag: 'a' });
    expect((await resume(before.world, before.gateway)).code).toBe(0);
    const next = laterWorld(before.world, before.gateway);
    expect(await runIn(next, 'image', 'Another cat')).toBe(27);
  });

  test('that was refused leaves nothing reserved', async () => {
    const script = { create: errorReply(402, 'insufficient_balance') };
    const { code, world, gateway } = await draw({ budget: { day: '1' }, script }, 'A cat');
    expect(code).toBe(22);
    const next = laterWorld(world, gateway);
    expect(await runIn(next, 'image', '--dry-run', '--json', 'A cat')).toBe(0);
    expect(next.json()).toMatchObject({
      verdict: { caps: [{ name: 'budget.day', spent: '0', reserved: '0', fits: true }] },
    });
  });
});

describe('a picture whose order was lost, ordered again by tasks resume', () => {
  const duplicate = errorReply(409, 'duplicate_request', { task_id: taskId });

  interface Lost extends Drawn {
    /** `tasks resume` of its job, with the config changed before. */
    again(config: object): Promise<Drawn>;
    ordered(): number;
  }

  async function lost(budget: object): Promise<Lost> {
    const drawn = await draw({ budget, script: { create: dropped } }, 'A cat');
    expect(drawn.code).toBe(46);
    drawn.gateway.script = { create: duplicate };
    return {
      ...drawn,
      again(config) {
        writeFileSync(join(drawn.world.home, 'config.json'), JSON.stringify({ budget: config }));
        const argv = [records(drawn.world)[0]?.id ?? '', '--json'];
        return resume(drawn.world, drawn.gateway, argv, { processes: { 77: 'runs' } });
      },
      ordered: () => drawn.gateway.to('create').length,
    };
  }

  function spend(home: string, amount: string): void {
    const cost = { amount, currency: 'USD', source: 'gateway' };
    const line = { v: 1, event: 'outcome', call: 'b', at: '2026-11-22T12:00:00.000Z', cost };
    mkdirSync(join(home, 'ledger'), { recursive: true });
    const ledger = join(home, 'ledger', '2026-11.jsonl');
    writeFileSync(ledger, `${JSON.stringify(line)}\n`, { flag: 'a' });
  }

  test('is not, once others have used up the day, and is when there is more', async () => {
    const before = await lost({ day: '1' });
    const tried = before.ordered();
    spend(before.world.home, '1');
    const refused = await before.again({ day: '1' });
    expectFailed(refused, { exit: 46, name: 'outcome_unknown', billed: 'unknown' });
    expect(refused.world.err()).toMatch(/^warning: budget\.day 1 is used up: .*nothing was sent$/m);
    expect(before.ordered()).toBe(tried);
    expect(records(before.world)).toMatchObject([{ state: 'submitting' }]);
    const allowed = await before.again({ day: '1.5' });
    expect(allowed.code, allowed.world.err()).toBe(0);
    expect(before.ordered()).toBe(tried + 1);
  });

  test('is not under a budget that was set since and is used up', async () => {
    const before = await lost({});
    const tried = before.ordered();
    spend(before.world.home, '1');
    const refused = await before.again({ month: '1' });
    expectFailed(refused, { exit: 46, name: 'outcome_unknown', billed: 'unknown' });
    expect(before.ordered()).toBe(tried);
  });

  test('is not while calls that run hold what is left', async () => {
    const before = await lost({ day: '1' });
    const tried = before.ordered();
    const path = join(before.world.home, 'budget', 'budget.json');
    const state = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const other = { call: 'b', gateway: 'alltoken', pid: 77, mark: 'runs', space: '' };
    const reservations = [{ ...other, amount: '1', tags: [], at: before.world.clock.now() }];
    writeFileSync(path, JSON.stringify({ ...state, reservations }));
    const refused = await before.again({ day: '1' });
    expectFailed(refused, { exit: 46, name: 'outcome_unknown', billed: 'unknown' });
    expect(refused.world.err()).toMatch(
      /^warning: calls that run now have reserved \$1 of budget/m,
    );
    expect(before.ordered()).toBe(tried);
    writeFileSync(path, JSON.stringify({ ...state, reservations: [] }));
    expect((await before.again({ day: '1' })).code).toBe(0);
  });

  test('is held for while it is sent, and no longer', async () => {
    const before = await lost({ day: '1' });
    const call = records(before.world)[0]?.call;
    const path = join(before.world.home, 'budget', 'budget.json');
    const held = (): unknown =>
      (JSON.parse(readFileSync(path, 'utf8')) as { reservations: unknown }).reservations;
    let meanwhile: unknown;
    before.gateway.script.create = (response, request, count) => {
      meanwhile = held();
      return duplicate(response, request, count);
    };
    expect((await before.again({ day: '1' })).code).toBe(0);
    expect(meanwhile).toMatchObject([{ call, amount: '0' }]);
    const next = laterWorld(before.world, before.gateway);
    expect(await runIn(next, 'image', '--dry-run', '--json', 'A cat')).toBe(0);
    expect(next.json()).toMatchObject({ verdict: { caps: [{ reserved: '0', fits: true }] } });
    expect(before.world.ledger().slice(-2)).toMatchObject([
      { event: 'intent', call, bound: null },
      { event: 'outcome', call, bound: null, billed: 'yes' },
    ]);
  });

  test('has a bound in the books when the budget was set since', async () => {
    const before = await lost({});
    expect((await before.again({ day: '1' })).code).toBe(0);
    expect(before.world.ledger().slice(-2)).toMatchObject([{ bound: null }, { bound: null }]);
  });
});

describe('a video', () => {
  const budget = { day: '1' };

  test('under a budget is bought, with a warning', async () => {
    const { world } = await withGateway({}, { home: { 'config.json': { budget } } });
    expect(await world.video('A boat'), world.err()).toBe(0);
    expect(world.err()).toContain('warning: the cost of this video is not known in advance');
  });

  test.each([
    ['with --max-cost', ['--max-cost', '5'], { day: '1' }, 'cost_unbounded'],
    ['when the day is used up', [], { day: '0' }, 'budget_day'],
  ])('is not bought %s', async (_when, argv, caps, code) => {
    const { gateway, world } = await withGateway({}, { home: { 'config.json': { budget: caps } } });
    expect(await world.video('A boat', ...argv)).toBe(27);
    expect(world.err()).toContain(`[budget code=${code}]`);
    expect(gateway.requests).toEqual([]);
    expect(world.ledger()).toEqual([]);
  });
});
