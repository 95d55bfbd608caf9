import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { clock } from '../../src/edge/clock.ts';
import { type Decimal, formatDecimal, parseDecimal, plus, zero } from '../../src/money/decimal.ts';
import { parseFault, startSandbox } from '../../src/sandbox/start.ts';
import { compileCache, root, start, temporaryFolder } from '../helpers/executable.ts';
import { pause } from '../helpers/server.ts';
import { isTurnOf, isWhole } from '../helpers/share.ts';

/**
 * The sandbox sells gpt-5.4-pro for 30 and 180 USD a million tokens, and its fault `big` fills any limit: a call of 1,000
 * tokens is bound to 0.1847 USD and costs 0.18003. So many fit below the cap whatever is settled already, one more never does.
 */
const [cap, fit, calls, cost] = isWhole ? ['1.15', 6, 9, '1.08018'] : ['0.6', 3, 5, '0.54009'];
const call = ['-g', 'sandbox', '-m', 'gpt-5.4-pro', '--max-tokens', '1000', '--no-save'];

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

interface ShopOptions {
  faults?: readonly string[];
  /** No answer goes on before so many calls have been sent, or wait for those: all of them run side by side. */
  together?: number;
}

/** A sandbox that serves, and a home with this budget. */
async function openShop(
  budget: object,
  { faults = ['big'], together = 0 }: ShopOptions = {},
): Promise<Shop> {
  await waitOutMidnight();
  const home = temporaryFolder();
  writeFileSync(join(home, 'config.json'), JSON.stringify({ budget }));
  let sent = 0;
  let isOpen = false;
  const { baseUrl, close } = await startSandbox({
    port: 0,
    faults: faults.map(parseFault),
    onBody: (body) => {
      if (body.length > 0) sent += 1;
    },
    clock: {
      ...clock,
      async sleep(ms, signal) {
        while (!isOpen) {
          isOpen = sent + waitingIn(home) >= together;
          await clock.sleep(isOpen ? 0 : 20, signal);
        }
        await clock.sleep(ms, signal);
      },
    },
  });
  onTestFinished(close);
  return {
    home,
    baseUrl,
    async close() {
      await close();
      return sent;
    },
  };
}

/** Calls that stand in line for money. */
function waitingIn(home: string): number {
  const path = join(home, 'budget', 'sandbox.json');
  if (!existsSync(path)) return 0;
  return (JSON.parse(readFileSync(path, 'utf8')) as { waiting: unknown[] }).waiting.length;
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
  const budgets: [string, object, Buying, string][] = [
    [
      'of the month for a tag',
      { tags: { ci: { month: cap } } },
      { env: { ALLTOKEN_TAG: 'ci' } },
      'budget_month',
    ],
    ['of the day', { day: cap }, {}, 'budget_day'],
    // In its container each is process 1.
    ['of the day, in containers,', { day: cap }, { within: container ?? [] }, 'budget_day'],
  ];
  test.each(budgets.filter((_, index) => isTurnOf(index, budgets.length)))(
    '%s sends the calls that fit, and no other',
    async (_what, budget, buying, code) => {
      const shop = await openShop(budget, { together: calls });
      const { codes, stderr } = await buyAll(shop, buying);
      expect(codes, stderr).toEqual(bought(fit));
      expect(stderr.split(`[budget code=${code}]`)).toHaveLength(1 + calls - fit);
      expect(await shop.close()).toBe(fit);
      expect(formatDecimal(spentIn(shop.home))).toBe(cost);
      expect(readdirSync(join(shop.home, 'budget'))).toEqual(['sandbox.json']);
    },
  );

  test.runIf(container && isTurnOf(0, 3))(
    'tells one container from another, and both from none',
    async () => {
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
      for (const column of [0, 1])
        expect(new Set(spaces.map((words) => words[column])).size).toBe(1);
      expect(new Set(spaces.map((words) => words[2])).size).toBe(3);
      expect(await close()).toBe(0);
    },
  );

  test.runIf(isTurnOf(1, 3))(
    'counts a call that was killed in the middle as if it had been bought',
    async () => {
      const shop = await openShop({ day: cap });
      const victim = start(['chat', ...call, 'Hi'], {
        home: shop.home,
        env: { ALLTOKEN_SANDBOX_FAULT: 'big,stall' },
      });
      await victim.shows('This is');
      victim.child.kill('SIGKILL');
      await victim.done;
      const { codes, stderr } = await buyAll(shop);
      expect(codes, stderr).toEqual(bought(fit - 1));
      expect(await shop.close()).toBe(fit - 1);
    },
  );
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

    test('of two groups of processes all that fit are served, and the rest say why they are not', async () => {
      const shop = await openShop({ day: tight }, { faults: [] });
      const size = isWhole ? 9 : 4;
      const groups = await Promise.all([1, 2].map(() => buyAll(shop, { argv, count: size })));
      const codes = groups.flatMap((group) => group.codes).sort();
      const stderr = groups.map((group) => group.stderr).join('');
      expect(codes, stderr).toEqual([...Array(6).fill(0), ...Array(2 * size - 6).fill(27)]);
      expect(
        stderr.match(/with \$[\d.]+ spent today that is more than budget\.day 0\.0615/g),
      ).toHaveLength(2 * size - 6);
      expect(await shop.close()).toBe(6);
      expect(formatDecimal(spentIn(shop.home))).toBe('0.0369');
    });

    test.runIf(isTurnOf(2, 3))(
      'with one killed in the middle, whose bound is held until it is released',
      async () => {
        const shop = await openShop({ day: tight }, { faults: [] });
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
        expect(overview.unsettled).toMatchObject([
          { amount: expect.stringMatching(/^0\.0262\d*$/) },
        ]);
        await budget('release', overview.unsettled[0]?.call ?? '');
        expect((await buyAll(shop, { argv, count: 5 })).codes).toEqual([0, 0, 0, 0, 27]);
        expect(await shop.close()).toBe(6);
      },
    );

    test('M11: one that waits says so once, and ends with 30 when nothing ends', async () => {
      const { home, baseUrl, close } = await openShop({ day: '0.03' }, { faults: [] });
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
