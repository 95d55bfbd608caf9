import { describe, expect, test } from 'vitest';
import { costDocumentSchema } from '../../../src/schemas/cost.ts';
import { answerWell, ask } from '../../helpers/ask.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { cost, intent, jobOutcome, outcome, writeLedger } from '../../money/ledger/lines.ts';

const at = '2026-11-22T11:00:00.000Z';

/** A process that does not run. */
const dead = { pid: 999 };

describe('cost', () => {
  test('is the amount of the last call, digit by digit, and nothing else', async () => {
    const { world: asked } = await ask(answerWell);
    const world = fakeDeps({ env: { ALLTOKEN_HOME: asked.home } });
    expect(await world.run('cost')).toBe(0);
    expect(world.out()).toBe('0.0000188000\n');
    expect(world.err()).toBe('');
  });

  test('is unknown where nobody told it', async () => {
    const { code, world } = await cost([outcome('a', at, '1'), outcome('b', at, null)]);
    expect([code, world.out()]).toEqual([0, 'unknown\n']);
  });

  test('M13: after a refused call is 0: nothing was bought', async () => {
    const lines = [outcome('a', at, '1'), outcome('b', at, null, { billed: 'no', exit: 25 })];
    expect((await cost(lines)).world.out()).toBe('0\n');
    expect((await cost(lines, ['--json'])).world.json()).toMatchObject({
      cost: { amount: '0', currency: 'USD' },
      call: { billed: 'no', exit: 25 },
    });
  });

  test('is not of a call that was let in and never sent', async () => {
    const never = { billed: 'no', attempts: 0, exit: null } as const;
    const lines = [outcome('a', at, '1'), intent('b', at), outcome('b', at, null, never)];
    const { world } = await cost(lines);
    expect([world.out(), world.err()]).toEqual(['1\n', '']);
  });

  test('M13: is of a call that cost money, unless the sandbox is asked for', async () => {
    const play = { gateway: 'sandbox' };
    const lines = [outcome('a', at, '1'), outcome('b', at, '0.5', play), intent('c', at, play)];
    expect((await cost(lines)).world.out()).toBe('1\n');
    expect((await cost(lines, ['-g', 'sandbox'])).world.out()).toBe('0.5\n');
    const env = { ALLTOKEN_GATEWAY: 'sandbox' };
    expect((await cost(lines, [], { env })).world.out()).toBe('0.5\n');
    expect((await cost(lines, ['-g', 'tokenhub'])).world.err()).toContain(
      'no call to tokenhub is in the ledger yet',
    );
    const { world } = await cost(lines.slice(1));
    expect(world.err()).toContain('alltoken cost -g sandbox');
  });

  test('is of the sandbox where the config has chosen it, unless another gateway is named', async () => {
    const world = fakeDeps();
    world.write('config.json', JSON.stringify({ gateway: 'sandbox' }));
    writeLedger(world.home, [
      outcome('b', at, '0.5', { gateway: 'sandbox' }),
      outcome('a', at, '1'),
    ]);
    const printed = async (env: Record<string, string>, ...argv: string[]) => {
      const later = fakeDeps({ env: { ALLTOKEN_HOME: world.home, ...env } });
      expect([await later.run('cost', ...argv), later.err()]).toEqual([0, '']);
      return later.out();
    };
    expect(await printed({})).toBe('0.5\n');
    expect(await printed({}, '-g', 'alltoken')).toBe('1\n');
    expect(await printed({ ALLTOKEN_GATEWAY: 'alltoken' })).toBe('1\n');
    expect(await printed({}, '--since', '2026-11', '--json')).toContain('"amount":"0.5"');
  });

  test('in another currency is no number of dollars', async () => {
    const euros = { cost: { amount: '9', currency: 'EUR', source: 'gateway' } };
    const lines = [outcome('a', at, null, euros)];
    expect((await cost(lines)).world.out()).toBe('unknown\n');
    expect((await cost(lines, ['--json'])).world.json()).toMatchObject(euros);
    const { world } = await cost(lines, [], { stdoutIsTerminal: true });
    expect(world.out()).toMatch(/^cost +9 EUR \(gateway\)$/m);
  });

  test.each([
    ['one line', ['not ours\n'], 'one line'],
    ['some lines', ['not ours\n', '{"v":1\n'], '2 lines'],
    ['one that never ends', ['\0'.repeat(3_000_000)], 'one line'],
  ])('of a ledger with nothing of ours says how much else is there: %s', async (_, lines, much) => {
    const { code, world } = await cost(lines);
    expect(code).toBe(2);
    const is = much === 'one line' ? 'is' : 'are';
    expect(world.err()).toContain(
      `alltoken: no call is in the ledger yet; ${much} in ${world.home}/ledger ${is} torn or not ours [usage code=no_calls]\n`,
    );
  });

  test.each([[[]], [['--since', '7d']]])('50 where a file is in its place: %j', async (argv) => {
    const world = fakeDeps();
    world.write('ledger', 'a file');
    expect(await world.run('cost', ...argv)).toBe(50);
    expect(world.out()).toBe('');
    expect(world.err()).toMatch(
      /alltoken: the ledger in .* cannot be read: .* \[local_io code=ENOTDIR\]\nhint: /,
    );
  });

  test('before the first call is a usage error that says how to make one', async () => {
    const { code, world } = await cost([]);
    expect(code).toBe(2);
    expect(world.out()).toBe('');
    expect(world.err()).toBe(
      'alltoken: no call is in the ledger yet [usage code=no_calls]\nhint: alltoken chat "your question"\n',
    );
    expect(await fakeDeps().run('cost')).toBe(2);
  });

  const sandbox = { gateway: 'sandbox' };
  test.each([
    [[], [intent('z', at, { ...sandbox, ...dead }), intent('a', at, dead)], ''],
    [
      ['-g', 'sandbox'],
      [intent('z', at, dead), intent('a', at, { ...sandbox, ...dead })],
      ' -g sandbox',
    ],
  ])('of a call that was killed, the only one, is unknown: %j', async (argv, lines, same) => {
    const { code, world } = await cost(lines, argv);
    expect([code, world.out()]).toEqual([0, 'unknown\n']);
    expect(world.err()).toContain(
      'warning: the last call (gpt-5.4-nano, begun 2026-11-22T11:00:00.000Z) has no outcome: it was killed',
    );
    expect(world.err()).toContain(`alltoken cost --calls --since 2026-11-22${same}\n`);
    const { world: asked } = await cost(lines, [...argv, '--json']);
    expect(costDocumentSchema.safeParse(asked.json()).success).toBe(true);
    expect(asked.json()).toMatchObject({
      kind: 'last_call',
      cost: { amount: null, source: 'unknown' },
      call: {
        call: 'a',
        model: null,
        requested_model: 'gpt-5.4-nano',
        exit: null,
        billed: 'unknown',
      },
      open_call: { call: 'a' },
    });
    const { world: shown } = await cost(lines, argv, { stdoutIsTerminal: true });
    expect(shown.out()).toMatch(/^cost +unknown$/m);
    expect(shown.out()).toMatch(/^billed +unknown$/m);
  });

  test('after a killed call is unknown, and not the cost of an older one', async () => {
    const lines = [outcome('a', at, '0.5'), intent('b', at, dead)];
    const { code, world } = await cost(lines);
    expect([code, world.out()]).toEqual([0, 'unknown\n']);
    expect(world.err()).toContain('warning: the last call (gpt-5.4-nano, begun 2026-11-22T11:00');
    expect(world.err()).toContain('it was killed, and may have been billed');
    const { world: asked } = await cost(lines, ['--json']);
    expect(costDocumentSchema.safeParse(asked.json()).success).toBe(true);
    expect(asked.json()).toMatchObject({
      cost: { amount: null, currency: 'USD', source: 'unknown' },
      call: { call: 'b', billed: 'unknown', exit: null },
      open_call: { call: 'b' },
      warnings: [expect.stringContaining('it was killed')],
    });
    expect(asked.out()).not.toMatch(/"(mark|space|pid)"/);
  });

  test('is of the killed call, and warns of a later one that runs', async () => {
    const lines = [outcome('a', at, '0.5'), intent('b', at, dead), intent('c', at)];
    const { world } = await cost(lines, ['--json']);
    expect(world.json()).toMatchObject({
      cost: { amount: null },
      call: { call: 'b' },
      open_call: { call: 'c' },
      warnings: [
        expect.stringContaining('it was killed'),
        expect.stringContaining('still running'),
      ],
    });
  });

  test('is of a call that ended after one was killed', async () => {
    const { world } = await cost([intent('a', at, dead), outcome('b', at, '0.5')]);
    expect([world.out(), world.err()]).toEqual(['0.5\n', '']);
  });

  test.each([
    ['its number is another process', { pid: 7, mark: 'old', space: 'h_b_c' }, 'unknown\n'],
    ['the machine was restarted', { pid: 7, mark: 'new', space: 'h_a_c' }, 'unknown\n'],
    ['it is this one', { pid: 7, mark: 'new', space: 'h_b_c' }, '0.5\n'],
    ['another container, lately', { pid: 9, mark: 'x', space: 'g_b_d' }, '0.5\n'],
    ['another container, long ago', { pid: 9, mark: 'x', space: 'g_b_d', at }, 'unknown\n'],
    ['an older version, no such process', { pid: 9 }, 'unknown\n'],
    ['an older version, it may run', { pid: 7 }, '0.5\n'],
  ])('decides by the process whether a call was killed: %s', async (_why, process, text) => {
    const machine = { processSpace: 'h_b_c', processes: { 7: 'new' } };
    const now = new Date(fakeDeps().deps.clock.now() - 60_000).toISOString();
    const lines = [outcome('a', at, '0.5'), intent('b', now, process)];
    expect((await cost(lines, [], machine)).world.out()).toBe(text);
  });

  test('that a process writes names the process', async () => {
    const { world } = await ask(answerWell);
    const [line] = world.ledger().filter(({ event }) => event === 'intent');
    expect(line).toMatchObject({ pid: 4711, mark: 'this', space: '' });
  });

  test('warns of a later call that still runs', async () => {
    const { code, world } = await cost([outcome('a', at, '0.5'), intent('b', at)]);
    expect([code, world.out()]).toEqual([0, '0.5\n']);
    expect(world.err()).toContain('warning: a later call (gpt-5.4-nano, begun 2026-11-22');
  });

  test('looks into an older month, and past a torn line', async () => {
    const { world } = await cost([
      outcome('a', '2026-09-02T11:00:00.000Z', '0.5'),
      intent('b', at),
      '{"v":1,"event":"outc',
    ]);
    expect(world.out()).toBe('0.5\n');
  });

  test('finds it behind more intents than fit into one step', async () => {
    const later = Array.from({ length: 1000 }, (_, i) => intent(`open-${i}`, at));
    const { world } = await cost([outcome('a', at, '0.5'), ...later]);
    expect(world.out()).toBe('0.5\n');
  });

  test('--json tells of the call', async () => {
    const tagged = { session: 'work', tags: ['ci'], pid: 1, model: 'gpt-5.4-nano-2026-03-17' };
    const { code, world } = await cost([outcome('a', at, '0.5', tagged)], ['--json']);
    expect(code).toBe(0);
    expect(world.json()).toMatchObject({
      schema: 'alltoken.cost.v1',
      ok: true,
      exit: 0,
      command: 'cost',
      kind: 'last_call',
      cost: { amount: '0.5', currency: 'USD', source: 'gateway' },
      call: {
        at,
        command: 'chat',
        gateway: 'alltoken',
        model: 'gpt-5.4-nano-2026-03-17',
        requested_model: 'gpt-5.4-nano',
        request_id: 'req-a',
        task_id: null,
        session: 'work',
        tags: ['ci'],
        usage: { prompt_tokens: 19, completion_tokens: 12, total_tokens: 31 },
        duration_ms: 800,
        first_token_ms: 300,
      },
      open_call: null,
      warnings: [],
    });
  });

  test('--json names the call that is open, and fails in JSON too', async () => {
    const { world } = await cost([outcome('a', at, '0.5'), intent('b', at)], ['--json']);
    expect(world.json()).toMatchObject({
      open_call: { call: 'b', model: 'gpt-5.4-nano' },
      warnings: [expect.stringContaining('a later call (gpt-5.4-nano, begun ')],
    });
    const none = await cost([], ['--json']);
    expect(none.world.json()).toMatchObject({ ok: false, error: { exit: 2, code: 'no_calls' } });
  });

  test('on a terminal is a table of what is known', async () => {
    const { world } = await cost([outcome('a', at, '0.0000188000', { tags: ['ci', 'x'] })], [], {
      stdoutIsTerminal: true,
    });
    expect(world.out()).toBe(
      [
        'cost         $0.0000188000 (gateway)',
        'model        gpt-5.4-nano',
        'command      chat',
        'gateway      alltoken',
        'tokens       prompt 19, completion 12, total 31',
        'when         2026-11-22T11:00:00.000Z',
        'duration     800 ms',
        'first token  300 ms',
        'request id   req-a',
        'tags         ci, x',
        '',
      ].join('\n'),
    );
  });

  test('on a terminal says of a job what it was, and whether it was billed', async () => {
    const more = { exit: 44, billed: 'no', duration_ms: 61_500, first_token_ms: null };
    const { world } = await cost([jobOutcome('j', at, null, more)], [], { stdoutIsTerminal: true });
    expect(world.out()).toMatch(/^cost +\$0 \(nothing was bought\)$/m);
    expect(world.out()).toMatch(/^model +seedance-1.5-pro$/m);
    expect(world.out()).toMatch(/^exit code +44$/m);
    expect(world.out()).toMatch(/^duration +61.5 s$/m);
    expect(world.out()).toMatch(/^task id +vgen_j$/m);
    expect(world.out()).not.toMatch(/first token|tokens|null|undefined/);
  });

  test.each([30, 40, 80])('on a terminal of %d columns no line is wider', async (columns) => {
    const terminal = { stdoutIsTerminal: true, columns, env: { NO_COLOR: '1' } };
    const { world } = await cost(
      [outcome('a', at, '0.5', { request_id: 'r'.repeat(19) })],
      [],
      terminal,
    );
    const lines = world.out().trimEnd().split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    expect(world.out()).toContain('r'.repeat(19));
    expect(world.out()).not.toContain('\u001b');
  });

  test('a ledger that cannot be read is this machine’s trouble', async () => {
    const openToRead = async () => {
      throw Object.assign(new Error('no'), { code: 'EACCES' });
    };
    const { code, world } = await cost([outcome('a', at, '1')], ['--json'], {
      files: { openToRead },
    });
    expect(code).toBe(50);
    expect(world.json()).toMatchObject({ ok: false, error: { code: 'EACCES', billed: 'no' } });
  });
});
