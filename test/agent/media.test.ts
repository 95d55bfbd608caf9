/** The images and videos of the library: which gateway a key given in code is for. */
import { expect, test } from 'vitest';
import { generateVideo } from '../../src/agent/media.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { startServer } from '../helpers/server.ts';

const key = 'th-0123456789abcdef0123';

test.each([
  ['the options', { gateway: 'tokenhub' }, {}, {}],
  ['the environment', {}, { ALLTOKEN_GATEWAY: 'tokenhub' }, {}],
  ['the config', {}, {}, { gateway: 'tokenhub' }],
])('apiKey is for the gateway of %s', async (_what, options, env, config) => {
  const server = await startServer((response) => void response.writeHead(401).end('{}'));
  const { deps, write } = fakeDeps({ env: { TOKENHUB_BASE_URL: server.baseUrl, ...env } });
  write('config.json', JSON.stringify(config));
  const made = generateVideo({ prompt: 'A boat' }, { apiKey: key, ...options }, deps);
  await expect(made).rejects.toMatchObject({ name: 'AllTokenError', exit: 21 });
  expect(server.requests.map(({ headers }) => headers.authorization)).toContain(`Bearer ${key}`);
});
