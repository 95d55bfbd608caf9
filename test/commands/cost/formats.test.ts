import { describe, expect, test } from 'vitest';
import { asModel, cost, intent, outcome } from '../../money/ledger/lines.ts';

const at = '2026-11-20T12:00:00.000Z';

const lines = [
  outcome('a', at, '0.4', { ...asModel('gpt-5.4'), tags: ['ci'] }),
  outcome('b', at, '0.1', { ...asModel('gpt-5.4'), tags: ['ci'] }),
  outcome('c', at, '0.0625', asModel('kimi-k2.6')),
  outcome('d', at, '0.0000188000', asModel('gpt-5.4-nano')),
  intent('e', at, { model: 'glm-5' }),
];

const terminal = (columns: number) => ({ stdoutIsTerminal: true, columns });

/** What is drawn, line by line. */
async function drawn(columns: number, ...argv: string[]): Promise<string[]> {
  const { code, world } = await cost(
    lines,
    ['--since', '7d', '--no-color', ...argv],
    terminal(columns),
  );
  expect(code, world.err()).toBe(0);
  return world.out().trimEnd().split('\n');
}

describe('a report', () => {
  test('into a pipe is a row a line, without bars and totals', async () => {
    const { world } = await cost(lines, ['--since', '7d']);
    expect(world.out()).toBe(
      [
        'gpt-5.4\t2\t38\t24\t0.5\t0',
        'kimi-k2.6\t1\t19\t12\t0.0625\t0',
        'gpt-5.4-nano\t1\t19\t12\t0.0000188\t0',
        'glm-5\t1\t0\t0\tunknown\t1',
        '',
      ].join('\n'),
    );
    expect(world.err()).toBe('');
  });

  test('into a pipe names what has no name', async () => {
    const { world } = await cost(lines, ['--since', '7d', '--by', 'tag']);
    expect(world.out()).toBe('ci\t2\t38\t24\t0.5\t0\n(none)\t3\t38\t24\t0.0625188\t1\n');
  });

  test('on 80 columns has bars, scaled to the largest in eighths', async () => {
    expect(await drawn(80)).toEqual([
      'model         calls  prompt  completion  ≈ cost $  unknown',
      'gpt-5.4           2      38          24  0.500000        0  ████████████████████',
      'kimi-k2.6         1      19          12  0.062500        0  ██▌',
      'gpt-5.4-nano      1      19          12  0.000019        0  ▏',
      'glm-5             1       0           0   unknown        1',
      'total             5      76          48  0.562519        1',
    ]);
  });

  test('on 40 columns has neither bars nor tokens, and no line is longer', async () => {
    expect(await drawn(40)).toEqual([
      'model         calls  ≈ cost $  unknown',
      'gpt-5.4           2  0.500000        0',
      'kimi-k2.6         1  0.062500        0',
      'gpt-5.4-nano      1  0.000019        0',
      'glm-5             1   unknown        1',
      'total             5  0.562519        1',
    ]);
  });

  test.each([30, 40, 60, 80, 120, 200])('is never wider than %d columns', async (columns) => {
    for (const line of await drawn(columns)) expect([...line].length).toBeLessThanOrEqual(columns);
  });

  test.each([60, 120])('of a model that only refused says so, on %d columns', async (columns) => {
    const refused = outcome('f', at, null, { ...asModel('nope'), billed: 'no', exit: 24 });
    const { world } = await cost([...lines, refused], ['--since', '7d'], terminal(columns));
    expect(world.out()).toMatch(/^nope +1.* not billed /m);
    expect(world.out()).toMatch(/^total +6.* 0\.5625/m);
    expect((await cost([refused], ['--since', '7d'])).world.out()).toMatch(/^nope\t1\t.*\t0\t0$/m);
  });

  test('has no column of unknown ones where all is known', async () => {
    const { world } = await cost(lines.slice(0, 3), ['--since', '7d'], terminal(80));
    expect(world.out()).not.toContain('unknown');
    expect(world.out()).toMatch(/^total +3 +57 +36 +0\.5625$/m);
  });

  test('of no calls says so to a person, and nothing to a pipe', async () => {
    const person = await cost([], ['--since', '7d'], terminal(80));
    expect([person.code, person.world.out()]).toEqual([0, 'no calls\n']);
    const pipe = await cost([], ['--since', '7d']);
    expect([pipe.code, pipe.world.out()]).toEqual([0, '']);
  });

  test('groups long numbers for a person only', async () => {
    const usage = { prompt_tokens: 1_234_567, completion_tokens: 89, total_tokens: 1_234_656 };
    const big = [outcome('a', at, '0.5', { usage })];
    expect((await cost(big, ['--since', '7d'], terminal(80))).world.out()).toContain('1,234,567');
    expect((await cost(big, ['--since', '7d'])).world.out()).toContain('\t1234567\t');
  });
});

describe('--csv', () => {
  test('is RFC 4180: a head, CRLF, quotes where they are needed', async () => {
    const odd = [
      outcome('a', at, '0.5', asModel('one, "two"')),
      outcome('b', at, null, asModel('glm-5')),
    ];
    const { world } = await cost(odd, ['--csv', '--since', '7d']);
    expect(world.out()).toBe(
      [
        'model,calls,prompt_tokens,completion_tokens,total_tokens,cost_usd,known_calls,unknown_calls,unbilled_calls',
        '"one, ""two""",1,19,12,31,0.5,1,0,0',
        'glm-5,1,19,12,31,,0,1,0',
        '',
      ].join('\r\n'),
    );
  });

  test('is not JSON', async () => {
    const { code, world } = await cost(lines, ['--csv', '--json']);
    expect(code).toBe(2);
    expect(world.json()).toMatchObject({ error: { code: 'conflicting_option' } });
  });

  test('alone is a report, also on a terminal', async () => {
    const { code, world } = await cost(lines, ['--csv'], terminal(80));
    expect(code).toBe(0);
    expect(world.out()).toMatch(/^model,calls,.*\ngpt-5\.4,2,/);
  });
});

describe('what does not fit together', () => {
  const mistakes: [string[], RegExp][] = [
    [['gpt-5.4-nano'], /an estimate needs a model, its prompt tokens and its completion tokens/],
    [['gpt-5.4-nano', '19'], /an estimate needs a model/],
    [['gpt-5.4-nano', '19', '12', '3'], /and nothing more/],
    [['gpt-5.4-nano', '19', '1.5'], /"1\.5" is not a valid number of tokens/],
    [['gpt-5.4-nano', '19', '1e9'], /"1e9" is not a valid number of tokens/],
    [['gpt-5.4-nano', '19', '12', '--cached', '20'], /--cached 20 is more than the 19 tokens/],
    [['gpt-5.4-nano', '19', '12', '--since', '7d'], /--since is for calls that were made/],
    [['gpt-5.4-nano', '19', '12', '--what-if', 'x'], /--what-if is for calls that were made/],
    [['--cached', '5'], /--cached needs a model/],
    [['--reasoning', '5', '--since', '7d'], /--reasoning needs a model/],
    [['--by', 'colour'], /--by/],
    [['--limit', '0'], /--limit/],
  ];
  test.each(mistakes)('%j is a usage error, and says so in JSON too', async (argv, message) => {
    const { code, world } = await cost(lines, argv);
    expect(code).toBe(2);
    expect(world.out()).toBe('');
    expect(world.err()).toMatch(message);
    const inJson = await cost(lines, [...argv, '--json']);
    expect(inJson.world.json()).toMatchObject({ ok: false, command: 'cost', error: { exit: 2 } });
  });
});
