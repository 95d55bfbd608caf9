import { describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../../../src/sandbox/start.ts';
import { deadBaseUrl, errLines, expectNoKey, filesBelow } from '../../../helpers/ask.ts';
import { checks, doctor, doctorKey as key } from '../../../helpers/doctor.ts';
import { fakeClock } from '../../../helpers/fake-clock.ts';
import { fakeDeps } from '../../../helpers/fake-deps.ts';

async function sandboxUrl(): Promise<string> {
  const sandbox = await startSandbox({ port: 0, faults: [], clock: fakeClock() });
  onTestFinished(() => sandbox.close());
  return sandbox.baseUrl;
}

describe('config doctor', () => {
  test('finds everything well', async () => {
    const argv = ['--base-url', await sandboxUrl()];
    const { code, world } = await doctor(argv, { env: { ALLTOKEN_API_KEY: key } });
    expect(code).toBe(0);
    const rows = world
      .out()
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(rows.map(([result, name]) => [result, name])).toEqual([
      ['ok', 'versions'],
      ['ok', 'config'],
      ['ok', 'permissions'],
      ['ok', 'gateway'],
      ['ok', 'proxy'],
      ['ok', 'state'],
      ['ok', 'key'],
      ['ok', 'models'],
      ['ok', 'clock'],
    ]);
    expect(world.out()).toContain('from ALLTOKEN_API_KEY');
    expect(world.out()).toMatch(/models\t32 models, 29 with prices/);
    expect(world.err()).toBe('');
  });

  test('tells the same as JSON', async () => {
    const argv = ['--json', '--base-url', await sandboxUrl()];
    const { code, world } = await doctor(argv, { env: { ALLTOKEN_API_KEY: key } });
    expect(code).toBe(0);
    expect(world.json()).toMatchObject({ ok: true, exit: 0, command: 'config doctor' });
    expect(checks(world).every(({ ok, warning }) => ok && !warning)).toBe(true);
  });

  test('keeps the model list, for this base URL only, in a file that nobody else may read', async () => {
    const baseUrl = await sandboxUrl();
    const { world } = await doctor(['--base-url', baseUrl], { env: { ALLTOKEN_API_KEY: key } });
    const cached = JSON.parse(filesBelow(world.home)['cache/models-alltoken.json'] ?? '') as Record<
      string,
      unknown
    >;
    expect(cached).toMatchObject({ base_url: baseUrl });
    expect(cached.models).toContainEqual(
      expect.objectContaining({ id: 'gpt-5.4-nano', kind: 'chat', input: '0.2', output: '1.25' }),
    );
  });

  test('makes no paid request, and writes no line into the ledger', async () => {
    const argv = ['--base-url', await sandboxUrl()];
    const { world } = await doctor(argv, { env: { ALLTOKEN_API_KEY: key } });
    expect(world.ledger()).toEqual([]);
  });

  test('20: no key', async () => {
    const { code, world } = await doctor(['--json', '--base-url', await sandboxUrl()]);
    expect(code).toBe(20);
    expect(world.json()).toMatchObject({
      ok: false,
      exit: 20,
      error: { exit: 20, code: 'missing_key' },
    });
    expect(checks(world).at(-1)).toMatchObject({ name: 'key', ok: false });
    expect(errLines(world)[1]).toContain('export ALLTOKEN_API_KEY=KEY');
  });

  test('21: a wrong key', async () => {
    const wrong = 'sk-at-invalid';
    const gateways = {
      mine: { kind: 'alltoken', base_url: await sandboxUrl(), api_key_env: 'MINE' },
    };
    const world = fakeDeps({ env: { MINE: wrong }, now: Date.now });
    world.write('config.json', JSON.stringify({ gateways }));
    expect(await world.run('config', 'doctor', '-g', 'mine', '--json')).toBe(21);
    expectNoKey(world, wrong);
    expect(world.json()).toMatchObject({
      error: {
        exit: 21,
        name: 'auth',
        code: 'invalid_api_key',
        status: 401,
        billed: 'no',
        hint: expect.stringContaining('MINE'),
      },
    });
    expect(checks(world).find(({ ok }) => !ok)).toMatchObject({ name: 'models' });
  });

  test('32: nobody there, after three tries', async () => {
    const argv = ['--json', '--base-url', await deadBaseUrl()];
    const { code, world } = await doctor(argv, { env: { ALLTOKEN_API_KEY: key } });
    expect(code).toBe(32);
    expect(world.json().error).toMatchObject({
      name: 'network',
      code: 'ECONNREFUSED',
      retryable: true,
    });
    expect(world.sleeps).toHaveLength(2);
  });

  test('2: a gateway that nobody knows, named as such', async () => {
    const { code, world } = await doctor(['-g', 'nope', '--json']);
    expect(code).toBe(2);
    expect(checks(world).find(({ ok }) => !ok)).toMatchObject({ name: 'gateway' });
  });

  test('leaves nothing behind but the model list', async () => {
    const { code, world } = await doctor(['-g', 'sandbox']);
    expect(code).toBe(0);
    expect(Object.keys(filesBelow(world.home))).toEqual(['cache/models-sandbox.json']);
  });

  test('asks the sandbox without a key', async () => {
    const { code, world } = await doctor(['-g', 'sandbox', '--json']);
    expect(code).toBe(0);
    expect(checks(world).find(({ name }) => name === 'key')?.detail).toBe('none needed');
  });

  test.each([
    [80, '✓ key          none needed'],
    [40, '✓ key\n    none needed'],
  ])('is a line a check on a terminal of %i columns', async (columns, line) => {
    const { world } = await doctor(['-g', 'sandbox'], { stdoutIsTerminal: true, columns });
    expect(world.out()).toContain(`${line}\n`);
    const prose = world
      .out()
      .split('\n')
      .filter((one) => !one.includes('/'));
    expect(prose.filter((one) => one.length > columns)).toEqual([]);
  });

  test('goes on below the beginning of what was found, in ASCII where the terminal is dumb', async () => {
    const dumb = { stdoutIsTerminal: true, columns: 60, env: { TERM: 'dumb' } };
    const { world } = await doctor(['-g', 'alltoken'], dumb);
    expect(world.out()).toMatch(/^x key {10}no key for AllToken:.*\n {15}\S/m);
    expect(world.out()).toMatch(/^\+ config /m);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what it looks for
    expect(world.out()).toMatch(/^[\u0000-\u007f]*$/);
  });
});
