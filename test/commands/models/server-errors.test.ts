import { expect, test } from 'vitest';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { startServer } from '../../helpers/server.ts';

const commands = [['models'], ['config', 'doctor']];

test.each(
  commands.flatMap((command) =>
    [
      [429, { error: { message: 'the words', code: 'insufficient_quota' } }, 22],
      [400, [{ error: { code: 400, message: 'the words', status: 'INVALID_ARGUMENT' } }], 25],
      [404, { success: false, errors: [{ code: 7003, message: 'the words' }] }, 24],
      [200, { base_resp: { status_code: 1004, status_msg: 'the words' } }, 21],
      [200, { error: 'the words' }, 41],
    ].map(([status, body, exit]) => ({ command, status: Number(status), body, exit })),
  ),
)('$command says what $status $body says: $exit', async ({ command, status, body, exit }) => {
  const server = await startServer((response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  const world = fakeDeps();
  const mine = { kind: 'openai', base_url: server.baseUrl };
  world.write('config.json', JSON.stringify({ gateways: { mine } }));
  const code = await world.run(...command, '-g', 'mine');
  expect(code, world.err() + world.out()).toBe(exit);
  expect(world.err() + world.out()).toContain('the words');
  expect(server.requests.filter(({ path }) => path === '/v1/models')).toHaveLength(1);
});
