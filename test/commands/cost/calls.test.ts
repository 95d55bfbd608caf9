import { describe, expect, test } from 'vitest';
import { costDocumentSchema } from '../../../src/schemas/cost.ts';
import { asModel, cost, intent, jobOutcome, outcome } from '../../money/ledger/lines.ts';

const at = (hour: number): string => `2026-11-20T${String(hour).padStart(2, '0')}:00:00.000Z`;

const lines = [
  intent('z', at(4), { model: 'glm-5' }),
  outcome('b', at(2), '0.1', { ...asModel('gpt-5.4'), tags: ['ci', 'docs'], session: 'plan' }),
  outcome('a', at(1), '0.0000188000'),
  outcome('c', at(3), null, { billed: 'no', exit: 24, usage: null, request_id: null }),
  outcome('d', at(5), null, { billed: 'unknown', exit: 46, usage: null, request_id: null }),
  jobOutcome('e', at(6), '0.35', {
    cost: { amount: '0.35', currency: 'USD', source: 'catalog' },
  }),
];

const head =
  'time,command,gateway,model,prompt_tokens,completion_tokens,amount,currency,source,tags,session,request_id,state,call,task_id';

describe('cost --calls', () => {
  test('--csv is RFC 4180: one row a call, oldest first, and what is not known is empty', async () => {
    const { code, world } = await cost(lines, ['--since', '7d', '--calls', '--csv']);
    expect(code, world.err()).toBe(0);
    expect(world.out().split('\r\n')).toEqual([
      head,
      `${at(1)},chat,alltoken,gpt-5.4-nano,19,12,0.0000188000,USD,gateway,,,req-a,billed,a,`,
      `${at(2)},chat,alltoken,gpt-5.4,19,12,0.1,USD,gateway,ci docs,plan,req-b,billed,b,`,
      `${at(3)},chat,alltoken,gpt-5.4-nano,,,,USD,unknown,,,,not_billed,c,`,
      `${at(4)},chat,alltoken,glm-5,,,,USD,unknown,,,,open,z,`,
      `${at(5)},chat,alltoken,gpt-5.4-nano,,,,USD,unknown,,,,unknown,d,`,
      `${at(6)},video,alltoken,seedance-1.5-pro,,,0.35,USD,catalog,,,req-e,billed,e,vgen_e`,
      '',
    ]);
  });

  test('--json has the same as data', async () => {
    const { world } = await cost(lines, ['--since', '7d', '--calls', '--json', '--tag', 'ci']);
    expect(costDocumentSchema.safeParse(world.json()).error).toBeUndefined();
    expect(world.json()).toMatchObject({
      kind: 'calls',
      filter: { tag: 'ci', model: null },
      rows: [{ call: 'b', amount: '0.1', tags: ['ci', 'docs'], state: 'billed' }],
    });
  });

  test('-g has the calls of one gateway', async () => {
    const two = [...lines, outcome('f', at(7), '1', { gateway: 'openrouter' })];
    const argv = ['--since', '7d', '--calls', '--csv', '-g', 'openrouter'];
    const { world } = await cost(two, argv);
    expect(world.out()).toMatch(/^time,.*\r\n[^\r]*,openrouter,[^\r]*\r\n$/);
  });

  test('--limit keeps the newest', async () => {
    const { world } = await cost(lines, ['--since', '7d', '--calls', '--limit', '2']);
    expect(
      world
        .out()
        .split('\n')
        .map((line) => line.split('\t')[13]),
    ).toEqual(['d', 'e', undefined]);
    expect(world.err()).toContain('4 more rows are left out');
  });

  test.each([
    ['=1+1', "'=1+1"],
    ['+44', "'+44"],
    ['-x', "'-x"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
    ['a=b', 'a=b'],
  ])('--csv: a model named %s is no formula', async (name, shown) => {
    const { world } = await cost(
      [outcome('a', at(1), '0.5', asModel(name))],
      ['--since', '7d', '--calls', '--csv'],
    );
    expect(world.out()).toContain(`,alltoken,${shown},19,`);
  });

  test.each([[['--by', 'tag']], [['--what-if', 'gpt-5.4']]])('2: with %j', async (flags) => {
    const { code } = await cost(lines, ['--since', '7d', '--calls', '--csv', ...flags]);
    expect(code).toBe(2);
  });

  test.each([30, 40, 60, 80, 120])('is never wider than %d columns', async (columns) => {
    const { world } = await cost(lines, ['--since', '7d', '--calls', '--no-color'], {
      stdoutIsTerminal: true,
      columns,
    });
    for (const line of world.out().split('\n'))
      expect([...line].length).toBeLessThanOrEqual(columns);
  });
});
