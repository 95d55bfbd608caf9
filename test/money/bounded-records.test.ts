import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { boundedJson } from '../../src/base/bounded-json.ts';
import { expectNoKey, secretKey, stream, turnsOf, worldAt } from '../helpers/ask.ts';
import { draw, records, resume } from '../helpers/image.ts';
import { inline, json, picture, result } from '../helpers/image-replies.ts';
import { buy, buyAgain, openShop } from '../helpers/priced.ts';

const counts = { prompt_tokens: 19, completion_tokens: 12, total_tokens: 31 };

/** An answer with this usage, as JSON text, that costs 3.00. */
function answer(usage: string, more: object = {}): string {
  const first = {
    id: 'x',
    model: 'm',
    choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: 'stop' }],
    ...more,
  };
  return `data: ${JSON.stringify(first)}\n\ndata: {"choices":[],"usage":${usage}}\n\ndata: [DONE]\n\n: {"cost":"3.00"}\n\n`;
}

function nested(levels: number): string {
  return `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
}

const huge: [string, string][] = [
  [
    'a field of 1.1 MB (M7)',
    `{"x":"${'y'.repeat(1_100_000)}","prompt_tokens":19,"completion_tokens":12}`,
  ],
  ['8,000 levels (M8)', `{"x":${nested(8000)},"prompt_tokens":19,"completion_tokens":12}`],
  [
    '8,000 lists',
    `{"x":${'['.repeat(8000)}${']'.repeat(8000)},"prompt_tokens":19,"completion_tokens":12}`,
  ],
  [
    '100,000 fields',
    `{${Array.from({ length: 100_000 }, (_, at) => `"f${at}":"${at}"`).join()},"prompt_tokens":19,"completion_tokens":12}`,
  ],
  [
    '100,000 items',
    `{"x":[${Array.from({ length: 100_000 }, () => '{"a":[1,2]}').join()}],"prompt_tokens":19,"completion_tokens":12}`,
  ],
  ['a name of 1 MB', `{"${'n'.repeat(1_000_000)}":1,"prompt_tokens":19,"completion_tokens":12}`],
  [
    'a field called __proto__',
    '{"__proto__":{"prompt_tokens":7},"prompt_tokens":19,"completion_tokens":12}',
  ],
];

describe('a call whose usage has', () => {
  test.each(huge)(
    '%s: is booked, stops the next ones, and is one document',
    async (_what, usage) => {
      const shop = await openShop(stream(answer(usage)));
      const argv = ['chat', '--json', '--max-tokens', '9', 'Hi'];
      const first = await buy(shop, { day: '5' }, argv);
      expect(first.code, first.err()).toBe(0);
      expect(first.json()).toMatchObject({
        ok: true,
        cost: { amount: '3.00' },
        usage: { prompt_tokens: 19, completion_tokens: 12 },
      });
      const codes = [first.code];
      for (let call = 1; call < 4; call += 1) codes.push((await buyAgain(first, shop, argv)).code);
      expect(codes).toEqual([0, 0, 27, 27]);
      const text = readFileSync(join(first.home, 'ledger', '2026-11.jsonl'), 'utf8');
      for (const line of text.split('\n')) expect(line.length).toBeLessThan(40_000);
      const report = await buyAgain(first, shop, ['cost', '--since', 'today', '--json']);
      expect(report.json()).toMatchObject({
        totals: { calls: 2, prompt_tokens: 38, cost: { amount: '6' } },
        skipped_lines: 0,
      });
    },
  );
});

describe('the key', () => {
  const echo = { id: secretKey, model: secretKey, 'x-gateway-request-id': `req-${secretKey}` };
  const usage = JSON.stringify({
    ...counts,
    [secretKey]: secretKey,
    list: [{ x: `a${secretKey}b` }],
  });

  test('M9 echoed as model, request id and in the usage is in no file and not in the document', async () => {
    const shop = await openShop(stream(answer(usage, echo)));
    const world = await buy(shop, { day: '5' }, [
      'chat',
      '--json',
      '--session',
      's',
      '--max-tokens',
      '9',
      'Hi',
    ]);
    expect(world.code, world.err()).toBe(0);
    expectNoKey(world);
    expect(world.ledger().at(-1)).toMatchObject({
      model: '***',
      usage: { '***': '***', prompt_tokens: 19 },
    });
  });

  test('M9 in an answer or a prompt is neither in the conversation nor shown; another key stays', async () => {
    const delta = { content: `Your key: ${secretKey}, not sk-at-example-of-another-key!` };
    const text = { choices: [{ index: 0, delta, finish_reason: 'stop' }] };
    const shop = await openShop(stream(answer(JSON.stringify(counts), text)));
    const world = worldAt(shop.server);
    expect(await world.run('chat', '--session', 's', `Is ${secretKey} yours?`), world.err()).toBe(
      0,
    );
    expect(world.out()).toBe('Your key: ***, not sk-at-example-of-another-key!\n');
    expect(turnsOf(world, 's')).toMatchObject([
      {
        messages: [
          { role: 'user', content: 'Is *** yours?' },
          { role: 'assistant', content: 'Your key: ***, not sk-at-example-of-another-key!' },
        ],
      },
    ]);
  });

  test('a short one is left alone', () => {
    expect(boundedJson({ model: 'test-model' }, 'test')).toEqual({ model: 'test-model' });
    expect(boundedJson('a123456789012b', '123456789012')).toBe('a***b');
    expect(boundedJson(1234567890123, '123456789012')).toBe('…');
  });
});

test('a key is not left in a name or a number of plain counts', () => {
  expect(boundedJson({ my_secret_word: 1, prompt_tokens: 2 }, 'my_secret_word')).toEqual({
    '***': 1,
    prompt_tokens: 2,
  });
  expect(boundedJson({ prompt_tokens: 123456789012 }, '123456789012')).toEqual({
    prompt_tokens: '…',
  });
});

describe('bounded JSON', () => {
  test('leaves what is usual as it is', () => {
    const usage = {
      ...counts,
      cost: 0.5,
      none: null,
      yes: true,
      prompt_tokens_details: { cached_tokens: 0 },
      list: [1, 'a', {}],
    };
    expect(JSON.stringify(boundedJson(usage, secretKey))).toBe(JSON.stringify(usage));
  });

  test('says what it left out', () => {
    expect(boundedJson(JSON.parse(nested(9)), null)).toEqual(
      JSON.parse(nested(8).replace('1', '"…"')),
    );
    const wide = boundedJson(
      Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`f${at}`, 'x'])),
      null,
    );
    expect(Object.entries(wide as object).at(-1)).toEqual(['…', '…']);
  });

  test('is small whatever comes', () => {
    const deep = (levels: number): unknown =>
      levels === 0
        ? 'é'.repeat(3000)
        : Array.from({ length: 6 }, () => ({ [`n${levels}`.repeat(200)]: deep(levels - 1) }));
    expect(JSON.stringify(boundedJson(deep(5), secretKey)).length).toBeLessThan(40_000);
  });
});

describe('the record of a job', () => {
  test('with 4.3 MB of usage and the key in it is small, and read again (J13, M9)', async () => {
    const usage = { x: 'y'.repeat(4_300_000), input_tokens: 7, output_tokens: 196, key: secretKey };
    const completed = json(200, { ...result(inline(picture())), model: secretKey, usage });
    const { code, world, gateway } = await draw({ poll: completed });
    expect(code, world.err()).toBe(0);
    expect(records(world)).toMatchObject([
      { state: 'done', answered_model: '***', usage: { output_tokens: 196, key: '***' } },
    ]);
    const later = await resume(world, gateway, ['--all', '--json']);
    expect(later.world.err()).not.toMatch(/unreadable|cannot be read/);
  });
});
