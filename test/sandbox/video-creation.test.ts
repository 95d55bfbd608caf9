import { describe, expect, test } from 'vitest';
import { aVideo, type Json, pngUpload, startClient, statesUntil, upload } from './client.ts';

const path = '/videos/generations';

describe('POST /v1/videos/generations', () => {
  test('makes a task and says where it stands', async () => {
    const client = await startClient();
    const { status, json } = await client.post(path, aVideo);
    expect(status).toBe(202);
    expect(json).toMatchObject({
      id: expect.stringMatching(/^vgen_[0-9a-f]{24}$/),
      status: 'queued',
      model: 'seedance-1.5-pro',
      is_expired: false,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
  });

  test('is refused with 404 for a model that nobody has', async () => {
    const { post } = await startClient();
    const reply = await post(path, { ...aVideo, model: 'seedance-9' });
    expect(reply).toMatchObject({ status: 404, code: 'upstream_model_not_found' });
  });

  test.each<[string, Json, string]>([
    ['no model', { model: undefined }, 'model'],
    ['no prompt', { prompt: undefined }, 'prompt'],
    ['an unknown ratio', { ratio: '2:1' }, 'ratio'],
    ['an unknown resolution', { resolution: '8k' }, 'resolution'],
    [
      'a resolution that the model lacks',
      { model: 'seedance-2.5', resolution: '1080p' },
      'resolution',
    ],
    ['content that is no list', { content: {} }, 'content'],
    ['a short life', { execution_expires_after: 3_599 }, 'execution_expires_after'],
    ['a long identifier', { safety_identifier: 'x'.repeat(65) }, 'safety_identifier'],
    ['an odd callback', { callback_url: 'file:///x' }, 'callback_url'],
    ['a format that only the latest takes', { output_format: 'mov' }, 'output_format'],
    [
      'frames out of step',
      { model: 'seedance-1.0-pro', duration: undefined, frames: 30 },
      'frames',
    ],
    [
      'an edit that keeps its ratio',
      { model: 'seedance-2.5', omni_reference_task_type: 'edit', duration: -1, ratio: '16:9' },
      'ratio',
    ],
    [
      'an edit that keeps its length',
      { model: 'seedance-2.5', omni_reference_task_type: 'edit', ratio: 'adaptive' },
      'duration',
    ],
  ])('is refused for %s', async (_what, wrong, param) => {
    const { post } = await startClient();
    const reply = await post(path, { ...aVideo, ...wrong });
    expect(reply).toMatchObject({
      status: 400,
      code: 'invalid_request',
      json: { error: { param } },
    });
  });

  test.each([
    ['seedance-1.0-pro', 2, 12, false],
    ['seedance-1.0-pro-fast', 2, 12, false],
    ['seedance-1.5-pro', 4, 12, true],
    ['seedance-2.0', 4, 15, true],
    ['seedance-2.0-fast', 4, 15, true],
    ['seedance-2.5', 4, 30, true],
  ])('%s takes %d to %d seconds', async (model, shortest, longest, choosesLength) => {
    const { post } = await startClient();
    const status = async (duration: number) =>
      (await post(path, { ...aVideo, model, duration })).status;
    expect(await status(shortest - 1)).toBe(400);
    expect(await status(shortest)).toBe(202);
    expect(await status(longest)).toBe(202);
    expect(await status(longest + 1)).toBe(400);
    expect(await status(shortest + 0.5)).toBe(400);
    expect(await status(-1)).toBe(choosesLength ? 202 : 400);
    expect(await status(0)).toBe(202);
  });
});

describe('the content of a request', () => {
  const image = 'https://example.com/a.png';

  test.each<[string, Json]>([
    ['an item that is none', 'x' as unknown as Json],
    ['an unknown type', { type: 'model' }],
    ['an unknown role', { type: 'text', text: 'x', role: 'hero' }],
    ['a text without text', { type: 'text' }],
    [
      'an image in the request itself',
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
    ],
    ['the same in short', { type: 'image', url: 'DATA:image/png;base64,AA==' }],
    ['an image from a disk', { type: 'image', url: 'file:///a.png' }],
    ['an asset for a model that takes none', { type: 'image', url: 'asset://1' }],
    ['an upload that nobody made', { type: 'image', upload_id: 'upl_1' }],
    ['both an address and an upload', { type: 'image', url: image, upload_id: 'upl_1' }],
    ['no address', { type: 'video_url', video_url: {} }],
    ['a draft without a name', { type: 'draft_task', draft_task: {} }],
  ])('must not be %s', async (_what, item) => {
    const { post } = await startClient();
    const reply = await post(path, { ...aVideo, content: [item] });
    expect(reply).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(JSON.stringify(reply.json)).toContain('content[0]');
  });

  test.each<[string, Json[]]>([
    ['text', [{ type: 'text', text: 'x' }]],
    ['image_first_frame', [{ type: 'image', url: image }]],
    [
      'image_first_last_frame',
      [
        { type: 'image_url', image_url: { url: image }, role: 'first_frame' },
        { type: 'image_url', image_url: { url: image }, role: 'last_frame' },
      ],
    ],
    ['image_reference', [{ type: 'image', url: 'asset://1', role: 'reference_image' }]],
    ['video_reference', [{ type: 'video', url: image, role: 'reference_video' }]],
    [
      'multimodal',
      [
        { type: 'image', url: image },
        { type: 'audio', url: image },
      ],
    ],
    ['draft_task', [{ type: 'draft_task', draft_task: { id: 'vgen_1' } }]],
  ])('makes the task one of %s', async (inputType, content) => {
    const { post } = await startClient();
    const reply = await post(path, { ...aVideo, model: 'seedance-2.0', content });
    expect(reply).toMatchObject({ status: 202, json: { input_type: inputType } });
  });

  test('tells who sends a file in the request itself to upload it', async () => {
    const { post } = await startClient();
    const content = [{ type: 'image', url: 'DATA:image/png;base64,AA==' }];
    const { json } = await post(path, { ...aVideo, content });
    expect(json.error).toMatchObject({ message: expect.stringContaining('upload_id') });
  });

  test('can be an upload, once, of the right kind', async () => {
    const client = await startClient();
    const id = await upload(client, pngUpload(), 'video_input_image');
    const send = (type: string) =>
      client.post(path, { ...aVideo, content: [{ type, upload_id: id }] });
    expect((await send('video')).status).toBe(400);
    expect((await send('image')).status).toBe(202);
    expect((await send('image')).status).toBe(400);
  });
});

test('a video is queued, then processing, then completed', async () => {
  const client = await startClient({ pace: { videoMillis: 2_000 } });
  const id = await client.video();
  const states = await statesUntil('completed', client.clock, () => client.pollVideo(id));
  expect(states).toEqual(['queued', 'processing', 'completed']);
});
