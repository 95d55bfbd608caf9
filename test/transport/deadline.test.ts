import { describe, expect, test } from 'vitest';
import { startServer } from '../helpers/server.ts';
import { send } from './send.ts';

describe('--timeout', () => {
  test('is for all tries together: none is begun that cannot end in time', async () => {
    const server = await startServer((response) => {
      response.writeHead(503, { 'retry-after': '20' }).end('busy');
    });
    const url = `http://127.0.0.1:${server.port}/v1/models`;
    const short = await send(url, { paid: false, timeouts: { totalMs: 30_000 } });
    expect([short.tries, short.sleeps]).toEqual([2, [20_000]]);
    expect(short.error).toMatchObject({ exit: 'upstream' });
    const long = await send(url, { paid: false, timeouts: { totalMs: 300_000 } });
    expect(long.tries).toBe(3);
    const none = await send(url, { paid: false });
    expect(none.tries).toBe(3);
  });
});
