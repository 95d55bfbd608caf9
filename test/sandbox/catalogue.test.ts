import { describe, expect, test } from 'vitest';
import { type Json, modelsOf, say, startClient } from './client.ts';

async function catalogueOf(...faults: string[]): Promise<Map<unknown, Json>> {
  const { getPublic } = await startClient({ faults });
  return new Map(modelsOf(await getPublic('/models')).map((item) => [item.id, item]));
}

describe('the catalogue', () => {
  test('tells of a chat what it costs, takes, gives and can hold', async () => {
    const items = await catalogueOf();
    expect(items.get('gpt-5.4-mini')).toEqual({
      id: 'gpt-5.4-mini',
      modality: 'text',
      display_name: 'Gpt 5.4 Mini (sandbox)',
      description: expect.stringContaining('no model is behind it'),
      input_modalities: ['text'],
      output_modalities: ['text'],
      input_price: '0.75',
      output_price: '4.50',
      cached_input_price: '0.075',
      context_length: 400_000,
      max_output_tokens: 128_000,
    });
  });

  test.each([
    ['gpt-5.4-nano', '0.20', '1.25', '0.02'],
    ['deepseek-v4-pro', '0.28', '0.42', '0.028'],
    ['gpt-5.4-pro', '30.00', '180.00', '3.00'],
    ['glm-4.7-flash', '0.00', '0.00', '0.00'],
  ])('has the prices of %s for a million tokens', async (id, input, output, cached) => {
    expect((await catalogueOf()).get(id)).toMatchObject({
      input_price: input,
      output_price: output,
      cached_input_price: cached,
    });
  });

  test('has images and videos too, with prices, and says what they are', async () => {
    const items = await catalogueOf();
    expect(items.get('gpt-image-2')).toMatchObject({
      modality: 'image',
      output_modalities: ['image'],
      input_price: '5.00',
    });
    expect(items.get('seedance-1.5-pro')).toMatchObject({
      modality: 'video',
      output_modalities: ['video'],
      output_price: '1.50',
    });
    expect(items.get('seedance-1.5-pro')).not.toHaveProperty('context_length');
    expect(items.get('gemini-3.1-pro-preview')).toMatchObject({ modality: 'vision' });
  });

  test.each(['kimi-k2.6', 'gpt-5.3-codex', 'qwen3-coder-next'])(
    'does not hold %s, which can be had all the same',
    async (model) => {
      const client = await startClient();
      const known = modelsOf(await client.getPublic('/models'));
      expect(known.map(({ id }) => id)).not.toContain(model);
      expect(modelsOf(await client.get('/models')).map(({ id }) => id)).toContain(model);
      expect(await say(client, { model })).toMatchObject({ status: 200 });
    },
  );

  test('asks for no key, and looks at none', async () => {
    const { getPublic } = await startClient();
    const wrong = { authorization: 'Bearer sk-at-invalid' };
    expect((await getPublic('/models', wrong)).status).toBe(200);
    expect((await getPublic('/providers', wrong)).status).toBe(200);
  });
});

describe('one model of the catalogue', () => {
  test('is what the catalogue says of it, under data', async () => {
    const { getPublic } = await startClient();
    const { json } = await getPublic('/models/gpt-image-2');
    const all = modelsOf(await getPublic('/models'));
    expect(json).toEqual({ data: all.find(({ id }) => id === 'gpt-image-2') });
  });

  test('can be named with escapes', async () => {
    const { getPublic } = await startClient();
    expect((await getPublic('/models/glm%2D5')).json.data).toMatchObject({ id: 'glm-5' });
  });

  test.each(['no-such-model', 'kimi-k2.6', '%zz'])('does not exist for %s', async (id) => {
    const { getPublic } = await startClient();
    const reply = await getPublic(`/models/${id}`);
    expect(reply).toMatchObject({ status: 404, code: 'model_not_found' });
    expect(reply.json.error).toMatchObject({ request_id: expect.any(String) });
  });
});

test('the filters are no model', async () => {
  const { getPublic } = await startClient();
  const { json, status } = await getPublic('/models/filters');
  expect(status).toBe(200);
  expect(json.data).toMatchObject({ modalities: expect.arrayContaining(['text', 'video']) });
  expect(JSON.stringify(json)).toContain('sandbox');
});

describe('odd-catalogue', () => {
  test('gives the prices for a thousand tokens, exactly, under the same names', async () => {
    const items = await catalogueOf('odd-catalogue');
    expect(items.get('gpt-5.4-mini')).toMatchObject({
      input_price: '0.00075',
      output_price: '0.0045',
      cached_input_price: '0.000075',
    });
    expect(items.get('gpt-5.4-pro')).toMatchObject({ input_price: '0.03', output_price: '0.18' });
  });

  test('hits one model too, and so many requests as it says', async () => {
    const { getPublic } = await startClient({ faults: ['odd-catalogue:1'] });
    const price = async () =>
      ((await getPublic('/models/gpt-5.4-mini')).json.data as Json).input_price;
    expect([await price(), await price()]).toEqual(['0.00075', '0.75']);
  });
});
