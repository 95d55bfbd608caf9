import { describe, expect, test } from 'vitest';
import type { AskOptions } from '../../helpers/ask.ts';
import { events, filesBelow } from '../../helpers/ask.ts';
import { type Drawn, document, draw } from '../../helpers/image.ts';
import { picture } from '../../helpers/image-replies.ts';

const noKey = { ALLTOKEN_API_KEY: '' };

/** Nothing reached the gateway, and nothing was written but what the test put there, and the cache. */
async function dryRun(argv: readonly string[], options: AskOptions = {}): Promise<Drawn> {
  const home = { 'a.png': picture(), ...options.home };
  const drawn = await draw({}, ['--dry-run', ...argv], { ...options, home });
  expect(drawn.gateway.requests).toEqual([]);
  expect(
    Object.keys(filesBelow(drawn.world.home))
      .filter((name) => !name.startsWith('cache/'))
      .sort(),
  ).toEqual(Object.keys(home).sort());
  return drawn;
}

async function documentOf(argv: readonly string[], options: AskOptions = {}) {
  const { code, world } = await dryRun(['--json', ...argv], options);
  expect(code, world.err()).toBe(0);
  expect(world.err()).toBe('');
  return document(world) as { request: { url: string; body: object }; verdict: object };
}

describe('image --dry-run', () => {
  test('shows the request and the verdict, without a key', async () => {
    const shown = await documentOf(['A cat'], { env: noKey });
    expect(shown).toMatchObject({
      schema: 'alltoken.image.v1',
      ok: true,
      exit: 0,
      command: 'image',
      dry_run: true,
      gateway: 'alltoken',
      requested_model: 'gpt-image-2',
      request: {
        method: 'POST',
        url: expect.stringMatching(/\/v1\/images\/generations\/async$/),
        body: { model: 'gpt-image-2', prompt: 'A cat', size: '1024x1024', quality: 'low' },
      },
      verdict: {
        fits: true,
        bound: null,
        open: 'the cost of an image is not known in advance',
        caps: [],
      },
    });
  });

  test('shows the body and the address that would be used', async () => {
    const argv = ['-m', 'wan2.7-image', '-n', '2', '--param', 'extra={"a":1}', 'A cat'];
    const { request } = await documentOf(argv);
    const { gateway } = await draw({}, argv);
    const [sent] = gateway.to('create');
    expect(request.body).toEqual(sent?.json);
    expect(request.url.endsWith(sent?.path ?? '-')).toBe(true);
  });

  test.each([
    ['an edit', ['--image', 'a.png', 'Make it red'], '/v1/images/edits'],
    ['a variation', ['--image', 'a.png'], '/v1/images/variations'],
  ])('uploads nothing for %s', async (_what, argv, path) => {
    const { request } = await documentOf(argv);
    expect(request.url.endsWith(path)).toBe(true);
    expect(request.body).toMatchObject({
      image_upload_id: `(upload of a.png: image/png, ${picture().length} bytes)`,
    });
  });

  test('says which caps it fits under', async () => {
    const budget = { call: '1', day: '5', tags: { ci: { month: '2' } } };
    const shown = await documentOf(['--tag', 'ci', 'A cat'], {
      home: { 'config.json': { budget } },
    });
    expect(shown.verdict).toMatchObject({
      fits: true,
      caps: [
        { name: 'budget.call', limit: '1', spent: null, reserved: null, known: false, fits: true },
        { name: 'budget.day', limit: '5', spent: '0', reserved: '0', known: false, fits: true },
        { name: 'budget.tags.ci.month', limit: '2', spent: '0', known: false, fits: true },
      ],
    });
  });

  test.each([
    ['--max-cost', ['--max-cost', '9'], {}],
    ['a day that is used up', [], { day: '0' }],
  ])('says that it does not fit, and why, and is 0: %s', async (_what, argv, budget) => {
    const shown = await documentOf([...argv, 'A cat'], { home: { 'config.json': { budget } } });
    expect(shown.verdict).toMatchObject({ fits: false, caps: [{ fits: false }] });
  });

  test('is text too: one JSON document', async () => {
    const { code, world } = await dryRun(['A cat']);
    expect(code).toBe(0);
    expect(JSON.parse(world.out())).toMatchObject({
      request: { method: 'POST' },
      verdict: { fits: true },
    });
    expect(world.err()).toBe('');
  });

  test('is one result event with --jsonl', async () => {
    const { world } = await dryRun(['--jsonl', 'A cat']);
    expect(events(world)).toMatchObject([{ type: 'result', dry_run: true }]);
  });

  test('of the sandbox starts none', async () => {
    const shown = await documentOf(['-g', 'sandbox', 'A cat'], {
      env: { ...noKey, ALLTOKEN_BASE_URL: '' },
    });
    expect(shown.request.url).toMatch(/^http:\/\/127\.0\.0\.1\/v1\/images/);
    expect(shown.request).toMatchObject({
      headers: expect.not.objectContaining({ authorization: expect.anything() }),
    });
  });

  test.each([
    ['no prompt', [], 2],
    ['an input that is not there', ['--image', 'b.png', 'A cat'], 2],
    ['an input that is no picture', ['--image', 'b.txt', 'A cat'], 2],
    ['a size that is none', ['--size', 'big', 'A cat'], 2],
    ['a directory that is not there', ['-o', 'nowhere/cat.png', 'A cat'], 50],
    ['a file that is there', ['-o', 'a.png', 'A cat'], 50],
    ['a gateway without images', ['-g', 'altllm', 'A cat'], 2],
    ['a mask and no picture', ['--mask', 'a.png', 'A cat'], 2],
  ])('finds the same mistake as a call: %s', async (_what, argv, exit) => {
    const home = { 'b.txt': 'text' };
    const { code, world } = await dryRun(argv, { home });
    expect(code).toBe(exit);
    const real = await draw({}, argv, {
      home: { ...home, 'a.png': picture() },
      env: { ALTLLM_API_KEY: 'sk-alt-0123456789abcdef' },
    });
    expect(real.code).toBe(exit);
    const facts = / \[[^\]]*\]$/m;
    expect(facts.exec(world.err())?.[0]).toBe(facts.exec(real.world.err())?.[0]);
  });
});
