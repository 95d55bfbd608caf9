import { describe, expect, test } from 'vitest';
import { gatewaysWith } from '../../../src/gateways/index.ts';
import { draw, expectFailed, expectNothingLeft } from '../../helpers/image.ts';
import { picture } from '../../helpers/image-replies.ts';

describe('a mistake on the command line of image sends nothing', () => {
  const mistakes: [string, string[]][] = [
    ['no prompt', []],
    ['an empty prompt', ['']],
    ['a prompt of spaces', ['  ']],
    ['an empty model', ['-m', '', 'A cat']],
    ['a size in words', ['--size', 'large', 'A cat']],
    ['a size with a leading zero', ['--size', '0x1024', 'A cat']],
    ['a negative size', ['--size=-1x5', 'A cat']],
    ['a size with spaces', ['--size', '10 x 10', 'A cat']],
    ['no pictures', ['-n', '0', 'A cat']],
    ['half a picture', ['-n', '1.5', 'A cat']],
    ['a number that is none', ['-n', '1e1', 'A cat']],
    ['an unknown format', ['--format', 'gif', 'A cat']],
    ['compression above 100', ['--compression', '101', 'A cat']],
    ['compression below 0', ['--compression=-1', 'A cat']],
    ['a negative seed', ['--seed=-1', 'A cat']],
    ['a seed beyond exact numbers', ['--seed', '9007199254740993', 'A cat']],
    ['a parameter without value', ['--param', 'user', 'A cat']],
    ['a parameter that is no JSON', ['--param', 'user=me', 'A cat']],
    ['the same parameter twice', ['--param', 'a=1', '--param', 'a=2', 'A cat']],
    ['the model as a parameter', ['--param', 'model="x"', 'A cat']],
    ['the prompt as a parameter', ['--param', 'prompt="x"', 'A cat']],
    ['n as a parameter', ['--param', 'n=2', 'A cat']],
    ['an upload as a parameter', ['--param', 'image_upload_id="upl_1"', 'A cat']],
    ['--mask without --image', ['--mask', 'm.png', 'A cat']],
    ['--mask without a prompt', ['--image', 'in.png', '--mask', 'in.png']],
    ['an image that is not there', ['--image', 'none.png', 'A cat']],
    ['an image that is a directory', ['--image', '.', 'A cat']],
    ['an image that is a text', ['--image', 'note.txt', 'A cat']],
    ['a mask that is a text', ['--image', 'in.png', '--mask', 'note.txt', 'A cat']],
    ['-o - with --json', ['-o', '-', '--json', 'A cat']],
    ['-o - with --jsonl', ['-o', '-', '--jsonl', 'A cat']],
    ['-o - with --async', ['-o', '-', '--async', 'A cat']],
    ['-o - for two pictures', ['-o', '-', '-n', '2', 'A cat']],
    ['--async with --wait', ['--async', '--wait', '5', 'A cat']],
    ['a negative wait', ['--wait=-1', 'A cat']],
    ['a wait of words', ['--wait', 'soon', 'A cat']],
    ['--json with --jsonl', ['--json', '--jsonl', 'A cat']],
    ['an unknown flag', ['--steps', '5', 'A cat']],
  ];
  test.each(mistakes)('%s', async (_name, argv) => {
    const drawn = await draw({}, argv, { home: { 'in.png': picture(), 'note.txt': 'hello' } });
    expectFailed(drawn, { exit: 2, name: 'usage', billed: 'no' });
    expect(drawn.gateway.requests).toEqual([]);
    expect(drawn.world.ledger()).toEqual([]);
  });

  test('a mistake is one document with --json', async () => {
    const drawn = await draw({}, ['--json']);
    expectFailed(drawn, { exit: 2, name: 'usage', code: 'no_prompt', billed: 'no' });
    expect(drawn.world.json()).toMatchObject({ ok: false, command: 'image' });
  });

  test('-o - on a terminal', async () => {
    const drawn = await draw({}, ['-o', '-', 'A cat'], { stdoutIsTerminal: true });
    expectFailed(drawn, { exit: 2, name: 'usage', code: 'bad_flag', billed: 'no' });
    expect(drawn.gateway.requests).toEqual([]);
  });

  test.each(['altllm', 'openrouter', 'ollama'])('%s, which offers no images', async (name) => {
    const drawn = await draw({}, ['-g', name, '--json', 'A cat']);
    expectFailed(drawn, {
      exit: 2,
      name: 'usage',
      code: 'unsupported',
      message: /offers no images; nothing was sent/,
      hint: new RegExp(`^hint: these gateways do: -g ${gatewaysWith('image').join(', -g ')}$`),
      billed: 'no',
    });
    expect(drawn.gateway.requests).toEqual([]);
  });

  test('no key: 20, and nothing begins', async () => {
    const drawn = await draw({}, ['--json', 'A cat'], { env: { ALLTOKEN_API_KEY: '' } });
    expectFailed(drawn, { exit: 20, name: 'no_key', hint: /config doctor/, billed: 'no' });
    expect(drawn.gateway.requests).toEqual([]);
    expectNothingLeft(drawn);
  });
});
