import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { draw, expectOneFile } from '../../helpers/image.ts';
import { jpeg, picture, sha256 } from '../../helpers/image-replies.ts';

const home = { 'in.png': picture(3000, 2), 'mask.png': picture(900, 3), 'in.jpg': jpeg };

describe('image --image with a prompt', () => {
  test('presigns, puts, and edits by upload id', async () => {
    const { code, world, gateway } = await draw({}, ['--image', 'in.png', 'Make it red'], { home });
    expect(code, world.err()).toBe(0);
    expect(gateway.requests.map(({ route }) => route).slice(0, 4)).toEqual([
      'presign',
      'put',
      'create',
      'poll',
    ]);
    const [create] = gateway.to('create');
    expect(create?.path).toBe('/v1/images/edits');
    expect(create?.json).toEqual({
      model: 'gpt-image-2',
      prompt: 'Make it red',
      image_upload_id: 'upl_1',
    });
    expect(create?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
    expectOneFile(world);
  });

  test('tells storage the type, the size and both hashes before', async () => {
    const { gateway } = await draw({}, ['--image', 'in.png', 'Make it red'], { home });
    const bytes = home['in.png'];
    const [presign] = gateway.to('presign');
    expect(presign?.json).toEqual({
      purpose: 'image_edit_source',
      content_type: 'image/png',
      content_length: 3000,
      content_md5: createHash('md5').update(bytes).digest('base64'),
      checksum_sha256: sha256(bytes),
    });
    expect(presign?.headers.authorization).toBe('Bearer sk-at-test-0123456789abcdef');
  });

  test('puts the exact bytes with the headers that came back, and never the key', async () => {
    const { gateway } = await draw({}, ['--image', 'in.png', 'Make it red'], { home });
    const [put] = gateway.to('put');
    expect(put?.bytes.equals(home['in.png'])).toBe(true);
    expect(put?.path).toBe('/bucket/upload-1?X-Amz-Signature=cafe1');
    expect(put?.headers).toMatchObject({
      'content-type': 'image/png',
      'content-md5': createHash('md5').update(home['in.png']).digest('base64'),
      'content-length': '3000',
    });
    for (const name of ['authorization', 'x-api-key', 'idempotency-key', 'transfer-encoding'])
      expect(put?.headers).not.toHaveProperty(name);
  });

  test('tells the type by the bytes, whatever the name says', async () => {
    const { gateway } = await draw({}, ['--image', 'photo.png', 'Make it red'], {
      home: { 'photo.png': jpeg },
    });
    expect(gateway.to('presign')[0]?.json).toMatchObject({ content_type: 'image/jpeg' });
    expect(gateway.to('put')[0]?.headers['content-type']).toBe('image/jpeg');
  });

  test('uploads the mask for itself', async () => {
    const argv = ['--image', 'in.png', '--mask', 'mask.png', 'Make it red'];
    const { gateway } = await draw({}, argv, { home });
    expect(gateway.to('presign').map(({ json }) => json?.purpose)).toEqual([
      'image_edit_source',
      'image_edit_mask',
    ]);
    expect(gateway.to('put').map(({ bytes }) => bytes.length)).toEqual([3000, 900]);
    expect(gateway.to('create')[0]?.json).toMatchObject({
      image_upload_id: 'upl_1',
      mask_upload_id: 'upl_2',
    });
  });

  test('sends the flags along', async () => {
    const argv = ['--image', 'in.png', '-n', '2', '--size', 'auto', '--quality', 'high', 'Red'];
    const { gateway } = await draw({}, argv, { home });
    expect(gateway.to('create')[0]?.json).toMatchObject({ n: 2, size: 'auto', quality: 'high' });
  });

  test('finds the file relative to the working directory', async () => {
    const { code } = await draw({}, ['--image', './in.png', 'Red'], { home });
    expect(code).toBe(0);
  });
});

describe('image --image without a prompt', () => {
  test('makes a variation', async () => {
    const { code, world, gateway } = await draw({}, ['--image', 'in.jpg'], { home });
    expect(code, world.err()).toBe(0);
    expect(gateway.to('presign')[0]?.json).toMatchObject({ purpose: 'image_variation_source' });
    expect(gateway.to('create')[0]).toMatchObject({
      path: '/v1/images/variations',
      json: { model: 'gpt-image-2', image_upload_id: 'upl_1' },
    });
    expectOneFile(world);
  });
});
