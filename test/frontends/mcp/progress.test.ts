import { describe, expect, test } from 'vitest';
import { startProgress } from '../../../src/frontends/mcp/progress.ts';
import { openHost } from '../../helpers/mcp.ts';

interface Told {
  progress: number;
  message?: string | undefined;
}

describe('progress', () => {
  test('is told to a host that asks: growing numbers, and what happens', async () => {
    const { client } = await openHost(['-g', 'sandbox']);
    const told: Told[] = [];
    await client.callTool(
      { name: 'alltoken_image', arguments: { prompt: 'A boat', size: '256x256' } },
      { onprogress: (one) => told.push(one) },
    );
    expect(told.length).toBeGreaterThan(0);
    expect(told.map(({ progress }) => progress)).toEqual(told.map((_, index) => index + 1));
    expect(told[0]?.message).toMatch(/igen_/);
  });

  test('is told to no other', async () => {
    const { client, lines } = await openHost(['-g', 'sandbox']);
    await client.callTool({ name: 'alltoken_chat', arguments: { prompt: 'Hello' } });
    expect(lines.filter((line) => line.includes('notifications/'))).toEqual([]);
  });

  test('comes once a second at most, and counts the answer', () => {
    let now = 0;
    const told: string[] = [];
    const clock = {
      now: () => now,
      monotonic: () => now,
      sinceBoot: () => null,
      sleep: async () => {},
      after: () => () => {},
    };
    const progress = startProgress((_, message) => told.push(message), { clock });
    for (let at = 0; at < 2500; at += 100) {
      now = at;
      progress.onEvent({ type: 'delta', text: 'x'.repeat(100) });
    }
    progress.end();
    expect(told).toEqual([
      '100 characters so far',
      '1,100 characters so far',
      '2,100 characters so far',
    ]);
  });
});
