import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Decimal, formatDecimal, parseDecimal, plus, zero } from '../../src/money/decimal.ts';
import { compileCache, root, start, temporaryFolder } from '../helpers/executable.ts';
import { pause } from '../helpers/server.ts';

/**
 * The sandbox sells gpt-5.4-pro for 30 and 180 USD a million tokens, and its fault `big` fills any limit: a call of 1,000
 * tokens is bound to 0.1847 USD and costs 0.18003. Six fit below this whatever is settled already, seven never do.
 */
const cap = '1.15';
const call = ['-g', 'sandbox', '-m', 'gpt-5.4-pro', '--max-tokens', '1000', '--no-save'];
const calls = 9;

const hasXargs = spawnSync('xargs', ['--version']).error === undefined;

/** Starts a program as process 1 of a container of its own; null where this user cannot. */
const container = [['-pf'], ['-Urpf']]
  .map((flags) => ['unshare', ...flags, '--mount-proc', '--kill-child'])
  .find(([program = '', ...argv]) => spawnSync(program, [...argv, 'true']).status === 0);

interface Shop {
  home: string;
  baseUrl: string;
  /** Ends the server; resolves to how many chat requests it had. */
  close(): Promise<number>;
}

/** Nothing here takes as long as this: a new day would have money again. */
const longEnough = 25_000;

async function waitOutMidnight(): Promise<void> {
  const left = 86_400_000 - (Date.now() % 86_400_000);
  if (left < longEnough) await pause(left + 100);
}

/** A sandbox that serves, and a home with this budget. */
async function openShop(budget: object, faults = ['--fault', 'big']): Promise<Shop> {
  await waitOutMidnight();
  const home = temporaryFolder();
  writeFileSync(join(home, 'config.json'), JSON.stringify({ budget }));
  const server = start(['sandbox', '--port', '0', ...faults]);
  await server.shows('/v1\n');
  const baseUrl = server.printed().trim();
  return {
    home,
    baseUrl,
    async close() {
      server.child.kill('SIGTERM');
      const { stderr } = await server.done;
      return stderr.split('\n').filter((line) => line.startsWith('POST /v1/chat/completions'))
        .length;
    },
  };
}

interface Buying {
  env?: Record<string, string>;
  /** Starts each call. */
  within?: readonly string[];
  /** How many calls, and what each is. */
  count?: number;
  argv?: readonly string[];
}

/** As many calls as there are, 16 at a time; resolves to their exit codes, sorted. */
async function buyAll(
  { home, baseUrl }: Shop,
  { env = {}, within = [], count = calls, argv = call }: Buying = {},
) {
  const ends = join(temporaryFolder(), 'ends');
  mkdirSync(ends);
  const alltoken = [...within, process.execPath, join(root, 'bin/alltoken.js'), 'chat', ...argv];
  const script = `"$@" >/dev/null 2>"${ends}/$$"; echo $? >>"${ends}/codes"`;
  const sh = ['sh', '-c', script, 'sh', ...alltoken, '--base-url', baseUrl];
  const xargs = spawn('xargs', ['-P', '16', '-n', '1', ...sh], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: home,
      ALLTOKEN_HOME: home,
      ALLTOKEN_COMPILE_CACHE: compileCache,
      ...env,
    },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  xargs.stdin.end(Array.from({ length: count }, (_, index) => `Hi${10 + index}`).join('\n'));
  await new Promise((resolve) => xargs.on('close', resolve));
  const read = (name: string): string => readFileSync(join(ends, name), 'utf8');
  const codes = read('codes').trim().split('\n').map(Number).sort();
  const errors = readdirSync(ends).filter((name) => name !== 'codes');
  return { codes, stderr: errors.map(read).join('') };
}

function bought(count: number): number[] {
  return Array.from({ length: calls }, (_, index) => (index < count ? 0 : 27));
}

/** Of all outcomes in the ledger. */
function spentIn(home: string): Decimal {
  const directory = join(home, 'ledger');
  const lines = readdirSync(directory).flatMap((name) =>
    readFileSync(join(directory, name), 'utf8').split('\n').filter(Boolean),
  );
  return lines
    .map((line) => JSON.parse(line) as { event: string; cost?: { amount: string | null } })
    .filter(({ event }) => event === 'outcome')
    .map(({ cost }) => parseDecimal(cost?.amount ?? '') ?? zero)
    .reduce(plus, zero);
}

describe.runIf(hasXargs)('xargs -P 16 under a budget', { timeout: 2 * longEnough }, () => {
  test.each([
    ['of the day', { day: cap }, {}, 'budget_day'],
    [
      'of the month for a tag',
      { tags: { ci: { month: cap } } },
      { ALLTOKEN_TAG: 'ci' },
      'budget_month',
    ],
  ])('%s sends the calls that fit, and no other', async (_what, budget, env, code) => {
    const shop = await openShop(budget);
    const { codes, stderr } = await buyAll(shop, { env });
    expect(codes, stderr).toEqual(bought(6));
    expect(stderr.split(`[budget code=${code}]`)).toHaveLength(1 + calls - 6);
    expect(await shop.close()).toBe(6);
    expect(formatDecimal(spentIn(shop.home))).toBe('1.08018');
  });

  test.runIf(container)('holds in containers too, where each is process 1', async () => {
    const shop = await openShop({ day: cap });
    const { codes, stderr } = await buyAll(shop, { within: container ?? [] });
    expect(codes, stderr).toEqual(bought(6));
    expect(await shop.close()).toBe(6);
    expect(formatDecimal(spentIn(shop.home))).toBe('1.08018');
    expect(readdirSync(join(shop.home, 'budget'))).toEqual(['sandbox.json']);
  });

  test.runIf(container)('tells one container from another, and both from none', async () => {
    const { home, close } = await openShop({ day: cap });
    const env = { ALLTOKEN_SANDBOX_FAULT: 'big,stall' };
    for (const within of [[], container, container]) {
      const victim = start(['chat', ...call, 'Hi'], { home, env, within: within ?? [] });
      await victim.shows('This is');
    }
    const text = readFileSync(join(home, 'budget', 'sandbox.json'), 'utf8');
    const { reservations } = JSON.parse(text) as { reservations: { space: string }[] };
    const spaces = reservations.map(({ space }) => space.split('_'));
    expect(spaces).toHaveLength(3);
    for (const column of [0, 1]) expect(new Set(spaces.map((words) => words[column])).size).toBe(1);
    expect(new Set(spaces.map((words) => words[2])).size).toBe(3);
    expect(await close()).toBe(0);
  });

  test('counts a call that was killed in the middle as if it had been bought', async () => {
    const shop = await openShop({ day: cap });
    const victim = start(['chat', ...call, 'Hi'], {
      home: shop.home,
      env: { ALLTOKEN_SANDBOX_FAULT: 'big,stall' },
    });
    await victim.shows('This is');
    victim.child.kill('SIGKILL');
    await victim.done;
    const { codes, stderr } = await buyAll(shop);
    expect(codes, stderr).toEqual(bought(5));
    expect(await shop.close()).toBe(5);
  });
});

/**
 * Each is bound to 0.0262 USD and costs 0.00615, of which the cap pays for ten. The next one fits while what is spent
 * and its bound are at most the cap: six do, whatever runs beside them.
 */
describe.runIf(hasXargs)(
  'calls that cost a quarter of their bound',
  { timeout: 2 * longEnough },
  () => {
    const tight = '0.0615';
    const argv = ['-g', 'sandbox', '-m', 'gpt-5.4-pro', '--max-tokens', '120', '--no-save'];

    test('all that fit are served, and the rest say why they are not', async () => {
      const shop = await openShop({ day: tight }, []);
      const { codes, stderr } = await buyAll(shop, { argv });
      expect(codes, stderr).toEqual([...Array(6).fill(0), ...Array(calls - 6).fill(27)]);
      expect(
        stderr.match(/with \$[\d.]+ spent today that is more than budget\.day 0\.0615/g),
      ).toHaveLength(calls - 6);
      expect(await shop.close()).toBe(6);
      expect(formatDecimal(spentIn(shop.home))).toBe('0.0369');
    });

    test('also of two groups of processes that share a home', async () => {
      const shop = await openShop({ day: tight }, []);
      const groups = await Promise.all([5, 5].map((count) => buyAll(shop, { argv, count })));
      const codes = groups.flatMap((group) => group.codes).sort();
      expect(codes, groups.map(({ stderr }) => stderr).join('')).toEqual([
        ...Array(6).fill(0),
        ...Array(4).fill(27),
      ]);
      expect(await shop.close()).toBe(6);
    });

    test('with one killed in the middle, whose bound is held until it is released', async () => {
      const shop = await openShop({ day: tight }, []);
      const env = { ALLTOKEN_SANDBOX_FAULT: 'stall' };
      const victim = start(['chat', ...argv, 'Hi10'], { home: shop.home, env });
      await victim.shows('This is');
      const buying = buyAll(shop, { argv });
      // Two fit beside it; then all wait for it, and it never ends.
      await expect
        .poll(() => Number(formatDecimal(spentIn(shop.home))), { timeout: longEnough })
        .toBe(0.0123);
      victim.child.kill('SIGKILL');
      const { codes, stderr } = await buying;
      expect(codes, stderr).toEqual([...Array(2).fill(0), ...Array(calls - 2).fill(27)]);
      expect(stderr).toContain('held for calls without an outcome');
      const budget = async (...words: string[]): Promise<string> => {
        const { stdout } = await start(['budget', ...words], { home: shop.home }).done;
        return stdout;
      };
      const overview = JSON.parse(await budget('-g', 'sandbox', '--json')) as {
        unsettled: { call: string; amount: string }[];
      };
      expect(overview.unsettled).toMatchObject([{ amount: expect.stringMatching(/^0\.0262\d*$/) }]);
      await budget('release', overview.unsettled[0]?.call ?? '');
      expect((await buyAll(shop, { argv, count: 6 })).codes).toEqual([0, 0, 0, 0, 27, 27]);
      expect(await shop.close()).toBe(6);
    });

    test('M11: one that waits says so once, and ends with 30 when nothing ends', async () => {
      const { home, baseUrl, close } = await openShop({ day: '0.03' }, []);
      const env = { ALLTOKEN_SANDBOX_FAULT: 'stall' };
      const running = start(['chat', ...argv, 'Hi10'], { home, env });
      await running.shows('This is');
      const words = ['chat', ...argv, '--base-url', baseUrl, '--hold', '0.3', 'Hi11'];
      const { code, stderr } = await start(words, { home }).done;
      expect(code, stderr).toBe(30);
      expect(stderr.match(/waiting for calls that run now/g)).toHaveLength(1);
      expect(stderr).toContain('[rate_limited code=budget_reserved]');
      expect(stderr).toMatch(/^hint: .*--hold/m);
      const patient = start(['chat', ...argv, '--base-url', baseUrl, 'Hi11'], { home });
      await patient.shows('waiting for calls');
      patient.child.kill('SIGINT');
      expect((await patient.done).signal).toBe('SIGINT');
      expect(await close()).toBe(0);
    });
  },
);
