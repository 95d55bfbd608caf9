import { describe, expect, test } from 'vitest';
import { play } from '../helpers/gateways.ts';
import { fatefulFiles } from '../helpers/image-faults.ts';
import { picture } from '../helpers/video-gateway.ts';
import { recordOf } from '../helpers/video-world.ts';

const create = 'POST /api/v1/images/generations';
const argv = ['image', '-g', 'tokenhub', '-o', 'a.png', 'A cat'] as const;

/** Whatever is done with the file of the response fails. */
const withoutSpool = (name: string) =>
  fatefulFiles((operation) =>
    operation.name === name && operation.path.endsWith('.reply') ? { code: 'ENOSPC' } : 'usual',
  );

const storage = {
  'GET /storage/a.png': { headers: { 'content-type': 'image/png' }, file: '@picture' },
};

describe('a response to a create request that cannot be saved', () => {
  test.each(['openToWrite', 'write', 'sync'])(
    'costs no task: its id is in the journal, and is waited for (%s fails)',
    async (name) => {
      const played = await play(
        'tokenhub',
        {
          [create]: { status: 202, json: { id: 'tsk-1', status: 'queued' } },
          'GET /api/v1/images/generations/tsk-1': {
            json: { id: 'tsk-1', status: 'succeeded', data: [{ url: '{origin}/storage/a.png' }] },
          },
          ...storage,
        },
        { files: withoutSpool(name) },
      );
      expect(await played.run(...argv), played.world.err()).toBe(0);
      expect(recordOf(played.world)).toMatchObject({ state: 'done', task_id: 'tsk-1' });
    },
  );

  test.each(['openToWrite', 'write', 'sync', 'rename'])(
    'costs no picture behind an address (%s fails)',
    async (name) => {
      const files =
        name === 'rename'
          ? fatefulFiles((operation) =>
              operation.name === name && operation.path.endsWith('.body')
                ? { code: 'EIO' }
                : 'usual',
            )
          : withoutSpool(name);
      const json = { created: 1, data: [{ url: '{origin}/storage/a.png' }] };
      const played = await play('tokenhub', { [create]: { json }, ...storage }, { files });
      expect(await played.run(...argv), played.world.err()).toBe(0);
      expect(recordOf(played.world)).toMatchObject({ state: 'done', body: null });
    },
  );

  test('that is an error is that error, and nothing was bought', async () => {
    const json = { error: { code: 'invalid_request', message: 'no such size' } };
    const played = await play(
      'tokenhub',
      { [create]: { json } },
      { files: withoutSpool('openToWrite') },
    );
    expect(await played.run(...argv), played.world.err()).toBe(25);
    expect(played.world.err()).toContain('no such size');
  });

  test('is 50 where it is the picture itself', async () => {
    const json = { created: 1, data: [{ b64_json: picture.toString('base64') }] };
    const played = await play('tokenhub', { [create]: { json } }, { files: withoutSpool('sync') });
    expect(await played.run(...argv, '--json')).toBe(50);
    expect(played.world.json()).toMatchObject({ error: { billed: 'unknown' } });
  });
});
