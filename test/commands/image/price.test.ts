import { describe, expect, test } from 'vitest';
import { type Drawn, draw, laterWorld, runIn } from '../../helpers/image.ts';
import type { ImageReply } from '../../helpers/image-gateway.ts';
import { inline, json, picture, result } from '../../helpers/image-replies.ts';

const listed: ImageReply = json(200, {
  data: [{ id: 'gpt-image-2', modality: 'image', input_price: '5', output_price: '40' }],
});

const completed = (usage: object): ImageReply => json(200, { ...result(inline(picture())), usage });
const plain = { input_tokens: 7, output_tokens: 196, total_tokens: 203 };

async function drawUnder(
  budget: object,
  usage: object,
  other: ImageReply = listed,
): Promise<Drawn> {
  const home = { 'config.json': { budget } };
  return draw({ poll: completed(usage), other }, ['--json', 'A cat'], { home });
}

describe('the cost of an image', () => {
  test('M6 is booked by usage and list prices, and counts in the budget', async () => {
    const { code, world, gateway } = await drawUnder({ day: '0.0078' }, plain);
    expect(code, world.err()).toBe(0);
    const cost = { amount: '0.007875', currency: 'USD', source: 'catalog' };
    expect(world.json()).toMatchObject({ cost });
    expect(world.ledger().at(-1)).toMatchObject({ event: 'outcome', cost });
    expect(world.json().warnings).toEqual([
      'the cost of an image is not known in advance; budget.day can only count it afterwards',
    ]);
    const next = laterWorld(world, gateway);
    expect(await runIn(next, 'image', 'A cat')).toBe(27);
    expect(next.err()).toMatch(/budget\.day 0\.0078/);
  });

  test('M6 is unknown, with a warning, where the list has no price for it', async () => {
    for (const [usage, other] of [
      [plain, json(200, { data: [{ id: 'gpt-image-2' }] })],
      [plain, json(404, {})],
      [{ ...plain, input_tokens_details: { image_tokens: 5 } }, listed],
    ] as const) {
      const { code, world } = await drawUnder({ day: '1' }, usage, other);
      expect(code, world.err()).toBe(0);
      expect(world.json()).toMatchObject({ cost: { amount: null, source: 'unknown' } });
      expect((world.json().warnings as string[]).at(-1)).toMatch(
        /^the cost is unknown, as the list has no price for the usage of gpt-image-2/,
      );
    }
  });

  test('without a budget takes prices only from the cached list', async () => {
    const { world, gateway } = await drawUnder({}, plain);
    expect(world.json()).toMatchObject({ cost: { amount: null } });
    expect(gateway.to('other')).toEqual([]);
    const next = laterWorld(world, gateway);
    expect(await runIn(next, 'models', '--type', 'image')).toBe(0);
    const again = laterWorld(world, gateway);
    expect(await runIn(again, 'image', '--json', 'A cat')).toBe(0);
    expect(again.json()).toMatchObject({ cost: { amount: '0.007875', source: 'catalog' } });
  });
});
