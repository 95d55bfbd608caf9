import { describe, expect, test } from 'vitest';
import { tools } from '../../../src/frontends/mcp/tools.ts';
import { cutStream, envelope, lostReply, secretKey } from '../../helpers/ask.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { call, dataOf, openHost, openHostAt, textsOf } from '../../helpers/mcp.ts';
import { chunk } from '../../helpers/server.ts';

const hello = { prompt: 'Hello' };

describe('a call that fails', () => {
  test('over the budget says that nothing was bought, and to stop', async () => {
    const host = await openHost(['-g', 'sandbox', '--max-cost', '0.00000001']);
    const result = await call(host, 'alltoken_chat', hello);
    expect(result.isError).toBe(true);
    expect(textsOf(result)[0]).toMatch(
      /^budget \(exit 27\): .*[^.]\.\nNothing was bought\.\nStop here and tell the user/,
    );
    expect(dataOf(result)).toMatchObject({ ok: false, error: { exit: 27, name: 'budget' } });
    expect(textsOf(result)).toHaveLength(2);
  });

  test('without a key tells the user to set it for the server', async () => {
    const result = await call(await openHost([]), 'alltoken_image', hello);
    expect(result.isError).toBe(true);
    expect(textsOf(result)[0]).toMatch(
      /^no_key \(exit 20\): .*\nNothing was bought\.\nTell the user/,
    );
    expect(textsOf(result)[0]).toContain('environment of this MCP server');
  });

  test('for an unknown model points to the list of models', async () => {
    const host = await openHost(['-g', 'sandbox']);
    const result = await call(host, 'alltoken_chat', { ...hello, model: 'nothing-9' });
    expect(textsOf(result)[0]).toMatch(/^not_found \(exit 24\): .*"nothing-9"/);
    expect(textsOf(result)[0]).toContain('Call alltoken_models');
    expect(textsOf(result)[2]).toMatch(/^Untrusted/);
  });

  test('before it begins names the field', async () => {
    const host = await openHost(['-g', 'sandbox']);
    const wrong = { ...hello, wibble: 1, max_tokens: 'many', max_cost: {} };
    const result = await call(host, 'alltoken_chat', wrong);
    expect(result.isError).toBe(true);
    const [text = ''] = textsOf(result);
    expect(text).toMatch(/^usage \(exit 2\): /);
    expect(text).toContain('Nothing was bought.');
    expect(text).toContain('there is no field wibble');
    expect(text).toContain('max_tokens: expected a number, found a string');
    expect(text).toContain('max_cost: expected a string, found an object');
    expect(host.world.ledger()).toEqual([]);
  });

  test('in the middle keeps what had come', async () => {
    const host = await openHostAt(cutStream(chunk({ content: 'Half an ans' })));
    const result = await call(host, 'alltoken_chat', hello);
    expect(result.isError).toBe(true);
    expect(textsOf(result)[0]).toMatch(/^partial \(exit 40\): .*\nSomething may have been bought/);
    expect(dataOf(result)).toMatchObject({ ok: false, exit: 40, text: 'Half an ans' });
    expect(textsOf(result).at(-1)).toMatch(/^Untrusted/);
  });

  test('with no verdict says not to call again', async () => {
    const host = await openHostAt(lostReply);
    const result = await call(host, 'alltoken_chat', hello);
    expect(textsOf(result)[0]).toMatch(/^outcome_unknown \(exit 46\)/);
    expect(textsOf(result)[0]).toContain('Do not call again');
  });

  test('for its key shows no key, and the server goes on', async () => {
    const host = await openHostAt(envelope(401, 'invalid_api_key'));
    for (const name of ['alltoken_chat', 'alltoken_video_submit']) {
      const result = await call(host, name, hello);
      expect(textsOf(result)[0]).toMatch(/^auth \(exit 21\)/);
      expect(JSON.stringify(result)).not.toContain(secretKey);
    }
    expect((await host.client.listTools()).tools).toHaveLength(tools.length);
  });

  test('leaves a free tool without a word on money that it cannot know', async () => {
    const host = await openHost(['-g', 'sandbox']);
    const result = await call(host, 'alltoken_video_status', { task_id: 'vgen_nothing' });
    expect(textsOf(result)[0]).toMatch(/^not_found \(exit 24\)/);
    expect(textsOf(result)[0]).not.toContain('may have been bought');
  });
});

describe('a server that cannot begin', () => {
  test.each([
    [['-g', 'nowhere'], 2, 'unknown gateway "nowhere"'],
    [['--call-timeout', '4'], 2, 'from 5 to 3600'],
    [['-o', 'file'], 50, 'not a directory for saving files'],
  ])('%j ends with %i', async (flags, code, words) => {
    const world = fakeDeps({ stdin: '' });
    world.write('file', 'not a directory');
    expect(await world.run('mcp', ...flags)).toBe(code);
    expect(world.err()).toContain(words);
    expect(world.out()).toBe('');
  });
});
