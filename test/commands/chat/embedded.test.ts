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
    expect(errLines(world)[1]).toMatch(
      /^hint: unset ALLTOKEN_SANDBOX_FAULT, .* run the same command/,
    );
    expect(await world.run('config', 'doctor', '-g', 'sandbox', '--live')).toBe(21);
    expect(world.err() + world.out()).not.toContain('login');
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
