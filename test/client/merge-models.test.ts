import { describe, expect, test } from 'vitest';
import type { CatalogueModel } from '../../src/client/catalogue.ts';
import { mergeModels, unitOf } from '../../src/client/merge-models.ts';
import type { PriceUnit } from '../../src/money/prices.ts';
import { type ModelItem, type ModelKind, readModelList } from '../../src/schemas/models.ts';

function items(...data: object[]): ModelItem[] {
  return readModelList({ data }) ?? [];
}

function one(
  item: object,
  kind: ModelKind | null = null,
  unit: PriceUnit = 'per_million_tokens',
): CatalogueModel {
  const [model] = mergeModels([{ items: items({ id: 'x-1', ...item }), kind, unit }]);
  if (model === undefined) throw new Error('no model');
  return model;
}

describe('the kind of a model', () => {
  test.each([
    ['its modality', { modality: 'video', output_modalities: ['text'] }, 'video'],
    ['its modality, where vision is chat', { modality: 'vision' }, 'chat'],
    ['what it puts out', { output_modalities: ['image'], object: 'video' }, 'image'],
    ['text among what it puts out', { output_modalities: ['image', 'text'] }, 'chat'],
    ['its object', { object: 'audio' }, 'audio'],
    ['its id, when all else is silent', { id: 'doubao-seedance-2.0' }, 'video'],
    ['its id behind a vendor', { id: 'bytedance/doubao-seedream-5.0' }, 'image'],
    ['chat, when nothing says otherwise', { id: 'altllm-mega' }, 'chat'],
    ['other, for a modality that nobody knows', { modality: 'smell' }, 'other'],
  ] as const)('is told by %s', (_by, item, kind) => {
    expect(one(item).kind).toBe(kind);
  });

  test('is told by the list that it came from before its id', () => {
    expect(one({ id: 'gpt-5' }, 'image').kind).toBe('image');
  });

  test('is not told by its owner, nor by the object that all lists share', () => {
    expect(one({ object: 'model', owned_by: 'chat' }, 'video').kind).toBe('video');
  });
});

describe('one model of several lists', () => {
  const [model] = mergeModels([
    {
      items: items({ id: 'a', description: 'from the list', input_price: '9', output_price: '8' }),
      kind: null,
      unit: 'per_million_tokens',
    },
    {
      items: items({ id: 'a', display_name: 'A', description: 'no', input_price: '0.20' }),
      kind: null,
      unit: 'per_million_tokens',
    },
  ]);

  test('says what the first of them says, and what only others say', () => {
    expect(model).toMatchObject({ name: 'A', description: 'from the list' });
  });

  test('costs what the last of them says, and what only others say', () => {
    expect(model).toMatchObject({ input: '0.2', output: '8' });
  });

  test('stands there once, in the order of ids', () => {
    const lists = [items({ id: 'b' }, { id: 'a' }), items({ id: 'c' }, { id: 'b' })];
    const merged = mergeModels(
      lists.map((list) => ({ items: list, kind: null, unit: 'per_token' as const })),
    );
    expect(merged.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });
});

describe('prices', () => {
  test.each([
    ['a text for a token', { pricing: { prompt: '0.0000006' } }, 'per_token', '0.6'],
    ['a small number', { pricing: { prompt: 6e-7 } }, 'per_token', '0.6'],
    ['for a thousand', { input_price: '0.0002' }, 'per_thousand_tokens', '0.2'],
    ['for a million, as a number', { prompt_price: 0.2 }, 'per_million_tokens', '0.2'],
    ['free', { input_price: 'Free' }, 'per_million_tokens', '0'],
    ['none', {}, 'per_million_tokens', null],
    ['a table by resolution', { input_price: { '720p': 0.2 } }, 'per_million_tokens', null],
    ['less than nothing', { pricing: { prompt: '-1' } }, 'per_token', null],
    ['words', { input_price: 'ask us' }, 'per_million_tokens', null],
  ] as const)('%s', (_name, item, unit, input) => {
    expect(one(item, null, unit).input).toBe(input);
  });

  test('are for a thousand when half of them would be below a cent for a million', () => {
    const cheap = items(
      { id: 'free', input_price: '0' },
      { id: 'a', input_price: '0.0002' },
      { id: 'b', input_price: 0.0025 },
      { id: 'c', input_price: '0.03' },
    );
    expect(unitOf(cheap, 'per_million_tokens')).toBe('per_thousand_tokens');
  });

  test('are for a million when too few are told to guess from', () => {
    const two = items(
      { id: 'free', input_price: '0' },
      { id: 'a', input_price: '0.0002' },
      { id: 'b', input_price: '0.0002' },
      { id: 'c' },
    );
    expect(unitOf(two, 'per_million_tokens')).toBe('per_million_tokens');
  });

  test('are for a million when only some are that low', () => {
    const usual = items({ id: 'a', input_price: '0.001' }, { id: 'b', input_price: '0.2' });
    expect(unitOf(usual, 'per_million_tokens')).toBe('per_million_tokens');
    expect(unitOf([], 'per_million_tokens')).toBe('per_million_tokens');
    expect(
      unitOf(
        items(
          { id: 'a', input_price: '0.001' },
          { id: 'b', input_price: '0.2' },
          { id: 'c', input_price: '3' },
        ),
        'per_million_tokens',
      ),
    ).toBe('per_million_tokens');
    expect(unitOf(items({ id: 'a', pricing: { prompt: '1e-9' } }), 'per_token')).toBe('per_token');
  });
});

describe('lists of any shape', () => {
  test.each([
    ['under data', { data: [{ id: 'a' }] }],
    ['under models', { models: [{ id: 'a' }] }],
    ['under data, twice', { data: { models: [{ id: 'a' }], total: 1 } }],
    ['alone', [{ id: 'a' }]],
    ['with items that are no models', { data: [null, 7, {}, { id: '' }, { id: 'a' }] }],
  ])('%s', (_name, json) => {
    expect(readModelList(json)?.map(({ id }) => id)).toEqual(['a']);
  });

  test('none is not an empty one', () => {
    expect(readModelList({ data: null })).toEqual([]);
    expect(readModelList({ error: 'x' })).toBeNull();
    expect(readModelList('models')).toBeNull();
  });

  test('a field of another type costs the field, not the model', () => {
    expect(
      one({ context_length: '128k', input_modalities: 'text', capabilities: [] }),
    ).toMatchObject({ id: 'x-1', context: null, input_modalities: null, capabilities: null });
  });
});
