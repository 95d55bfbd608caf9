import { describe, expect, test } from 'vitest';
import type { FakeOptions } from '../../helpers/fake-deps.ts';
import { item, list, models, plainRoutes, several } from '../../helpers/model-gateway.ts';

async function rows(argv: readonly string[], options?: FakeOptions): Promise<string[]> {
  const { code, world } = await models(several, argv, options);
  expect(code).toBe(0);
  return world.out().split('\n').slice(0, -1);
}

const terminal = (columns = 80): FakeOptions => ({ stdoutIsTerminal: true, columns });

describe('models on a terminal', () => {
  test('is a table with prices for a million tokens', async () => {
    expect(await rows(['--sort', 'input'], terminal())).toEqual([
      '\u001b[1mid            input $/M  output $/M  context\u001b[22m',
      'free               0.00        0.00  unknown',
      'cheap              0.20       10.00     128k',
      'middle             9.99        9.50     262k',
      'dear              10.00        9.50       1M',
      'nobody-knows    unknown     unknown  unknown',
    ]);
  });

  test('has no colour with NO_COLOR or --no-color', async () => {
    const plain = await rows(['--no-color'], terminal());
    expect(plain[0]).toBe('id            input $/M  output $/M  context');
    expect(await rows([], { ...terminal(), env: { NO_COLOR: '1' } })).toEqual(plain);
  });

  test('says of which kind each is when all are asked for', async () => {
    const { world } = await models(plainRoutes(), ['--kind', 'all', '--no-color'], terminal());
    expect(world.out().split('\n').slice(0, 3)).toEqual([
      'id            kind   input $/M  output $/M  context',
      'gpt-5.4-nano  chat        0.20        1.25     400k',
      'gpt-image-2   image    unknown     unknown  unknown',
    ]);
  });

  test('keeps id, input and output at 40 columns, for ids of up to 24 characters', async () => {
    const routes = { '/v1/models': list(item('m'.repeat(24), '0.2', null, 1000)) };
    const { world } = await models(routes, ['--prices', '--no-color'], terminal(40));
    expect(
      world
        .out()
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual([
      'id                       input  output',
      '$/M     $/M',
      'mmmmmmmmmmmmmmmmmmmmmmmm  0.20 unknown',
      '',
    ]);
  });
});
