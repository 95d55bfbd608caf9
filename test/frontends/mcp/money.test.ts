import { existsSync, readFileSync } from 'node:fs';
import type { CallToolResult } from '@modelcontextprotocol/client';
import { describe, expect, test } from 'vitest';
import { type Reply, worldAt } from '../../helpers/ask.ts';
import { call, dataOf, openHost, textsOf } from '../../helpers/mcp.ts';
import { budgetFile, openShop } from '../../helpers/priced.ts';
import { goodStream, sendStream } from '../../helpers/server.ts';

/** Its bound is a little above 0.001 USD. */
const hundred = { prompt: 'Hi', model: 'gpt-5.4-mini', max_tokens: 100 };

/** Calls in line, as the file of the budget has them; -1 before there is one. */
function waitingIn(path: string): number {
  if (!existsSync(path)) return -1;
  return (JSON.parse(readFileSync(path, 'utf8')) as { waiting: unknown[] }).waiting.length;
}

const exitOf = (result: CallToolResult): unknown => dataOf(result).exit;

describe('the money of calls', () => {
  test.each([
    ['0.002', undefined, 0],
    ['0.001', undefined, 27],
    ['1', '0.001', 27],
    ['0.001', '1', 27],
    ['0.09', '0.1', 0],
  ])('--max-cost %s and max_cost %s: the smaller counts', async (flag, field, exit) => {
    const host = await openHost(['-g', 'sandbox', '--max-cost', flag]);
    // Its bound is 0.0012725 USD by the list of the sandbox.
    const input = { prompt: 'Hi', model: 'gpt-5.4', max_tokens: 60 };
    const limit = field === undefined ? {} : { max_cost: field };
    const result = await call(host, 'alltoken_chat', { ...input, ...limit });
    expect(exitOf(result), JSON.stringify(result)).toBe(exit);
  });

  test.each([
    [['--max-cost', '1'], {}, 'The user can set a budget per day instead'],
    [['--max-cost', '1'], { max_cost: '0.5' }, 'The limit is one of the user'],
    [[], { max_cost: '1' }, 'If they agree, call again without max_cost'],
  ])(
    '%j %j: a picture has no price, and the host is told the way out',
    async (flags, field, way) => {
      const host = await openHost(['-g', 'sandbox', ...flags]);
      const result = await call(host, 'alltoken_image', { prompt: 'A boat', ...field });
      const [text = ''] = textsOf(result);
      expect(text).toMatch(/^budget \(exit 27\): .*\nNothing was bought\.\n/);
      expect(text).toContain('is not known');
      expect(text).toContain(way);
      expect(text).toContain('alltoken config set budget.day 5');
      expect(text).not.toContain('limit of theirs is reached');
      expect(text).not.toContain('--max-cost\n');
      // Of a limit of the server, a call without one of its own is refused as well.
      expect(textsOf(result).join('\n').includes('call again without max_cost')).toBe(
        flags.length === 0,
      );
    },
  );

  test('a dry run shows the request and sends nothing, by field or for the whole server', async () => {
    for (const [flags, input] of [
      [[], { dry_run: true }],
      [['--dry-run'], {}],
    ] as const) {
      const host = await openHost(['-g', 'sandbox', ...flags]);
      const result = await call(host, 'alltoken_video_submit', { prompt: 'A boat', ...input });
      expect(dataOf(result)).toMatchObject({ ok: true, dry_run: true, verdict: { fits: true } });
      expect(host.world.ledger()).toEqual([]);
    }
  });

  test('calls that run side by side never overshoot the budget of the day', async () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slowly: Reply = async (response) => {
      await released;
      sendStream(response, goodStream('Hello', '0.001'));
    };
    const shop = await openShop(slowly);
    const home = { 'config.json': { budget: { day: '0.0035' } } };
    const host = await openHost([], { world: worldAt(shop.server, { home }) });
    const calls = Array.from({ length: 12 }, async () =>
      exitOf(await call(host, 'alltoken_chat', hundred)),
    );
    // They wait for the three that run.
    const inLine = (): number => waitingIn(budgetFile(host.world));
    await expect.poll(inLine, { timeout: 20_000 }).toBe(9);
    release();
    const exits = await Promise.all(calls);
    expect(exits.filter((exit) => exit === 0)).toHaveLength(3);
    expect(exits.filter((exit) => exit === 27)).toHaveLength(9);
    expect(shop.chats()).toHaveLength(3);
  });
});
