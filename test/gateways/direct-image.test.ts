import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Files } from '../../src/base/deps.ts';
import { lostReply } from '../helpers/ask.ts';
import { type Answer, type Played, play } from '../helpers/gateways.ts';
import { type Fate, fatefulFiles } from '../helpers/image-faults.ts';
import { half, picture } from '../helpers/image-replies.ts';
import { recordOf } from '../helpers/video-world.ts';

const create = 'POST /api/v1/images/generations';
const body = { created: 1, data: [{ b64_json: picture().toString('base64') }] };
const wholeBytes = JSON.stringify(body).length;
const argv = ['image', '-g', 'tokenhub', '-o', 'a.png', 'A cat'] as const;

function draw(answer: Answer, files: Partial<Files> = {}): Promise<Played> {
  return play('tokenhub', { [create]: answer }, { files });
}

/** What stands in the journal beside the record, by its ending. */
function besideRecord({ world }: Played, ending: string): string | undefined {
  const directory = join(world.home, 'tasks');
  const names = existsSync(directory) ? readdirSync(directory) : [];
  const name = names.find((one) => one.endsWith(ending));
  return name === undefined ? undefined : join(directory, name);
}

function bytesIn(path: string | undefined): number {
  return path !== undefined && existsSync(path) ? statSync(path).size : 0;
}

/** The process meets its fate at its nth change of the disk; null when it made fewer. */
async function dieAt(nth: number, fate: Fate): Promise<Played | null> {
  let count = 0;
  let reached = (): void => {};
  const dead = new Promise<'dead'>((resolve) => {
    reached = () => resolve('dead');
  });
  const files = fatefulFiles(({ writes }) => {
    count += writes ? 1 : 0;
    return writes && count === nth ? fate : 'usual';
  }, reached);
  const played = await draw({ json: body }, files);
  const end = await Promise.race([played.run(...argv), dead]);
  return end === 'dead' ? played : null;
}

describe('a picture in the reply to the request that buys it', () => {
  test.each(['dies before', 'dies after'] as const)(
    'is saved from disk and bought once, wherever the process %s a change of the disk',
    async (fate) => {
      let fromDisk = 0;
      let nth = 1;
      for (; ; nth += 1) {
        const died = await dieAt(nth, fate);
        if (died === null) break;
        const bought = died.server.requests.length;
        const isHere =
          existsSync(join(died.world.home, 'a.png')) ||
          bytesIn(besideRecord(died, '.body')) === wholeBytes ||
          bytesIn(besideRecord(died, '.reply')) === wholeBytes;
        if (besideRecord(died, '.json') === undefined) {
          expect(bought).toBe(0);
          continue;
        }
        const later = died.later();
        const code = await later.run('tasks', 'resume', recordOf(died.world).id);
        expect([nth, code], later.world.err()).toEqual([nth, isHere ? 0 : 46]);
        expect(died.server.requests).toHaveLength(bought);
        if (!isHere) continue;
        fromDisk += 1;
        expect(readFileSync(join(died.world.home, 'a.png')).equals(picture())).toBe(true);
      }
      expect(nth).toBeGreaterThan(10);
      expect(fromDisk).toBeGreaterThan(4);
    },
    120_000,
  );

  test('that is no task at all is 46, is not bought again, and stays where it is', async () => {
    const played = await draw(half(body) as Answer);
    expect(await played.run(...argv), played.world.err()).toBe(46);
    const path = (besideRecord(played, '.half') ?? '').replace(/half$/, 'reply');
    unlinkSync(besideRecord(played, '.half') ?? '');
    writeFileSync(path, '["not one", "of ours"]');
    const later = played.later();
    expect(await later.run('tasks', 'resume', recordOf(played.world).id)).toBe(46);
    expect(later.world.err()).toContain(`saved in ${path}`);
    expect(readFileSync(path, 'utf8')).toBe('["not one", "of ours"]');
    expect(played.server.requests).toHaveLength(1);
  });

  test('that breaks off is 46, is not bought again, and its half is kept', async () => {
    const played = await draw(half(body) as Answer);
    expect(await played.run(...argv), played.world.err()).toBe(46);
    expect(played.server.requests).toHaveLength(1);
    const kept = besideRecord(played, '.half') ?? '';
    expect(JSON.stringify(body).startsWith(readFileSync(kept, 'utf8'))).toBe(true);
    expect(bytesIn(kept)).toBeGreaterThan(1024);
    const later = played.later();
    expect(await later.run('tasks', 'resume', recordOf(played.world).id)).toBe(46);
    expect(played.server.requests).toHaveLength(1);
    expect(played.world.err()).toContain(`the data received is saved in ${kept}`);
    expect(later.world.err()).toContain(`the data received is saved in ${kept}`);
    expect(bytesIn(kept)).toBeGreaterThan(1024);
    expect(later.world.err()).toMatch(
      /^hint: it may have been billed; look at your usage at https:\/\/tokenhub\.store .*tasks forget job_/m,
    );
  });

  test('that never comes is 46, and is not asked for again: nothing there knows a repetition', async () => {
    const played = await draw(lostReply);
    expect(await played.run(...argv, '--json')).toBe(46);
    expect(played.server.requests).toHaveLength(1);
    expect(played.server.requests[0]?.headers).not.toHaveProperty('idempotency-key');
    expect(played.world.json()).toMatchObject({
      error: { name: 'outcome_unknown', billed: 'unknown' },
    });
  });

  test('goes to standard output with -o -, byte for byte', async () => {
    const played = await draw({ json: body });
    expect(await played.run('image', '-g', 'tokenhub', '-o', '-', 'A cat')).toBe(0);
    expect(played.world.out()).toBe(picture().toString('latin1'));
    expect(recordOf(played.world)).toMatchObject({ state: 'done', task_id: null });
  });

  test('is in the journal with what it was, and without a task', async () => {
    const played = await draw({ json: body });
    expect(await played.run(...argv)).toBe(0);
    expect(recordOf(played.world)).toMatchObject({
      state: 'done',
      task_id: null,
      request_id: 'req-played',
      create: { attempts: 1, idempotency_key: null },
    });
    expect(played.world.ledger()).toHaveLength(2);
  });

  const bare = { b64_json: picture().toString('base64') };
  test.each<[string, unknown]>([
    ['a list without a name', [bare]],
    ['under another name', { images: [bare] }],
    [
      'an address where none is looked for',
      { output: [{ url: 'https://pictures.example/1.png' }] },
    ],
  ])(
    'that is not understood stays on disk, is named, and outlives a resume: %s',
    async (_what, json) => {
      const played = await draw({ json });
      expect(await played.run(...argv)).toBe(41);
      const kept = besideRecord(played, '.body') ?? '';
      expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual(json);
      expect(played.world.err()).toContain(`the data received is saved in ${kept}`);
      const later = played.later();
      expect(await later.run('tasks', 'resume', recordOf(played.world).id)).toBe(46);
      expect(later.world.err()).toContain(`the data received is saved in ${kept}`);
      expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual(json);
      expect(played.server.requests).toHaveLength(1);
    },
  );

  test.each(['running', 'QUEUED', 'odd'])(
    'is a picture, whatever word stands beside it: %s',
    async (status) => {
      const played = await draw({ json: { ...body, status } });
      expect(await played.run(...argv), played.world.err()).toBe(0);
      expect(readFileSync(join(played.world.home, 'a.png')).equals(picture())).toBe(true);
    },
  );

  test('without a journal leads to no command that needs one', async () => {
    const played = await draw(half(body) as Answer);
    expect(await played.run(...argv, '--no-journal')).toBe(46);
    expect(played.world.err()).not.toContain('tasks forget');
    expect(played.world.err()).toContain('the data received is saved in ');
  });

  test('that is neither a picture nor a task is 41, and may have been billed', async () => {
    const played = await draw({ json: { created: 1, data: [] } });
    expect(await played.run(...argv, '--json')).toBe(41);
    expect(played.world.json()).toMatchObject({ error: { name: 'protocol', billed: 'unknown' } });
  });
});
