import { describe, expect, test } from 'vitest';
import {
  type Drawn,
  draw,
  imageWorld,
  laterWorld,
  paths,
  resume,
  runIn,
} from '../../helpers/image.ts';
import { type ImageReply, startImageGateway } from '../../helpers/image-gateway.ts';
import { created, inline, json, picture, result } from '../../helpers/image-replies.ts';

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
      'the cost of an image is not known in advance; budget.day 0.0078 can only count it afterwards, and may be exceeded by it',
    ]);
    const next = laterWorld(world, gateway);
    expect(await runIn(next, 'image', 'A cat')).toBe(27);
    expect(next.err()).toMatch(/budget\.day 0\.0078/);
  });

  test.each<[string, string]>([
    ['-100', 'input'],
    ['1e999', 'input'],
    ['-1e999', 'output'],
    ['1e308', 'output'],
    ['1.5', 'input'],
    ['"many"', 'output'],
    ['9007199254740993', 'input'],
  ])('is not computed from a count of %s (%s)', async (sent, which) => {
    const body = JSON.stringify({
      ...result(inline(picture())),
      usage: {
        input_tokens: 7,
        output_tokens: 196,
        [`${which}_tokens`]: 'COUNT',
        images: 'IMAGES',
      },
    });
    const text = body.replace('"COUNT"', sent).replace('"IMAGES"', '-1e999');
    const poll: ImageReply = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(text);
    };
    for (const form of [['--json'], []]) {
      const { code, world } = await draw({ poll, other: listed }, [...form, 'A cat']);
      expect(code, world.err()).toBe(0);
      const outcome = world.ledger().at(-1);
      expect(outcome).toMatchObject({
        usage: { [`${which}_tokens`]: null, images: null },
        cost: { amount: null, source: 'unknown' },
      });
      const word = which === 'input' ? 'prompt' : 'completion';
      if (form.length === 0) expect(world.err()).toContain(`${word}=unknown`);
      else expect(world.json().usage).toEqual(outcome?.usage);
    }
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
        /^the cost is unknown, as the list has no price for the (usage of|images that) gpt-image-2/,
      );
    }
  });

  test.each([
    [{}, ''],
    [{ day: '1' }, '; budgets cannot count it'],
  ])('of an edit is unknown, and says why: %j', async (budget, counted) => {
    const usage = { ...plain, input_tokens_details: { text_tokens: 2, image_tokens: 5 } };
    const { world } = await drawUnder(budget, usage);
    expect(world.json()).toMatchObject({ cost: { amount: null, source: 'unknown' } });
    expect((world.json().warnings as string[]).at(-1)).toBe(
      `the cost is unknown, as the list has no price for the images that gpt-image-2 was given${counted}`,
    );
  });

  test('without a budget is priced too, by a list that is fetched once it is made', async () => {
    const { world, gateway } = await drawUnder({}, plain);
    const cost = { amount: '0.007875', currency: 'USD', source: 'catalog' };
    expect(world.json()).toMatchObject({ cost, warnings: [] });
    expect(world.ledger().at(-1)).toMatchObject({ event: 'outcome', cost });
    expect(gateway.requests.at(-1)?.route).toBe('other');
    const again = laterWorld(world, gateway);
    expect(await runIn(again, 'image', '--json', 'A cat')).toBe(0);
    expect(again.json()).toMatchObject({ cost });
    expect(gateway.to('other')).toHaveLength(1);
  });

  test('without a budget is unknown, and nothing else, where there is no list', async () => {
    const refused = json(503, { error: { message: 'later' } });
    const { code, world, gateway } = await drawUnder({}, plain, refused);
    expect(code, world.err()).toBe(0);
    expect(world.json()).toMatchObject({ cost: { amount: null }, warnings: [] });
    expect(gateway.to('other').length).toBeGreaterThan(0);
  });

  test('of several that resume at once is by one list, which is asked for once', async () => {
    const gateway = await startImageGateway({
      create: [created(), created('igen_other')],
      poll: completed(plain),
    });
    const world = imageWorld(gateway);
    for (const name of ['a.png', 'b.png'])
      expect(await runIn(world, 'image', '--async', '-o', name, 'A cat')).toBe(0);
    const resumed = await resume(world, gateway);
    expect(resumed.code, resumed.world.err()).toBe(0);
    expect(paths(resumed.world)).toHaveLength(2);
    expect(gateway.to('other')).toHaveLength(1);
  });

  test('that failed needs no list', async () => {
    const failed = json(200, { ...result(inline(picture())), status: 'failed', data: [] });
    const drawn = await draw({ poll: failed, other: listed }, ['--json', 'A cat']);
    expect(drawn.code).toBe(44);
    expect(drawn.gateway.to('other')).toEqual([]);
  });

  test('is unknown where the list takes longer than 3 s, which nobody waits for', async () => {
    let asked = (): void => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const gateway = await startImageGateway({ poll: completed(plain), other: () => asked() });
    const world = imageWorld(gateway, { timers: 'by hand' });
    const running = runIn(world, 'image', '--json', 'A cat');
    await isAsked;
    await world.clock.pass(3000);
    expect(await running, world.err()).toBe(0);
    expect(world.json()).toMatchObject({ cost: { amount: null }, warnings: [] });
  });
});
