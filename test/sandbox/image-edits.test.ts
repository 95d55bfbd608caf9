import { describe, expect, test } from 'vitest';
import {
  type Client,
  itemsOf,
  type Json,
  pngUpload,
  presign,
  startClient,
  upload,
} from './client.ts';
import { readPng } from './png.ts';

const source = 'image_edit_source';

function edit(client: Client, fields: Json, headers = {}) {
  const body = { model: 'gpt-image-2', prompt: 'make it blue', size: '256x256', ...fields };
  return client.post('/images/edits', body, headers);
}

describe('POST /v1/images/edits', () => {
  test('makes a picture in a frame from an upload', async () => {
    const client = await startClient();
    const id = await upload(client, pngUpload(), source);
    const mask = await upload(client, pngUpload(), 'image_edit_mask');
    const { status, json } = await edit(client, {
      image_upload_id: id,
      mask_upload_id: mask,
      n: 2,
    });
    expect(status).toBe(202);
    const items = itemsOf(await client.pollImage(String(json.id)));
    expect(items).toHaveLength(2);
    const png = readPng(Buffer.from(String(items[0]?.b64_json), 'base64'));
    expect(png).toMatchObject({ width: 256, height: 256 });
    const corners = [png.at(0, 0), png.at(255, 0), png.at(0, 255), png.at(255, 255)];
    expect(new Set(corners.map(String))).toEqual(new Set([String([255, 200, 60])]));
  });

  test('tells one upload from another in the picture', async () => {
    const client = await startClient();
    const images = [];
    for (const own of ['x', 'y']) {
      const id = await upload(client, pngUpload(own), source);
      const { json } = await edit(client, { image_upload_id: id });
      images.push(itemsOf(await client.pollImage(String(json.id)))[0]?.b64_json);
    }
    expect(images[0]).not.toBe(images[1]);
  });

  test.each([
    ['no upload', {}],
    ['an unknown one', { image_upload_id: 'upl_000000000000000000000000' }],
    ['a mask that is none', { mask_upload_id: 'upl_000000000000000000000000' }],
    ['no prompt', { prompt: undefined }],
  ])('refuses %s', async (what, fields) => {
    const client = await startClient();
    const given =
      what === 'no upload' ? {} : { image_upload_id: await upload(client, pngUpload(), source) };
    expect((await edit(client, { ...given, ...fields })).status).toBe(400);
  });
});

describe('an upload', () => {
  test('serves one task', async () => {
    const client = await startClient();
    const fields = { image_upload_id: await upload(client, pngUpload(), source) };
    expect((await edit(client, fields)).status).toBe(202);
    const second = await edit(client, fields);
    expect(second).toMatchObject({ status: 400, json: { error: { param: 'image_upload_id' } } });
  });

  test('is not used up by a request that was refused', async () => {
    const client = await startClient();
    const fields = { image_upload_id: await upload(client, pngUpload(), source) };
    const other = { mask_upload_id: 'upl_000000000000000000000000' };
    expect((await edit(client, { ...fields, ...other })).status).toBe(400);
    expect((await edit(client, fields)).status).toBe(202);
  });

  test('is not looked at again when the request is a repeated one', async () => {
    const client = await startClient();
    const fields = { image_upload_id: await upload(client, pngUpload(), source) };
    const key = { 'idempotency-key': 'k1' };
    const { json } = await edit(client, fields, key);
    const second = await edit(client, fields, key);
    expect(second).toMatchObject({ status: 409, json: { error: { task_id: json.id } } });
  });

  test('serves only the key that it was made with', async () => {
    const client = await startClient();
    const mine = { authorization: 'Bearer sk-at-1' };
    const fields = { image_upload_id: await upload(client, pngUpload(), source, mine) };
    expect((await edit(client, fields, { authorization: 'Bearer sk-at-2' })).status).toBe(400);
    expect((await edit(client, fields, mine)).status).toBe(202);
  });

  test('serves only what it was made for', async () => {
    const client = await startClient();
    const id = await upload(client, pngUpload(), 'image_variation_source');
    expect((await edit(client, { image_upload_id: id })).status).toBe(400);
  });

  test('must have come', async () => {
    const client = await startClient();
    const { id } = await presign(client, pngUpload(), source);
    expect((await edit(client, { image_upload_id: id })).status).toBe(400);
  });

  test('must be what it says', async () => {
    const client = await startClient();
    const id = await upload(client, Buffer.from('GIF89a and so on'), source);
    expect((await edit(client, { image_upload_id: id })).status).toBe(400);
  });

  test('must not be too old', async () => {
    const client = await startClient({ lifetimes: { uploadMillis: -1 } });
    const id = await upload(client, pngUpload(), source);
    expect((await edit(client, { image_upload_id: id })).status).toBe(400);
  });

  test('cannot be named twice', async () => {
    const client = await startClient();
    const id = await upload(client, pngUpload(), 'video_input_image');
    const content = [1, 2].map(() => ({ type: 'image', upload_id: id }));
    const body = { model: 'seedance-2.0', prompt: 'a fox', content };
    expect((await client.post('/videos/generations', body)).status).toBe(400);
  });
});

describe('POST /v1/images/variations', () => {
  test.each(['dall-e-2', 'gpt-image-2'])(
    'makes a picture without a prompt with %s',
    async (model) => {
      const client = await startClient();
      const id = await upload(client, pngUpload(), 'image_variation_source');
      const reply = await client.post('/images/variations', { model, image_upload_id: id });
      expect(reply.status).toBe(202);
      const { json } = await client.pollImage(String(reply.json.id));
      expect(json).toMatchObject({ status: 'completed', model, size: '1024x1024' });
    },
  );

  test('takes few sizes', async () => {
    const client = await startClient();
    const id = await upload(client, pngUpload(), 'image_variation_source');
    const body = { model: 'dall-e-2', image_upload_id: id, size: '256x256' };
    const reply = await client.post('/images/variations', body);
    expect(reply).toMatchObject({ status: 400, json: { error: { param: 'size' } } });
  });
});
