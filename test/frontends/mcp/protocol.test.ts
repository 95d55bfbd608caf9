import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tools } from '../../../src/frontends/mcp/tools.ts';
import { stream } from '../../helpers/ask.ts';
import { call, dataOf, openHost, openHostAt, textsOf } from '../../helpers/mcp.ts';
import { goodStream } from '../../helpers/server.ts';

describe('the protocol', () => {
  test.each([
    ['2025', 'legacy', '2025-11-25'],
    ['2026', 'auto', '2026-07-28'],
  ] as const)('of %s is spoken', async (_year, mode, version) => {
    const host = await openHost(['-g', 'sandbox'], { client: { versionNegotiation: { mode } } });
    expect(host.client.getNegotiatedProtocolVersion()).toBe(version);
    expect((await host.client.listTools()).tools).toHaveLength(tools.length);
    const told: unknown[] = [];
    const result = await host.client.callTool(
      { name: 'alltoken_chat', arguments: { prompt: 'Hello' } },
      { onprogress: (one) => told.push(one) },
    );
    expect(result.structuredContent).toMatchObject({ ok: true });
    expect(told.length).toBeGreaterThan(0);
  });

  test('is all that is on stdout, and a good server is silent on stderr', async () => {
    const host = await openHost(['-g', 'sandbox']);
    await call(host, 'alltoken_chat', { prompt: 'Hello' });
    await call(host, 'alltoken_chat', { prompt: 'Hello', model: 'nothing-9' });
    await call(host, 'alltoken_models');
    host.hangUp();
    expect(await host.ended).toBe(0);
    for (const line of host.lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
    expect(host.world.out()).toBe('');
    expect(host.world.err()).toBe('');
  });

  test('survives lines that are none of it', async () => {
    const host = await openHost(['-g', 'sandbox'], { noise: ['hello\n', '{"a":\n', '[]\n', '\n'] });
    expect((await host.client.listTools()).tools).toHaveLength(tools.length);
  });

  test.each([
    [[], 1],
    [['-q'], 0],
  ])('on a terminal a note says who starts it: %j', async (flags, notes) => {
    const host = await openHost(['-g', 'sandbox', ...flags], { stdinIsTerminal: true });
    expect(host.world.err().split('"mcpServers"')).toHaveLength(notes + 1);
    expect((await host.client.listTools()).tools).toHaveLength(tools.length);
  });
});

describe('a long answer', () => {
  /** The 20,000th character is the first half of a face. */
  const whole = `Well${'Ünïcode 😀 '.repeat(3000)}the end`;

  test('is saved whole, and returned in part', async () => {
    const host = await openHostAt(stream(goodStream(whole)), ['-o', 'out']);
    const data = dataOf(await call(host, 'alltoken_chat', { prompt: 'Long' }));
    const path = String(data.text_file);
    expect(path).toMatch(/alltoken-answer-[0-9a-f]{8}\.txt$/);
    expect(path.startsWith(join(host.world.home, 'out'))).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe(whole);
    expect(data.text_characters).toBe(whole.length);
    expect(whole.startsWith(String(data.text))).toBe(true);
    expect(String(data.text).length).toBe(19_999);
  });

  test('is returned whole where it cannot be saved', async () => {
    const openToWrite = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOSPC' }));
    const host = await openHostAt(stream(goodStream(whole)), [], { files: { openToWrite } });
    const result = await call(host, 'alltoken_chat', { prompt: 'Long' });
    expect(dataOf(result).text).toBe(whole);
    expect(textsOf(result)[0]).not.toContain('text_file');
  });
});
