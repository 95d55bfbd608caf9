import { describe, expect, test } from 'vitest';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { goodStream, pointedAt, sendStream, startServer } from '../../helpers/server.ts';

describe('chat', () => {
  test('streams the answer to stdout and tells tokens and cost on stderr', async () => {
    const server = await startServer((response) => sendStream(response, goodStream()));
    const world = fakeDeps({ env: pointedAt(server) });
    expect(await world.run('chat', 'Hi')).toBe(0);
    expect(world.out()).toBe('Hello wörld\n');
    expect(world.err()).toBe(
      '[usage] prompt=19 completion=12 total=31 model=gpt-5.4-mini cost=$0.0000188000 (gateway)\n',
    );
    expect(server.requests[0]?.json).toMatchObject({
      model: 'gpt-5.4-mini',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'Hi' }],
    });
    expect(server.requests[0]?.headers.authorization).toBe('Bearer sk-at-test-0123456789abcdef');
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity');
  });
});
