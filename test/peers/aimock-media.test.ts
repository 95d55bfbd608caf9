import { readdirSync, readFileSync } from 'node:fs';
import type { Fixture } from '@copilotkit/aimock';
import { describe, expect, test } from 'vitest';
import { picture } from '../helpers/image-replies.ts';
import { startServer } from '../helpers/server.ts';
import { film, filmReply } from '../helpers/video-gateway.ts';
import { posts, startAimock } from './aimock.ts';
import { startArkFront } from './ark-front.ts';
import { errorOf, peerWorld, runAt } from './peer.ts';

function drawing(response: Fixture['response']): Fixture {
  return { match: { endpoint: 'image' }, response };
}

async function draw(fixture: Fixture, ...flags: string[]) {
  const mock = await startAimock([fixture]);
  const world = peerWorld('openai', `${mock.url}/v1`);
  const code = await runAt(world, 'image', '-m', 'gpt-image-1', ...flags, 'A cat');
  return { mock, world, code };
}

/** aimock's tasks, behind a front that takes AltLLM's create request. */
async function startArk(task: object) {
  const mock = await startAimock([{ match: { endpoint: 'video' }, response: { json: task } }], {
    bytePlusVideo: { pollsBeforeInProgress: 2, pollsBeforeCompleted: 3 },
  });
  return { mock, ...(await startArkFront(mock.url)) };
}

/** A task that ends well, with its film in a storage of its own. */
async function filmTask() {
  const storage = await startServer(filmReply());
  const task = {
    model: 'seedance',
    status: 'succeeded',
    content: { video_url: `http://127.0.0.1:${storage.port}/v.mp4?sign=1` },
    usage: { completion_tokens: 48_000, total_tokens: 48_000 },
  };
  return { task, storage };
}

async function shoot(task: object, ...flags: string[]) {
  const { mock, baseUrl } = await startArk(task);
  const world = peerWorld('altllm', baseUrl);
  const code = await runAt(world, 'video', '-m', 'seedance', '-o', 'a.mp4', ...flags, 'A cat');
  return { mock, world, code };
}

describe('aimock /v1', () => {
  describe('images', () => {
    test('in the reply itself become a file', async () => {
      const { mock, world, code } = await draw(
        drawing({ image: { b64Json: picture().toString('base64') } }),
        '-o',
        'cat.png',
      );
      expect(code, world.err()).toBe(0);
      expect(world.out()).toBe(`${world.home}/cat.png\n`);
      expect(readFileSync(`${world.home}/cat.png`)).toEqual(picture());
      expect(posts(mock)).toEqual([200]);
    });

    test('behind an address are fetched, without the key', async () => {
      const storage = await startServer((response) => {
        response.writeHead(200, { 'content-type': 'image/png' });
        response.end(picture());
      });
      const url = `http://127.0.0.1:${storage.port}/cat.png`;
      const { world, code } = await draw(drawing({ images: [{ url }, { url }] }), '-o', 'cat.png');
      expect(code, world.err()).toBe(0);
      expect(world.out().trim().split('\n')).toHaveLength(2);
      expect(storage.requests.map(({ headers }) => headers.authorization)).toEqual([
        undefined,
        undefined,
      ]);
    });

    test('that are refused leave no file and no job', async () => {
      const error = { message: 'no cats', code: 'content_policy_violation' };
      const { world, code } = await draw(drawing({ error, status: 400 }), '--json');
      expect(code).toBe(26);
      expect(errorOf(world)).toMatchObject({ message: 'no cats', billed: 'no' });
      expect(readdirSync(world.home).filter((name) => name.endsWith('.png'))).toEqual([]);
    });

    test('of a server that drops the connection: nobody knows, and nothing is sent twice', async () => {
      const mock = await startAimock([
        { ...drawing({ images: [] }), chaos: { disconnectRate: 1 } },
      ]);
      const world = peerWorld('openai', `${mock.url}/v1`);
      expect(await runAt(world, 'image', '-m', 'gpt-image-1', 'A cat')).toBe(46);
      expect(posts(mock)).toHaveLength(1);
    });

    test('that are none of the promised are kept as they came', async () => {
      const { world, code } = await draw(drawing({ images: [] }), '--json');
      expect(code).toBe(41);
      expect(errorOf(world).billed).not.toBe('no');
    });
  });

  describe('videos', () => {
    test('of a create reply with another name for the task: it may be paid for, and is not sent again', async () => {
      const mock = await startAimock([
        {
          match: { endpoint: 'video' },
          response: { video: { id: 'v1', status: 'completed', url: 'http://127.0.0.1/v.mp4' } },
        },
      ]);
      const world = peerWorld('tokenhub', `${mock.url}/v1`);
      expect(await runAt(world, 'video', '-m', 'grok-imagine-video', '--json', 'A cat')).toBe(41);
      expect(errorOf(world)).toMatchObject({ code: 'no_task_id', billed: 'unknown' });
      expect(posts(mock)).toEqual([200]);
    });

    test('are not offered under this wire, and nothing is sent', async () => {
      const mock = await startAimock();
      const world = peerWorld('openai', `${mock.url}/v1`);
      expect(await runAt(world, 'video', 'A cat')).toBe(2);
      expect(mock.getRequests()).toEqual([]);
    });
  });
});

describe('aimock /api/v3 (Ark tasks)', () => {
  describe('videos', () => {
    test('are waited for and saved', async () => {
      const { task, storage } = await filmTask();
      const { mock, world, code } = await shoot(task);
      expect(code, world.err()).toBe(0);
      expect(world.out()).toBe(`${world.home}/a.mp4\n`);
      expect(readFileSync(`${world.home}/a.mp4`)).toEqual(film());
      expect(storage.requests[0]?.headers.authorization).toBeUndefined();
      expect(posts(mock)).toEqual([200]);
      expect(world.err()).toMatch(/ queued\n(.*\n)*.* running\n(.*\n)*.* succeeded\n/);
    });

    test.each([
      [
        'failed',
        26,
        { error: { code: 'OutputVideoSensitiveContentDetected', message: 'not that' } },
      ],
      ['failed', 44, { error: { code: 'InternalServiceError', message: 'not that' } }],
      ['cancelled', 44, {}],
      ['expired', 44, {}],
    ])('that end %s exit %i, and say why', async (status, exit, more) => {
      const { world, code } = await shoot({ model: 'seedance', status, ...more }, '--json');
      expect(code).toBe(exit);
      expect(world.json()).toMatchObject({ ok: false, status });
      if ('error' in more) expect(errorOf(world).message).toContain('not that');
    });

    test.each([
      ['errors', { dropRate: 1 }],
      ['nonsense', { malformedRate: 1 }],
      ['rate limits', { rateLimitRate: 1 }],
      ['dropped connections', { disconnectRate: 1 }],
    ])('are waited for through %s', async (_trouble, chaos) => {
      const { task } = await filmTask();
      const front = await startArk(task);
      const world = peerWorld('altllm', front.baseUrl);
      const { clock } = world.deps;
      const { sleep } = clock;
      // From the first pause to the fourth, nothing works.
      clock.sleep = (ms, signal) => {
        if (world.sleeps.length === 0) front.mock.setChaos(chaos);
        if (world.sleeps.length === 3) front.mock.clearChaos();
        return sleep(ms, signal);
      };
      expect(await runAt(world, 'video', '-m', 'seedance', '-o', 'a.mp4', 'A cat')).toBe(0);
      expect(readFileSync(`${world.home}/a.mp4`)).toEqual(film());
      expect(world.err()).toContain('still waiting for the task');
      expect(posts(front.mock)).toEqual([200]);
    });

    test('whose id is known are taken up again by another process', async () => {
      const { task } = await filmTask();
      const { mock, world, code } = await shoot(task, '--async');
      expect(code).toBe(0);
      expect(await runAt(world, 'tasks', 'resume', '--all')).toBe(0);
      expect(readFileSync(`${world.home}/a.mp4`)).toEqual(film());
      expect(posts(mock)).toEqual([200]);
    });

    test('that the server refuses are told in its words, and bought nothing', async () => {
      const mock = await startAimock();
      const world = peerWorld('altllm', `${mock.url}/api/v3`);
      expect(await runAt(world, 'video', '-m', 'seedance', '--json', 'A cat')).toBe(25);
      expect(errorOf(world)).toMatchObject({
        message: "Missing required parameter: 'content'",
        code: null,
        billed: 'no',
      });
    });
  });
});
