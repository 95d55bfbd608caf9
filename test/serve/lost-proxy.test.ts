/** What commands of ours are told that a proxy refuses, or whose variables lead to one that is gone. */
import { expect, test } from 'vitest';
import { variablesFor } from '../../src/serve/variables.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { startProxy } from '../helpers/serving.ts';
import { closedPort } from '../transport/sockets.ts';

const chat = ['chat', '--no-stdin', 'Hi'];

test('the sandbox at the address of a proxy is told of its token, and of no fault', async () => {
  const { url } = await startProxy(fakeDeps(), '-g', 'sandbox');
  const world = fakeDeps();
  const argv = [...chat, '-g', 'sandbox', '--base-url', `${url}/v1`];
  expect(await world.run(...argv)).toBe(21);
  expect(world.err()).toContain(
    'hint: set the variables that alltoken serve prints at its start, leave out --base-url, then run the same command again',
  );
});

test('these variables are the way out', async () => {
  const { url, token } = await startProxy(fakeDeps(), '-g', 'sandbox');
  const world = fakeDeps({ env: variablesFor(url, token, 'sandbox') });
  expect(await world.run(...chat, '-g', 'sandbox'), world.err()).toBe(0);
});

test.each(['chat', 'image', 'video', 'models'])('a token of an earlier proxy: %s', async (name) => {
  const { url } = await startProxy(fakeDeps(), '-g', 'sandbox');
  const env = variablesFor(url, 't'.repeat(40), 'sandbox');
  const world = fakeDeps({ env });
  expect(await world.run(name, ...(name === 'models' ? [] : ['Hi']))).toBe(21);
  expect(world.err()).toMatch(
    /run the same command again, or unset ALLTOKEN_RUN ALLTOKEN_GATEWAY ALLTOKEN_BASE_URL ALLTOKEN_API_KEY(; nothing was bought)?\n/,
  );
  expect(world.err()).not.toContain('ALLTOKEN_SANDBOX_FAULT');
});

test('a sandbox server with a fault is not one of this process', async () => {
  const { startSandbox } = await import('../../src/testing.ts');
  const { baseURL, close } = await startSandbox({ faults: ['bad-key'] });
  const world = fakeDeps();
  expect(await world.run(...chat, '-g', 'sandbox', '--base-url', baseURL)).toBe(21);
  await close();
  expect(world.err()).toContain(`hint: start the sandbox at ${baseURL} without this fault, then`);
});

test.each(['chat', 'image', 'video'])('a base URL that lacks /v1 is mended: %s', async (name) => {
  const { startSandbox } = await import('../../src/testing.ts');
  const { baseURL, close } = await startSandbox({});
  const [base = ''] = baseURL.split('/v1');
  const world = fakeDeps();
  expect(await world.run(name, 'Hi', '-g', 'sandbox', '--base-url', base)).toBe(24);
  await close();
  expect(world.err()).toContain(`hint: the base URL ${base} lacks /v1: --base-url ${base}/v1\n`);
});

test.each(['chat', 'image', 'video', 'search', 'models'])(
  'the variable that leads to a server which is gone is named: %s',
  async (name) => {
    const base = `http://127.0.0.1:${await closedPort()}`;
    const key = 'sk-at-0000111122223333';
    const argv = name === 'models' ? [name, '--refresh'] : [name, 'Hi'];
    const own = fakeDeps({ env: { ALLTOKEN_BASE_URL: `${base}/v1`, ALLTOKEN_API_KEY: key } });
    expect(await own.run(...argv), own.err()).toBe(32);
    expect(own.err()).toContain(
      `hint: ALLTOKEN_BASE_URL leads to ${base}/v1: start the server there, or unset ALLTOKEN_BASE_URL\n`,
    );
    const proxied = fakeDeps({ env: variablesFor(base, key, 'sandbox') });
    expect(await proxied.run(...argv), proxied.err()).toBe(32);
    expect(proxied.err()).toContain(
      `hint: ALLTOKEN_RUN leads to ${base}/v1: start alltoken serve again and set what it prints, or unset ALLTOKEN_RUN ALLTOKEN_GATEWAY ALLTOKEN_BASE_URL ALLTOKEN_API_KEY\n`,
    );
  },
);

test('on Windows in the words of its shell', async () => {
  const base = `http://127.0.0.1:${await closedPort()}`;
  const world = fakeDeps({
    platform: 'win32',
    env: variablesFor(base, 't'.repeat(40), 'alltoken'),
  });
  expect(await world.run(...chat)).toBe(32);
  expect(world.err()).toContain('or Remove-Item Env:ALLTOKEN_RUN, Env:ALLTOKEN_GATEWAY');
});
