import { describe, expect, test } from 'vitest';
import { alltoken } from '../../src/gateways/alltoken.ts';
import { modelsOf, startClient } from './client.ts';

describe('GET /v1/models', () => {
  test('lists the chats, and no image and no video', async () => {
    const { get } = await startClient();
    const reply = await get('/models');
    expect(reply.json.object).toBe('list');
    expect(modelsOf(reply).map(({ id }) => id)).toEqual(alltoken.knownModels);
    expect(new Set(modelsOf(reply).map(({ object }) => object))).toEqual(new Set(['model']));
  });

  test('has a chat that takes pictures', async () => {
    const { get } = await startClient();
    const vision = modelsOf(await get('/models')).filter(({ modality }) => modality === 'vision');
    expect(vision).toMatchObject([
      {
        id: 'gemini-3.1-pro-preview',
        input_modalities: ['text', 'image'],
        output_modalities: ['text'],
      },
    ]);
  });

  test('refuses the wrong key', async () => {
    const { get } = await startClient();
    const wrong = { authorization: 'Bearer sk-at-invalid' };
    expect(await get('/models', wrong)).toMatchObject({ status: 401, code: 'invalid_api_key' });
  });
});

test('the owner of a model does not tell what kind it is', async () => {
  const { get } = await startClient();
  const ownersIn = async (path: string) =>
    new Set(modelsOf(await get(path)).map((item) => item.owned_by));
  expect(await ownersIn('/models')).toEqual(new Set(['chat', 'sandbox']));
  expect(await ownersIn('/videos/models')).toEqual(new Set(['chat', 'sandbox']));
});

test('every model says in its name and its description that it is none', async () => {
  const { get } = await startClient();
  for (const path of ['/models', '/images/models', '/videos/models']) {
    for (const item of modelsOf(await get(path))) {
      expect(item.display_name).toMatch(/\(sandbox\)$/);
      expect(item.description).toContain('no model is behind it');
    }
  }
});
