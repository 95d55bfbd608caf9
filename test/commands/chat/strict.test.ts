import { describe, expect, test } from 'vitest';
import { ask, stream } from '../../helpers/ask.ts';
import { chunk, goodStream } from '../../helpers/server.ts';

describe('an answer that is complete and yet not what was wanted', () => {
  test.each([
    ['cut at the token limit', 'length', goodStream().replace('"stop"', '"length"')],
    ['empty', 'not_as_asked', chunk({}, 'stop')],
  ])('40: --strict and an answer that is %s', async (_what, code, body) => {
    const { code: exit, world } = await ask(stream(body), ['--strict', 'Hi', '--json']);
    expect(exit).toBe(40);
    expect(world.json()).toMatchObject({ exit: 40, error: { exit: 40, code, billed: 'yes' } });
    expect(world.ledger()[1]).toMatchObject({ exit: 40, billed: 'yes' });
  });

  test.each([
    [goodStream().replace('"stop"', '"length"'), /cut at the token limit/],
    [chunk({}, 'stop'), /the answer is empty/],
  ])('0 and a warning for the same without --strict', async (body, warning) => {
    const { code, world } = await ask(stream(body), ['Hi', '--json']);
    expect(code).toBe(0);
    expect(world.json().warnings).toEqual([expect.stringMatching(warning)]);
    expect(world.err()).toMatch(warning);
  });
});
