/** A private CA that NODE_EXTRA_CA_CERTS names, on both roads: straight, and through the tunnel of a proxy. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runExecutable } from '../helpers/executable.ts';
import { startProxy } from '../helpers/proxy.ts';
import { listenTls } from '../transport/sockets.ts';

const KEY = 'sk-at-0123456789abcdefABCDEF';
const certificate = fileURLToPath(new URL('../fixtures/tls/self-signed.crt', import.meta.url));

const events = [
  '{"id":"x","model":"m","choices":[{"index":0,"delta":{"content":"Hello "}}]}',
  '{"choices":[{"index":0,"delta":{"content":"there"},"finish_reason":"stop"}]}',
  '{"choices":[],"usage":{"prompt_tokens":19,"completion_tokens":12,"total_tokens":31}}',
  '[DONE]',
];
const body = `${events.map((event) => `data: ${event}\n\n`).join('')}: {"cost":"0.0000188000"}\n\n`;
const reply = [
  'HTTP/1.1 200 OK',
  'content-type: text/event-stream',
  `content-length: ${Buffer.byteLength(body)}`,
  '',
  body,
].join('\r\n');

async function gateway() {
  const requests: string[] = [];
  const tls = await listenTls((socket) => {
    let seen = '';
    socket.on('data', (bytes) => {
      seen += bytes;
      if (!/\r\n\r\n.*\}$/s.test(seen)) return;
      requests.push(seen);
      socket.end(reply);
    });
  });
  return { ...tls, requests };
}

function chat(origin: string, env: Record<string, string>) {
  const argv = ['chat', '--base-url', `${origin}/v1`, '-m', 'm', '--no-stdin', 'hi'];
  return runExecutable(argv, { env: { ALLTOKEN_API_KEY: KEY, ...env } });
}

const whole = { code: 0, stdout: 'Hello there\n' };

describe('a private CA', () => {
  test('straight: one exchange, up to the cost after [DONE]', async () => {
    const { port, requests } = await gateway();
    const run = await chat(`https://127.0.0.1:${port}`, { NODE_EXTRA_CA_CERTS: certificate });
    expect(run).toMatchObject(whole);
    expect(run.stderr).toContain('cost=$0.0000188000 (gateway)');
    expect(requests).toHaveLength(1);
  });

  test('through the tunnel of a proxy: the same, and the proxy sees no key', async () => {
    const { port, requests } = await gateway();
    const proxy = await startProxy({ upstreamPort: port });
    const run = await chat('https://gateway.test', {
      NODE_EXTRA_CA_CERTS: certificate,
      HTTPS_PROXY: `http://${proxy.address}`,
    });
    expect(run).toMatchObject(whole);
    expect(run.stderr).toContain('cost=$0.0000188000 (gateway)');
    expect(requests).toHaveLength(1);
    expect(requests[0]).toContain(KEY);
    expect(proxy.asked).toEqual(['CONNECT gateway.test:443']);
    expect(JSON.stringify(proxy.headers)).not.toContain(KEY);
  });

  test('without it: nothing was sent, and the hint says what to set', async () => {
    const { port, requests } = await gateway();
    const run = await chat(`https://127.0.0.1:${port}`, {});
    expect(run).toMatchObject({ code: 32, stdout: '' });
    expect(run.stderr).toContain('NODE_EXTRA_CA_CERTS');
    expect(requests).toEqual([]);
  });
});
