import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { checkLine } from '../../../src/frontends/mcp/messages.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';

/** What a server answers to these lines. */
async function answersTo(lines: readonly string[]): Promise<Record<string, unknown>[]> {
  const world = fakeDeps({ stdin: `${lines.join('\n')}\n` });
  expect(await world.run('mcp', '-g', 'sandbox')).toBe(0);
  const answers = world.out().split('\n').slice(0, -1);
  return answers.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const ping = '{"jsonrpc":"2.0","id":"last","method":"ping"}';

test('what is piped in is answered, calls of tools too, before the end of input ends it', async () => {
  const hello = {
    ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
    params: {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'a', version: '1' },
    },
  };
  const ask = {
    ...{ jsonrpc: '2.0', id: 2, method: 'tools/call' },
    params: { name: 'alltoken_chat', arguments: { prompt: 'Hello' } },
  };
  const answers = await answersTo([hello, ask].map((line) => JSON.stringify(line)));
  expect(answers.map(({ id }) => id)).toEqual([1, 2]);
  expect(answers[1]).toMatchObject({ result: { structuredContent: { ok: true } } });
});

describe('a line that is no message', () => {
  test.each([
    ['garbage', -32_700, null],
    ['{"a":', -32_700, null],
    ['\u0000\u0001', -32_700, null],
    ['"text"', -32_600, null],
    ['null', -32_600, null],
    ['12', -32_600, null],
    ['[]', -32_600, null],
    [`[${ping}]`, -32_600, null],
    ['{}', -32_600, null],
    ['{"id":5}', -32_600, 5],
    ['{"jsonrpc":"1.0","id":5,"method":"ping"}', -32_600, 5],
    ['{"jsonrpc":"2.0","id":5}', -32_600, 5],
    ['{"jsonrpc":"2.0","id":5,"method":7}', -32_600, 5],
    ['{"jsonrpc":"2.0","id":{},"method":"ping"}', -32_600, null],
    ['{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32_600, null],
    ['{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}', -32_600, null],
    ['{"jsonrpc":"2.0","id":5,"method":"ping","params":[]}', -32_602, 5],
    ['{"jsonrpc":"2.0","id":5,"method":"nothing/here"}', -32_601, 5],
  ])('%s is answered, and the server goes on', async (line, code, id) => {
    const answers = await answersTo([line, ping]);
    const refused = answers.find((answer) => 'error' in answer);
    expect(refused).toMatchObject({ jsonrpc: '2.0', id, error: { code } });
    expect(answers).toContainEqual({ jsonrpc: '2.0', id: 'last', result: {} });
    expect(answers).toHaveLength(2);
  });

  test.each(['', '   ', '\r', '{"jsonrpc":"2.0","method":"notifications/x","params":3}'])(
    '%j is passed over: nobody waits for an answer',
    async (line) => {
      expect(await answersTo([line, ping])).toHaveLength(1);
    },
  );

  test('fields that are not of JSON-RPC are ignored', async () => {
    const more = '{"jsonrpc":"2.0","id":1,"method":"ping","extra":{"a":1},"__proto__":{"id":2}}';
    expect(await answersTo([more])).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
  });

  test.each([
    ['\ufeff{"jsonrpc":"2.0","id":1,"method":"ping"}'],
    ['{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}'],
    ['{"jsonrpc":"2.0","id":1,"method":"ping","error":null}'],
    ['{"jsonrpc":"2.0","id":1,"method":"ping","params":null}'],
    ['{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":null}}'],
  ])('%s is answered like the same request in the usual form', async (line) => {
    expect(await answersTo([line])).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
  });

  test('a call with null for its arguments is one without', () => {
    const params = { name: 'alltoken_jobs', arguments: null };
    const line = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    const read = checkLine(Buffer.from(line));
    const text = 'line' in read && read.line !== null ? new TextDecoder().decode(read.line) : '';
    expect(JSON.parse(text)).toMatchObject({ id: 1, params: { name: 'alltoken_jobs' } });
    expect(text).not.toContain('arguments');
  });

  test('any bytes are read, nested without end too', () => {
    const deep = `${'['.repeat(200_000)}`;
    for (const text of [deep, `{"jsonrpc":${deep}`, '\ud800', '{"__proto__":1}'])
      expect(checkLine(Buffer.from(text))).toHaveProperty('answer');
    expect(checkLine(Buffer.from([0xff, 0xfe, 0x00]))).toHaveProperty('answer');
  });

  test('whoever sends garbage and reads nothing is not read further', async () => {
    const world = fakeDeps();
    let read = 0;
    const stop = new AbortController();
    const running = run(['mcp', '-g', 'sandbox'], {
      ...world.deps,
      signal: stop.signal,
      stdin: {
        isTerminal: false,
        async *chunks() {
          while (read < 10_000) {
            read += 1;
            yield Buffer.from('garbage\n');
          }
        },
      },
      stdout: {
        isTerminal: false,
        columns: undefined,
        write: () =>
          new Promise((_resolve, reject) => {
            stop.signal.addEventListener('abort', () => reject(new Error('stopped')), {
              once: true,
            });
          }),
      },
    });
    await expect.poll(() => read).toBeGreaterThan(0);
    stop.abort(new Error('enough'));
    await running;
    expect(read).toBeLessThan(100);
  });
});
