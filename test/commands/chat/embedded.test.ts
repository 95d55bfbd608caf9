import { describe, expect, test } from 'vitest';
import { errLines, expectNoKey } from '../../helpers/ask.ts';
import { type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';

const keys = {
  ALLTOKEN_API_KEY: 'sk-at-0000111122223333',
  TOKENHUB_API_KEY: 'th-00001111222233334444',
  ALTLLM_API_KEY: 'sk-alt-0000111122223333',
};

async function chatWith(world: FakeWorld, ...argv: string[]): Promise<number> {
  const code = await world.run('chat', ...argv);
  for (const key of Object.values(keys)) expectNoKey(world, key);
  return code;
}

describe('-g sandbox', () => {
  test('answers without a key, says what it is, and tells a made-up cost', async () => {
    const world = fakeDeps();
    expect(await world.run('chat', '-g', 'sandbox', '--json', 'Hi')).toBe(0);
    expect(world.json()).toMatchObject({ gateway: 'sandbox', cost: { source: 'gateway' } });
    expect(world.json().text).toMatch(/sandbox.*[Nn]o model is behind it/);
  });

  test('sends no key of anybody', async () => {
    const world = fakeDeps({ env: keys });
    expect(await chatWith(world, '-g', 'sandbox', '--debug', 'Hi')).toBe(0);
    expect(world.err()).not.toContain('authorization');
  });

  test('needs no key, so a fault that refuses one is answered with the way out of it', async () => {
    const world = fakeDeps({ env: { ALLTOKEN_SANDBOX_FAULT: 'bad-key' } });
    expect(await world.run('chat', '-g', 'sandbox', 'Hi')).toBe(21);
    expect(errLines(world)[1]).toBe(
      'hint: unset ALLTOKEN_SANDBOX_FAULT, which injects bad-key, then run the same command again; nothing was bought',
    );
    expect(await world.run('config', 'doctor', '-g', 'sandbox', '--live')).toBe(21);
    expect(world.err() + world.out()).not.toContain('login');
  });

  const buying = [
    ['chat', ['--no-stdin', 'Hi']],
    ['search', ['Hi']],
    ['image', ['A cat']],
    ['video', ['A boat']],
  ] as const;

  describe.each(buying)('a fault that alone refuses the call of %s', (command, argv) => {
    test.each([
      ['no-balance', 22],
      ['forbidden', 23],
      ['not-found', 24],
      ['rejected', 25],
      ['content-policy', 26],
    ])('has one way out, and no balance, key or model: %s', async (fault, exit) => {
      const world = fakeDeps({ env: { ALLTOKEN_SANDBOX_FAULT: fault } });
      expect(await world.run(command, '-g', 'sandbox', ...argv), world.err()).toBe(exit);
      expect(world.err().match(/^hint: .*$/m)?.[0]).toBe(
        `hint: unset ALLTOKEN_SANDBOX_FAULT, which injects ${fault}, then run the same command again; nothing was bought`,
      );
    });
  });

  test.each([
    [['chat', '--no-stdin', 'Hi'], 'upstream'],
    [['chat', '--no-stdin', 'Hi'], 'lost-reply'],
    [['chat', '--no-stdin', 'Hi'], 'cut-stream'],
    [['image', 'A cat'], 'task-fails'],
    [['image', 'A cat'], 'gone'],
    [['video', '--wait', '5', 'A boat'], 'never-finish'],
    [['models', '--health'], 'catalogue-down'],
    [['models'], 'no-balance'],
    [['config', 'doctor'], 'forbidden'],
    [['config', 'doctor'], 'not-found'],
  ])('the last step of %j after %s works', async ([command = '', ...argv], fault) => {
    const world = fakeDeps({ env: { ALLTOKEN_SANDBOX_FAULT: fault } });
    expect(await world.run(command, ...argv, '-g', 'sandbox'), world.err()).not.toBe(0);
    const out = new RegExp(
      `unset ALLTOKEN_SANDBOX_FAULT, which injects ${fault}, then(?: run the same command again|: alltoken config doctor -g sandbox)(?:; nothing was bought)?$`,
      'm',
    );
    expect(world.err()).toMatch(out);
  });

  test.each([
    ['does not report it', ['chat', 'Hi'], 'no-cost'],
    ['cannot report it', ['chat', '--no-stream', 'Hi'], ''],
    ['reports the usage alone', ['image', 'A cat'], ''],
  ])(
    'M11: on a new machine the cost is an estimate where the gateway %s',
    async (_what, argv, fault) => {
      const world = fakeDeps({ env: { ALLTOKEN_SANDBOX_FAULT: fault } });
      expect(await world.run(...argv, '-g', 'sandbox'), world.err()).toBe(0);
      expect(world.err()).toMatch(/ cost=\$0\.[0-9]+ \(catalog\)$/m);
    },
  );

  test('so it is where no list can be kept', async () => {
    const env = { ALLTOKEN_SANDBOX_FAULT: 'no-cost' };
    const world = fakeDeps({ env });
    world.write('cache', 'a file');
    expect(await world.run('chat', '-g', 'sandbox', 'Hi'), world.err()).toBe(0);
    expect(world.err()).toMatch(/ cost=\$0\.[0-9]+ \(catalog\)$/m);
  });

  test('a job that a tool has ordered ends with the sandbox, as that of video --async does', async () => {
    const viaTool = fakeDeps();
    const argv = ['--tool', 'submit_video', '--tools-approve', 'auto'];
    const wish = 'tool: submit_video {"prompt":"A boat"}';
    expect(await viaTool.run('chat', '-g', 'sandbox', ...argv, wish), viaTool.err()).toBe(0);
    const viaVideo = fakeDeps();
    expect(await viaVideo.run('video', '-g', 'sandbox', '--async', 'A boat')).toBe(0);
    for (const { home, err } of [viaTool, viaVideo]) {
      expect(err()).toContain('this sandbox and its tasks end with the command');
      const later = fakeDeps({ env: { ALLTOKEN_HOME: home } });
      expect(await later.run('tasks', 'resume', '--all'), later.err()).toBe(43);
      expect(later.err()).toContain('ended with its sandbox');
      expect(later.err()).toContain('order it again, on one that lasts: alltoken sandbox');
    }
  });

  test.each([
    ['video', '--duration', '999'],
    ['video', '--resolution', '4k'],
    ['image', '--size', '1x1'],
    ['image', '--quality', 'best'],
  ])('a value that it does not take leads to the flag: %s %s', async (command, flag, value) => {
    const world = fakeDeps();
    expect(await world.run(command, '-g', 'sandbox', flag, value, '--', 'x'), world.err()).toBe(25);
    expect(world.err()).toContain(`\nhint: try another value with ${flag}\n`);
  });

  test('a fault that did not refuse the call leaves the advice as it is', async () => {
    const world = fakeDeps({ env: { ALLTOKEN_SANDBOX_FAULT: 'slow,no-balance:9' } });
    expect(await world.run('chat', '-g', 'sandbox', '--max-cost', '0.0000001', 'Hi')).toBe(27);
    expect(world.err()).not.toContain('ALLTOKEN_SANDBOX_FAULT');
    const other = fakeDeps({ env: { ALLTOKEN_SANDBOX_FAULT: 'slow' } });
    expect(await other.run('image', '-g', 'sandbox', '-m', 'gpt-5.4', 'x')).toBe(24);
    expect(other.err()).toContain('hint: gpt-5.4 is a chat model: alltoken image');
    expect(other.err()).not.toContain('ALLTOKEN_SANDBOX_FAULT');
  });

  test.each([
    ['rate-limit', 30],
    ['rate-limit:2', 0],
    ['upstream', 31],
    ['gateway-timeout', 46],
    ['lost-reply', 46],
    ['content-filter', 26],
    ['cut-stream', 40],
    ['no-done', 40],
    ['stream-error', 40],
    ['bad-json', 40],
    ['empty', 41],
    ['html', 41],
    ['redirect', 41],
    ['byte-by-byte,crlf,late-cost', 0],
    ['big', 0],
  ])('shows the fault %s: %d', async (fault, exit) => {
    const world = fakeDeps({ env: { ALLTOKEN_SANDBOX_FAULT: fault } });
    expect(await world.run('chat', '-g', 'sandbox', 'Hi'), world.err()).toBe(exit);
  });

  test('refuses a fault that nobody knows', async () => {
    const world = fakeDeps({ env: { ALLTOKEN_SANDBOX_FAULT: 'rate-limt' } });
    expect(await world.run('chat', '-g', 'sandbox', 'Hi')).toBe(2);
    expect(errLines(world)[0]).toMatch(/rate-limt/);
    expect(errLines(world)[1]).toMatch(/^hint: did you mean rate-limit\?/);
    expect(world.ledger()).toEqual([]);
  });
});
