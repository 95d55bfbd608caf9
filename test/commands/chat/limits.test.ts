import { describe, expect, test } from 'vitest';
import { chatDocumentSchema } from '../../../src/schemas/chat.ts';
import { ask, errLines } from '../../helpers/ask.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { goodStream, sendError } from '../../helpers/server.ts';

const limits = { 'x-ratelimit-limit': '600', 'x-ratelimit-remaining': '599' };

/** A good stream under these headers, whose first chunk names this tier. */
function answer(headers: Record<string, string>, tier?: unknown) {
  const body = goodStream().replace(
    '"object"',
    tier === undefined ? '"object"' : `"service_tier":${JSON.stringify(tier)},"object"`,
  );
  return (response: import('node:http').ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    response.end(body);
  };
}

describe('rate_limit', () => {
  test.each([
    [limits, { limit: 600, remaining: 599, reset: null }],
    [
      { ...limits, 'x-ratelimit-reset': '1764597600' },
      { limit: 600, remaining: 599, reset: 1_764_597_600 },
    ],
    [{ 'X-RateLimit-Reset': '6m0s' }, { limit: null, remaining: null, reset: '6m0s' }],
    [
      { 'x-ratelimit-limit': '100, 100;w=60', 'x-ratelimit-remaining': ' ' },
      { limit: '100, 100;w=60', remaining: null, reset: null },
    ],
    [
      { 'ratelimit-limit': '10', 'ratelimit-remaining': '0', 'ratelimit-reset': '1.5' },
      { limit: 10, remaining: 0, reset: 1.5 },
    ],
    [
      { 'x-ratelimit-limit-requests': '60', 'x-ratelimit-remaining-requests': '59' },
      { limit: 60, remaining: 59, reset: null },
    ],
    [{ 'x-ratelimit-limit': '-1' }, { limit: '-1', remaining: null, reset: null }],
    [{ 'x-ratelimit-limit': '9'.repeat(40) }, { limit: '9'.repeat(40) }],
    [{}, null],
  ])('is as sent: %j', async (headers, expected) => {
    const { code, world } = await ask(answer(headers), ['--json', 'Hi']);
    expect(code).toBe(0);
    const { rate_limit: found } = world.json();
    expect(found).toEqual(expected === null ? null : expect.objectContaining(expected));
    expect(chatDocumentSchema.safeParse(world.json()).success).toBe(true);
  });

  test('of a refusal is there too, and with -v on stderr', async () => {
    const refuse = (response: import('node:http').ServerResponse): void =>
      sendError(response, 401, 'invalid_api_key', { ...limits, 'x-ratelimit-reset': '7' });
    const { world } = await ask(refuse, ['--json', '-v', 'Hi']);
    expect(world.json()).toMatchObject({
      ok: false,
      rate_limit: { limit: 600, remaining: 599, reset: 7 },
    });
    expect(world.err()).toContain('answered 401 rate_limit=599/600 reset=7');
  });

  test('is not on stderr without -v', async () => {
    const { world } = await ask(answer(limits, 'default'), ['Hi']);
    expect(world.err()).not.toMatch(/rate_limit|service_tier/);
  });
});

describe('service_tier', () => {
  test.each([
    ['default', 'default'],
    ['flex', 'flex'],
    [null, null],
    [7, null],
    [undefined, null],
  ])('%j is %j', async (tier, expected) => {
    const { world } = await ask(answer({}, tier), ['--json', '-v', 'Hi']);
    expect(world.json().service_tier).toBe(expected);
    const timing = errLines(world).find((line) => line.startsWith('[timing]')) ?? '';
    expect(timing.endsWith(`service_tier=${expected}`)).toBe(expected !== null);
  });
});

test.each([
  ['chat', ['Hi']],
  ['search', ['Hi']],
  ['image', ['a cat']],
])('%s has the limits of the sandbox', async (command, words) => {
  const world = fakeDeps({ stdin: '' });
  const argv = [command, '-g', 'sandbox', '--json', ...words];
  expect(await world.run(...argv), world.err()).toBe(0);
  expect(world.json().rate_limit).toMatchObject({ limit: 600, remaining: 599 });
  if (command !== 'image') expect(world.json().service_tier).toBe('default');
});
