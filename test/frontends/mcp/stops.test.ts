import { describe, expect, test } from 'vitest';
import { asObject } from '../../../src/base/json.ts';
import { run } from '../../../src/cli/program.ts';
import { stalledStream } from '../../helpers/ask.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { call, dataOf, type Host, openHost, openHostAt, textsOf } from '../../helpers/mcp.ts';
import { chunk } from '../../helpers/server.ts';

const silent = (): void => {};

function outcomes({ world }: Host): Record<string, unknown>[] {
  return world.ledger().filter((line) => 'exit' in line);
}

describe('a call that is cancelled', () => {
  test('ends in the middle of its answer, is in the books, and the server goes on', async () => {
    const env = { ALLTOKEN_SANDBOX_FAULT: 'stall:1' };
    const host = await openHost(['-g', 'sandbox'], { env });
    const stop = new AbortController();
    const started = host.client.callTool(
      { name: 'alltoken_chat', arguments: { prompt: 'Hello' } },
      { signal: stop.signal, onprogress: () => stop.abort(new Error('no longer wanted')) },
    );
    await expect(started).rejects.toThrow('no longer wanted');
    await expect.poll(() => outcomes(host)).toMatchObject([{ exit: 130 }]);
    const next = await call(host, 'alltoken_chat', { prompt: 'Again' });
    expect(dataOf(next)).toMatchObject({ ok: true });
    expect(host.lines.filter((line) => line.includes('"exit":130'))).toEqual([]);
  });

  test('leaves the others alone', async () => {
    const env = { ALLTOKEN_SANDBOX_FAULT: 'slow' };
    const host = await openHost(['-g', 'sandbox'], { env });
    const stop = new AbortController();
    const first = host.client.callTool(
      { name: 'alltoken_chat', arguments: { prompt: 'One' } },
      { signal: stop.signal, onprogress: () => stop.abort(new Error('no longer wanted')) },
    );
    const second = call(host, 'alltoken_chat', { prompt: 'Two', max_tokens: 10 });
    await expect(first).rejects.toThrow('no longer wanted');
    expect(dataOf(await second)).toMatchObject({ ok: true });
  });
});

describe('the end of a server', () => {
  test('comes when what was read before the end of its input is answered', async () => {
    const asked = (id: number, method: string, params: object = {}) =>
      JSON.stringify({ jsonrpc: '2.0', id, method, params });
    const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: {} };
    const text = [
      asked(1, 'initialize', { ...hello, clientInfo: { name: 'x', version: '1' } }),
      JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }),
      asked(2, 'tools/list'),
      asked(3, 'tools/call', { name: 'alltoken_chat', arguments: { prompt: 'Hello' } }),
      asked(4, 'tools/call', { name: 'alltoken_cost', arguments: {} }),
    ].join('\n');
    const piped = fakeDeps({ stdin: text });
    expect(await piped.run('mcp', '-g', 'sandbox')).toBe(0);
    const answers = piped
      .out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: number; error?: unknown });
    expect(answers.map(({ id }) => id).sort()).toEqual([1, 2, 3, 4]);
    expect(answers.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(piped.out()).toContain('You asked for gpt-5.4-mini');
  });

  test('waits for no answer to a call that was taken back', async () => {
    const env = { ALLTOKEN_SANDBOX_FAULT: 'stall' };
    const host = await openHost(['-g', 'sandbox'], { env });
    const stop = new AbortController();
    const started = host.client.callTool(
      { name: 'alltoken_chat', arguments: { prompt: 'Hello' } },
      { signal: stop.signal, onprogress: () => stop.abort(new Error('no longer wanted')) },
    );
    await expect(started).rejects.toThrow('no longer wanted');
    host.hangUp();
    expect(await host.ended).toBe(0);
  });

  test('comes with a signal after the end of its input: running calls stop, paid jobs stay in the journal', async () => {
    const env = { ALLTOKEN_SANDBOX_FAULT: 'never-finish' };
    const host = await openHost(['-g', 'sandbox'], { env });
    let told = (): void => {};
    const ordered = new Promise<void>((resolve) => {
      told = resolve;
    });
    const running = host.client.callTool(
      { name: 'alltoken_image', arguments: { prompt: 'A boat' } },
      { onprogress: ({ message }) => message?.includes('igen_') && told() },
    );
    running.catch(() => {});
    await ordered;
    host.hangUp();
    host.world.signal('SIGTERM');
    expect(await host.ended).toBe(143);
    expect(outcomes(host)).toMatchObject([{ billed: 'unknown' }]);
    await host.world.run('tasks', 'list', '--local', '--json');
    expect(host.world.json().tasks).toMatchObject([
      { kind: 'image', state: 'submitted', task_id: expect.stringMatching(/^igen_/) },
    ]);
  });

  test('waits for the books of an order on its way', async () => {
    const host = await openHostAt(silent, ['--call-timeout', '5']);
    call(host, 'alltoken_image', { prompt: 'A boat' }).catch(() => {});
    await expect.poll(() => host.server.requests.length).toBe(1);
    host.hangUp();
    expect(await host.ended).toBe(0);
    expect(outcomes(host)).toMatchObject([{ exit: 46, billed: 'unknown' }]);
  });

  test('comes with a signal, by its code', async () => {
    const host = await openHost(['-g', 'sandbox']);
    host.world.signal('SIGTERM');
    expect(await host.ended).toBe(143);
    expect(host.world.err()).toContain('stopped by SIGTERM');
  });

  test('comes when nobody reads its output', async () => {
    const world = fakeDeps();
    const initialize = `{"jsonrpc":"2.0","id":1,"method":"ping"}\n`;
    const code = await run(['mcp', '-g', 'sandbox'], {
      ...world.deps,
      stdin: {
        isTerminal: false,
        async *chunks() {
          yield Buffer.from(initialize);
          await new Promise(() => {});
        },
      },
      stdout: {
        isTerminal: false,
        columns: undefined,
        write: () => Promise.reject(Object.assign(new Error('EPIPE'), { code: 'EPIPE' })),
      },
    });
    expect(code).toBe(0);
    expect(world.err()).toBe('');
  });
});

describe('a message to a server', () => {
  const MIB = 1024 * 1024;

  /** Starts with 11 MiB at once, or with more of one message than anybody may send. */
  async function* blocks(count: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; at < count; at += 1) yield Buffer.alloc(MIB, 'x');
    await new Promise(() => {});
  }

  test('may be long', async () => {
    const host = await openHost(['-g', 'sandbox'], { noise: [`${'x'.repeat(11 * MIB)}\n`] });
    const prompt = 'y'.repeat(11 * MIB);
    const result = await call(host, 'alltoken_chat', { prompt, dry_run: true });
    expect(dataOf(result).ok).toBe(true);
  });

  test('without an end ends it, and it says why', async () => {
    const world = fakeDeps();
    const code = await run(['mcp', '-g', 'sandbox'], {
      ...world.deps,
      stdin: { isTerminal: false, chunks: () => blocks(66) },
    });
    expect(code).toBe(41);
    expect(world.err()).toMatch(/^alltoken: a message of more than 64 MiB[^\n]*\n/);
    expect(world.out()).toBe('');
  });
});

describe('a gateway that never answers', () => {
  test('an order without an id is come back to by our own', async () => {
    const host = await openHostAt(silent, ['--call-timeout', '5']);
    const [image, video] = await Promise.all([
      call(host, 'alltoken_image', { prompt: 'Hi' }),
      call(host, 'alltoken_video_submit', { prompt: 'Hi' }),
    ]);
    for (const [result, tool] of [
      [image, 'alltoken_image_fetch'],
      [video, 'alltoken_video_fetch'],
    ] as const) {
      expect(result.isError).toBe(true);
      expect(textsOf(result)[0]).toContain('Something may have been bought');
      expect(textsOf(result)[0]).toContain(`Call ${tool} with task_id "${dataOf(result).job_id}"`);
    }
  });

  test('is left in time by every tool', async () => {
    const host = await openHostAt(silent, ['--call-timeout', '5']);
    const expected = {
      alltoken_chat: [{ prompt: 'Hi' }, 'outcome_unknown'],
      alltoken_search: [{ query: 'Hi' }, 'outcome_unknown'],
      alltoken_image: [{ prompt: 'Hi' }, 'outcome_unknown'],
      alltoken_video_submit: [{ prompt: 'Hi' }, 'outcome_unknown'],
      alltoken_image_fetch: [{ task_id: 'igen_0123456789' }, 'still_running'],
      alltoken_video_fetch: [{ task_id: 'vgen_0123456789' }, 'still_running'],
      alltoken_video_status: [{ task_id: 'vgen_9876543210' }, 'timeout'],
      alltoken_models: [{}, 'timeout'],
    } as const;
    const startedAt = performance.now();
    const calls = Object.entries(expected).map(async ([name, [input]]) => {
      const { error } = dataOf(await call(host, name, input));
      const took = performance.now() - startedAt;
      expect(JSON.stringify(error)).not.toMatch(/sigint/i);
      return [name, asObject(error)?.name, took < 5_500] as const;
    });
    const wanted = Object.entries(expected).map(([name, [, error]]) => [name, error, true]);
    expect(await Promise.all(calls)).toEqual(wanted);
  });

  test('an answer that stalls ends within its time, and keeps what came', async () => {
    const host = await openHostAt(stalledStream(chunk({ content: 'Half' })), [
      '--call-timeout',
      '5',
    ]);
    const startedAt = performance.now();
    const result = await call(host, 'alltoken_chat', { prompt: 'Hi' });
    expect(performance.now() - startedAt).toBeLessThan(5_500);
    expect(dataOf(result)).toMatchObject({ exit: 40, text: 'Half' });
  });
});
