import { describe, expect, test } from 'vitest';
import { type Answer, type Played, play, statusToken } from '../helpers/gateways.ts';
import { bytesOf, recordOf } from '../helpers/video-world.ts';

const create = 'POST /v1/contents/generations/tasks';
const poll = 'GET /v1/contents/generations/tasks/{token in path}';
const argv = ['video', '-g', 'altllm', '-o', 'a.mp4', 'A boat'] as const;

function film(...polls: Answer[]): Promise<Played> {
  return play('altllm', {
    [create]: { json: { altllm_status_token: '{token}' } },
    [poll]: polls,
    'GET /storage/film.mp4': '@film',
  });
}

const url = '{origin}/storage/film.mp4';

describe('the token of a video', () => {
  test('is in the journal before the first question, and finds the film in a later process', async () => {
    let stored: unknown = null;
    const played: Played = await film(
      (response) => {
        stored = recordOf(played.world);
        response.writeHead(401).end('{"detail":"bad token"}');
      },
      { json: { status: 'succeeded', content: { video_url: url } } },
    );
    expect(await played.run(...argv)).toBe(45);
    expect(stored).toMatchObject({ task_id: statusToken, state: 'submitted' });
    const { id, key_mark: mark } = recordOf(played.world);
    expect(mark).toMatch(/^[0-9a-f]{12}$/);
    const later = played.later();
    expect(await later.run('tasks', 'resume', id), later.world.err()).toBe(0);
    expect(bytesOf(played.world, 'a.mp4')).toHaveLength(40_000);
  });

  test('is not what people are told to type: the job has a short id', async () => {
    const played = await film({ json: { status: 'queued' } });
    expect(await played.run(...argv, '--async')).toBe(0);
    const { id } = recordOf(played.world);
    expect(played.world.err()).toContain(`Resume with: alltoken tasks resume ${id}\n`);
    expect(played.world.out()).toBe(`${statusToken}\n`);
  });

  test('stays out of the lines that people read', async () => {
    const played = await film(
      { json: { status: 'running' } },
      { json: { status: 'succeeded', video_url: url } },
    );
    expect(await played.run(...argv)).toBe(0);
    expect(played.world.err()).not.toContain(statusToken);
    expect(played.world.err()).toContain(`${recordOf(played.world).id} succeeded\n`);
  });

  test('says that the key is another one when it is', async () => {
    const played = await film({ json: { status: 'succeeded', video_url: url } });
    expect(await played.run(...argv, '--async')).toBe(0);
    const later = played.later({ env: { ALTLLM_API_KEY: 'sk-alt-another-key-0123456789' } });
    expect(await later.run('tasks', 'resume', recordOf(played.world).id)).toBe(0);
    expect(later.world.err()).toContain('was created with another key');
  });

  test('that does not come is 41, and may have been billed', async () => {
    const played = await play('altllm', { [create]: { json: { ok: true } } });
    expect(await played.run(...argv, '--json')).toBe(41);
    expect(played.world.json()).toMatchObject({ error: { code: 'no_task_id', billed: 'unknown' } });
    expect(played.server.requests).toHaveLength(1);
  });
});

describe('a film is found', () => {
  test.each([
    ['content.video_url', { status: 'succeeded', content: { video_url: url } }],
    ['video_url', { status: 'completed', video_url: url }],
    ['data[0].video_url', { status: 'done', data: [{ video_url: url }] }],
    ['unsigned_urls[0]', { status: 'success', unsigned_urls: [url, 'https://x.example/2'] }],
    ['output.video_url', { status: 'succeeded', output: { video_url: url } }],
    ['output.url', { status: 'succeeded', output: { url } }],
    ['url', { status: 'succeeded', url }],
    ['data, with its own status', { data: { status: 'succeeded', video_url: url } }],
    ['data, with task_status', { data: { task_status: 'SUCCEED', content: { video_url: url } } }],
    ['beside task_status', { task_status: 'Succeeded', video_url: url }],
  ])('in %s', async (_place, json) => {
    const played = await film({ json });
    expect(await played.run(...argv), played.world.err()).toBe(0);
    expect(bytesOf(played.world, 'a.mp4')).toHaveLength(40_000);
  });

  test('only once the task is done: before, an address may be anything', async () => {
    const early = {
      status: 'running',
      url: '{origin}/status',
      output: { url: '{origin}/preview' },
    };
    const played = await film({ json: early }, { json: { status: 'succeeded', url } });
    expect(await played.run(...argv), played.world.err()).toBe(0);
    expect(played.server.requests.map(({ path }) => path)).not.toContain('/preview');
  });

  test('nowhere: 41, and the task is kept', async () => {
    const played = await film({ json: { status: 'succeeded' } });
    expect(await played.run(...argv, '--json')).toBe(41);
    expect(played.world.json()).toMatchObject({ error: { code: 'no_result', billed: 'yes' } });
  });
});

describe('a failure is told', () => {
  test.each([
    ['error.message', { status: 'failed', error: { code: 'quota', message: 'no room' } }],
    ['error', { status: 'FAILED', error: 'no room' }],
    ['message', { status: 'Failed', message: 'no room' }],
    ['detail', { status: 'error', detail: 'no room' }],
    ['data', { data: { status: 'failed', error: { message: 'no room' } } }],
  ])('from %s', async (_place, json) => {
    const played = await film({ json });
    expect(await played.run(...argv)).toBe(44);
    expect(played.world.err()).toContain('alltoken: the task failed: no room [task_failed');
  });
});

describe('a word for a state', () => {
  test.each(['queued', 'PENDING', 'Created', 'in_progress', 'In Progress', 'GENERATING'])(
    '%s means that it goes on',
    async (status) => {
      const played = await film({ json: { status } }, { json: { status: 'succeeded', url } });
      expect(await played.run(...argv), played.world.err()).toBe(0);
      expect(played.world.err()).not.toContain('is not known');
    },
  );

  test('that nobody knows is said once, and the wait goes on', async () => {
    const odd = { json: { status: 'pondering' } };
    const played = await film(odd, odd, { json: { status: 'succeeded', url } });
    expect(await played.run(...argv)).toBe(0);
    expect(played.world.err().match(/unknown state "pondering"/g)).toHaveLength(1);
  });
});
