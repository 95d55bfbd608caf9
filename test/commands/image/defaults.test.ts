import { describe, expect, test } from 'vitest';
import { draw, expectFailed } from '../../helpers/image.ts';

/** The body that went out with this config. */
async function body(
  config: object,
  argv: readonly string[],
): Promise<Record<string, unknown> | null | undefined> {
  const { code, world, gateway } = await draw({}, argv, { home: { 'config.json': config } });
  expect(code, world.err()).toBe(0);
  return gateway.to('create')[0]?.json;
}

describe('image takes what nobody typed', () => {
  test('from the config', async () => {
    const image = { model: 'gpt-image-9', size: '512x512', quality: 'medium', format: 'jpeg' };
    expect(await body({ defaults: { image } }, ['A cat'])).toEqual({
      model: 'gpt-image-9',
      prompt: 'A cat',
      size: '512x512',
      quality: 'medium',
      output_format: 'jpeg',
    });
  });

  test('from flags first', async () => {
    const image = { model: 'gpt-image-9', size: '512x512', quality: 'medium' };
    const argv = ['-m', 'gpt-image-2', '--size', 'auto', '--quality', 'high', 'A cat'];
    expect(await body({ defaults: { image } }, argv)).toEqual({
      model: 'gpt-image-2',
      prompt: 'A cat',
      size: 'auto',
      quality: 'high',
    });
  });

  test('from an alias of -m', async () => {
    const config = { aliases: { wan: 'wan2.7-image' } };
    expect(await body(config, ['-m', 'wan', 'A cat'])).toEqual({
      model: 'wan2.7-image',
      prompt: 'A cat',
    });
  });

  test('from an alias of the configured model', async () => {
    const config = { aliases: { best: 'gpt-image-2' }, defaults: { image: { model: 'best' } } };
    expect(await body(config, ['A cat'])).toMatchObject({ model: 'gpt-image-2', quality: 'low' });
  });

  test('not from the defaults of chat', async () => {
    const config = { defaults: { chat: { model: 'gpt-5.4' } } };
    expect(await body(config, ['A cat'])).toMatchObject({ model: 'gpt-image-2' });
  });
});

describe('image and standard input', () => {
  test('reads the prompt for -', async () => {
    const { gateway } = await draw({}, ['-'], { stdin: 'A dog\nin the rain\n' });
    expect(gateway.to('create')[0]?.json).toMatchObject({ prompt: 'A dog\nin the rain' });
  });

  test('puts it behind the words', async () => {
    const { gateway } = await draw({}, ['Draw this:', '-'], { stdin: 'A dog' });
    expect(gateway.to('create')[0]?.json).toMatchObject({ prompt: 'Draw this:\n\nA dog' });
  });

  test('leaves it alone without -', async () => {
    const { code, gateway } = await draw({}, ['A cat'], { stdin: 'silent' });
    expect(code).toBe(0);
    expect(gateway.to('create')[0]?.json).toMatchObject({ prompt: 'A cat' });
  });

  test('that is empty is no prompt: nothing is sent', async () => {
    const drawn = await draw({}, ['-', '--json'], { stdin: ' \n' });
    expectFailed(drawn, { exit: 2, name: 'usage', code: 'no_prompt', billed: 'no' });
    expect(drawn.gateway.requests).toEqual([]);
  });

  test('twice is refused', async () => {
    const drawn = await draw({}, ['-', '-', '--json'], { stdin: 'x' });
    expectFailed(drawn, { exit: 2, name: 'usage', code: 'stdin_twice', billed: 'no' });
  });
});
