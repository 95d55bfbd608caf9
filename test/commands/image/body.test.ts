import { describe, expect, test } from 'vitest';
import { draw } from '../../helpers/image.ts';

/** The body that went out. */
async function body(...argv: string[]): Promise<Record<string, unknown> | null | undefined> {
  const { code, world, gateway } = await draw({}, argv);
  // Of several there comes one.
  expect(code, world.err()).toBe(argv.includes('-n') ? 40 : 0);
  return gateway.to('create')[0]?.json;
}

const usual = { model: 'gpt-image-2', prompt: 'A cat', size: '1024x1024', quality: 'low' };

describe('the request of image', () => {
  test('is the model, the prompt, and the cheapest useful size and quality', async () => {
    expect(await body('A cat')).toEqual(usual);
  });

  test('takes several words as one prompt', async () => {
    expect(await body('A', 'cat', 'in a hat')).toMatchObject({ prompt: 'A cat in a hat' });
  });

  test('goes to the asynchronous path, with the key, as JSON', async () => {
    const { gateway } = await draw();
    const [create] = gateway.to('create');
    expect(create).toMatchObject({ method: 'POST', path: '/v1/images/generations/async' });
    expect(create?.headers).toMatchObject({
      authorization: 'Bearer sk-at-test-0123456789abcdef',
      'content-type': 'application/json',
      'idempotency-key': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'user-agent': 'alltoken-cli/0.0.0-test',
    });
  });

  test('polls below the other path, without a body and without the Idempotency-Key', async () => {
    const { gateway } = await draw();
    const [poll] = gateway.to('poll');
    expect(poll).toMatchObject({
      path: '/v1/images/generations/igen_0123456789abcdef01234567',
      body: '',
    });
    expect(poll?.headers).toMatchObject({ authorization: 'Bearer sk-at-test-0123456789abcdef' });
    expect(poll?.headers).not.toHaveProperty('idempotency-key');
  });

  test('carries another Idempotency-Key each time', async () => {
    const { world, gateway } = await draw();
    await world.run('image', 'A cat');
    const keys = gateway.to('create').map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(2);
  });

  const flags: [string, string[], Record<string, unknown>][] = [
    ['-m', ['-m', 'gpt-image-3'], { model: 'gpt-image-3' }],
    ['--size', ['--size', '1536x1024'], { size: '1536x1024' }],
    ['--size in capitals', ['--size', '1536X1024'], { size: '1536x1024' }],
    ['--size auto', ['--size', 'auto'], { size: 'auto' }],
    ['--quality', ['--quality', 'high'], { quality: 'high' }],
    ['-n', ['-n', '3'], { n: 3 }],
    ['--format', ['--format', 'webp'], { output_format: 'webp' }],
    ['--format jpg', ['--format', 'JPG'], { output_format: 'jpeg' }],
    ['--compression', ['--compression', '0'], { output_compression: 0 }],
    ['--background', ['--background', 'transparent'], { background: 'transparent' }],
    ['--moderation', ['--moderation', 'low'], { moderation: 'low' }],
    ['--seed', ['--seed', '2147483647'], { seed: 2147483647 }],
    ['--param text', ['--param', 'user="me"'], { user: 'me' }],
    ['--param null', ['--param', 'x=null'], {}],
    [
      '--param twice',
      ['--param', 'a=1', '--param', 'b=[true,{"c":1.5}]'],
      { a: 1, b: [true, { c: 1.5 }] },
    ],
    ['--param over a default', ['--param', 'quality="auto"'], { quality: 'auto' }],
    [
      '--param over a flag',
      ['--size', 'auto', '--param', 'size="2048x2048"'],
      { size: '2048x2048' },
    ],
  ];
  test.each(flags)('%s', async (_name, argv, more) => {
    expect(await body(...argv, 'A cat')).toEqual({ ...usual, ...more });
  });

  test('has no size and no quality unasked for a model of another family', async () => {
    expect(await body('-m', 'wan2.7-image', 'A cat')).toEqual({
      model: 'wan2.7-image',
      prompt: 'A cat',
    });
  });

  test('keeps the prompt exact, whatever it holds', async () => {
    const prompt = 'Zoë said "no"\n\ttwice \\ 🐈 </script>';
    expect(await body(prompt)).toMatchObject({ prompt });
  });

  test('takes what looks like a flag behind --', async () => {
    expect(await body('--', '--size', 'matters')).toEqual({ ...usual, prompt: '--size matters' });
  });
});
