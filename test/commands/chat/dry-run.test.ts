import { describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../../src/sandbox/start.ts';
import { chatDocumentSchema } from '../../../src/schemas/chat.ts';
import { type AskOptions, answerWell, ask, chat, events, filesBelow } from '../../helpers/ask.ts';
import { fakeClock } from '../../helpers/fake-clock.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';

async function dryRun(
  argv: readonly string[],
  options: AskOptions = {},
): Promise<Record<string, unknown>> {
  const { code, server, world } = await ask(answerWell, ['--dry-run', '--json', ...argv], options);
  expect(code, world.err()).toBe(0);
  expect(server.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  expect(chatDocumentSchema.safeParse(world.json()).success).toBe(true);
  return world.json();
}

describe('chat --dry-run', () => {
  test('shows the request and sends nothing', async () => {
    const document = await dryRun(['--temperature', '1', 'Hi']);
    expect(document).toMatchObject({
      ok: true,
      exit: 0,
      dry_run: true,
      gateway: 'alltoken',
      requested_model: 'gpt-5.4-mini',
      request: {
        method: 'POST',
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions$/),
        body: {
          model: 'gpt-5.4-mini',
          messages: [{ role: 'user', content: 'Hi' }],
          temperature: 1,
        },
      },
    });
  });

  test('shows the headers that would be sent, and stars for the key', async () => {
    const { request } = (await dryRun(['Hi'])) as { request: { headers: Record<string, string> } };
    const { server } = await ask(answerWell, ['Hi']);
    const sent = server.requests[0]?.headers ?? {};
    expect(request.headers.authorization).toBe('Bearer ***');
    for (const [name, value] of Object.entries(request.headers))
      if (name !== 'authorization') expect(sent[name]).toBe(value);
    expect(Object.keys(request.headers)).toEqual(
      expect.arrayContaining(['content-type', 'accept', 'user-agent']),
    );
  });

  test('needs no key', async () => {
    const document = await dryRun(['Hi'], {
      env: { ALLTOKEN_API_KEY: undefined as unknown as string },
    });
    expect(document.ok).toBe(true);
  });

  test('does not fetch a key that a program would have to be asked for', async () => {
    const config = { gateways: { alltoken: { api_key_command: ['pass', 'show', 'x'] } } };
    let asked = 0;
    const { code } = await ask(answerWell, ['--dry-run', 'Hi'], {
      env: { ALLTOKEN_API_KEY: undefined as unknown as string, ALLTOKEN_BASE_URL: '' },
      home: { 'config.json': config },
      runCommand: () => {
        asked += 1;
        return { exitCode: 1, stdout: '', stderr: 'locked' };
      },
    });
    expect(code).toBe(0);
    expect(asked).toBe(0);
  });

  test('keeps no conversation and no books', async () => {
    const { world } = await ask(answerWell, ['--dry-run', '--session', 'work', 'Hi']);
    expect(
      Object.keys(filesBelow(world.home)).filter((path) => !path.startsWith('cache/')),
    ).toEqual([]);
  });

  test('shortens inline images', async () => {
    const image = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(999, 7)]);
    const document = await dryRun(['-f', 'p.png', 'What?'], { home: { 'p.png': image } });
    expect(JSON.stringify(document)).not.toContain('BwcHBwcH');
    expect(JSON.stringify(document)).toMatch(/data:image\/png;base64,… \(1344 characters\)/);
    expect(document.tokens).toMatchObject({ prompt_max: null });
  });

  test('bounds the tokens from above', async () => {
    const prompt = 'Grüße an 漢字 👍🏽';
    const { tokens } = (await dryRun(['--max-tokens', '50', prompt])) as {
      tokens: { prompt_max: number; completion_max: number };
    };
    expect(tokens.completion_max).toBe(50);
    expect(tokens.prompt_max).toBeGreaterThanOrEqual(Buffer.byteLength(prompt));
    expect(tokens.prompt_max).toBeLessThan(200);
    const open = await dryRun([prompt]);
    expect(open.tokens).toMatchObject({ completion_max: null });
  });

  test('counts the schema, the tools and all that is sent into the bound', async () => {
    const tools = JSON.stringify([{ type: 'function', function: { name: 'x'.repeat(5000) } }]);
    const { tokens } = (await dryRun(['--param', `tools=${tools}`, 'Hi'])) as {
      tokens: { prompt_max: number | null };
    };
    expect(tokens.prompt_max ?? Number.POSITIVE_INFINITY).toBeGreaterThan(5000);
  });

  test('knows no price without a list', async () => {
    const document = await dryRun(['--max-tokens', '50', 'Hi']);
    expect(document.price).toEqual({ min: null, max: null, currency: 'USD', source: 'unknown' });
    expect(document.verdict).toEqual({
      fits: true,
      bound: null,
      open: 'the price of gpt-5.4-mini is unknown',
      caps: [],
    });
  });

  test('is text too: one JSON document that shows the price', async () => {
    const { code, world } = await ask(answerWell, ['--dry-run', 'Hi']);
    expect(code).toBe(0);
    expect(JSON.parse(world.out())).toMatchObject({
      request: { method: 'POST' },
      price: { source: 'unknown' },
    });
    expect(world.err()).toMatch(/^warning: no prices: [^\n]* not JSON\n$/);
  });

  test('is one result event with --jsonl', async () => {
    const { world } = await ask(answerWell, ['--dry-run', '--jsonl', 'Hi']);
    expect(events(world)).toMatchObject([{ type: 'warning' }, { type: 'result', dry_run: true }]);
  });

  test('finds the same mistakes as a call', async () => {
    for (const argv of [['--search', '-m', 'gpt-5.4', 'Hi'], ['-f', 'missing', 'Hi'], []]) {
      const { code } = await ask(answerWell, ['--dry-run', ...argv]);
      expect(code).toBe(2);
    }
  });
});

describe('the price of chat --dry-run', () => {
  test('comes from the list that models keeps, however old, if there is no newer one', async () => {
    const sandbox = await startSandbox({ port: 0, faults: [], clock: fakeClock() });
    onTestFinished(() => sandbox.close());
    const env = { ALLTOKEN_API_KEY: 'sk-at-0123456789abcdef' };
    const models = fakeDeps({ env });
    const base = ['--base-url', sandbox.baseUrl];
    expect(await models.run('models', ...base)).toBe(0);
    await sandbox.close();

    const now = () => Date.parse('2026-12-24T12:00:00Z');
    const world = fakeDeps({ env: { ...env, ALLTOKEN_HOME: models.home }, now });
    const argv = ['--dry-run', '--json', '-m', 'gpt-5.4-nano', '--max-tokens', '1000', 'Hi'];
    expect(await chat(world, ...base, ...argv)).toBe(0);
    expect(world.err()).toMatch(/^warning: .*refused; the cached list is 32 d old\n$/);
    // $0.20 and $1.25 a million tokens.
    const { price, tokens, verdict } = world.json() as {
      price: Record<string, string>;
      tokens: { prompt_max: number };
      verdict: object;
    };
    const microdollars = tokens.prompt_max * 0.2 + 1000 * 1.25;
    expect(Number(price.max) * 1e6).toBeCloseTo(microdollars, 6);
    expect(price).toMatchObject({ source: 'catalog', currency: 'USD', min: '0.00000145' });
    expect(verdict).toEqual({ fits: true, bound: price.max, open: null, caps: [] });
  });
});
