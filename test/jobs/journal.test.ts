import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/base/errors.ts';
import type { Job } from '../../src/jobs/job.ts';
import { type Journal, openJournal } from '../../src/jobs/journal.ts';
import { memoryJournal } from '../../src/jobs/memory-journal.ts';
import { type FakeOptions, fakeDeps } from '../helpers/fake-deps.ts';
import { filmItem, taskRecord } from '../helpers/video-record.ts';
import { systemError } from '../helpers/video-world.ts';

function newJournal(options: FakeOptions = {}): { journal: Journal; directory: string } {
  const world = fakeDeps(options);
  const directory = join(world.home, 'state', 'tasks');
  return { journal: openJournal(directory, world.deps), directory };
}

async function opened(journal: Journal, id: string): Promise<Job> {
  const job = await journal.open(id);
  if (job === null || 'heldBy' in job) throw new Error('not to be had');
  return job;
}

describe('a journal', () => {
  test('makes its directory with the first job, for this user alone', async () => {
    const { journal, directory } = newJournal();
    expect(await journal.list()).toEqual({ records: [], unreadable: [] });
    expect(existsSync(directory)).toBe(false);
    const job = await journal.begin(taskRecord());
    const path = join(directory, `${job.record.id}.json`);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('has the record on disk when a job has begun, and each change of it', async () => {
    const { journal, directory } = newJournal();
    const job = await journal.begin(taskRecord());
    const onDisk = (): unknown =>
      JSON.parse(readFileSync(join(directory, `${job.record.id}.json`), 'utf8'));
    expect(onDisk()).toEqual(taskRecord());
    expect(
      await job.update({ state: 'submitted', task_id: 'vgen_1', items: [filmItem()] }),
    ).toBeNull();
    expect(onDisk()).toMatchObject({
      state: 'submitted',
      task_id: 'vgen_1',
      items: [{ role: 'video' }],
    });
    expect(job.record.task_id).toBe('vgen_1');
  });

  test('gives a job back as it was left', async () => {
    const { journal } = newJournal();
    const job = await journal.begin(taskRecord());
    await job.update({ state: 'received', items: [filmItem()] });
    await job.release();
    const again = await opened(journal, job.record.id);
    expect(again.record).toEqual(job.record);
  });

  test('bounds what a server says, and has no key in it', async () => {
    const { journal } = newJournal();
    const job = await journal.begin(taskRecord());
    const key = 'sk-at-test-0123456789abcdef';
    job.conceal(key);
    await job.update({
      request_id: `req-${key}`,
      status: `queued by ${key}`,
      answered_model: `m-${key}`,
      usage: { by: key },
      error: { name: 'refused', code: `c-${key}`, message: `no, ${key}` },
    });
    expect(job.record).toMatchObject({
      request_id: 'req-***',
      status: 'queued by ***',
      answered_model: 'm-***',
      usage: { by: '***' },
      error: { name: 'refused', code: 'c-***', message: 'no, ***' },
    });
    await job.update({ request_id: 'x'.repeat(1_000_000), status: 'y'.repeat(1_000_000) });
    expect(JSON.stringify(job.record).length).toBeLessThan(20_000);
  });

  test('says which process has a job in hand', async () => {
    const { journal } = newJournal();
    const job = await journal.begin(taskRecord());
    expect(await journal.holderOf(job.record.id)).toBe(fakeDeps().deps.processId);
    await job.release();
    expect(await journal.holderOf(job.record.id)).toBeNull();
  });

  test('keeps fields of a later version', async () => {
    const { journal, directory } = newJournal();
    const job = await journal.begin(taskRecord({ ...{ colour: 'blue' } }));
    await job.release();
    const again = await opened(journal, job.record.id);
    await again.update({ status: 'queued' });
    const text = readFileSync(join(directory, `${job.record.id}.json`), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ colour: 'blue', status: 'queued' });
  });

  test('has nothing for an unknown id, and leaves no lock for it', async () => {
    const { journal, directory } = newJournal();
    await (await journal.begin(taskRecord())).release();
    expect(await journal.open('job_ffffffffffff')).toBeNull();
    expect(readdirSync(directory)).toEqual(['job_0123456789ab.json']);
  });

  test('lists what it can read, oldest first, and names the rest', async () => {
    const { journal, directory } = newJournal();
    for (const [id, at] of [
      ['job_00000000000b', '2026-11-22T12:00:02.000Z'],
      ['job_00000000000c', '2026-11-22T12:00:01.000Z'],
      ['job_00000000000a', '2026-11-22T12:00:03.000Z'],
    ] as const)
      await (await journal.begin(taskRecord({ id, created_at: at }))).release();
    writeFileSync(join(directory, 'job_00000000000d.json'), '{"v":1,');
    writeFileSync(join(directory, 'job_00000000000e.json'), JSON.stringify(taskRecord()));
    writeFileSync(
      join(directory, 'job_00000000000f.json'),
      JSON.stringify({ ...taskRecord({ id: 'job_00000000000f' }), state: 'lost' }),
    );
    writeFileSync(join(directory, 'job_00000000000a.json.x1.tmp'), 'half');
    mkdirSync(join(directory, 'job_000000000010.json'));
    symlinkSync('/nowhere', join(directory, 'job_000000000011.json'));
    const { records, unreadable } = await journal.list();
    expect(records.map(({ id }) => id)).toEqual([
      'job_00000000000c',
      'job_00000000000b',
      'job_00000000000a',
    ]);
    expect(unreadable.map((path) => path.slice(directory.length + 1)).sort()).toEqual([
      'job_00000000000d.json',
      'job_00000000000e.json',
      'job_00000000000f.json',
      'job_000000000010.json',
      'job_000000000011.json',
    ]);
  });

  test('takes a job out with its replies and its lock', async () => {
    const { journal, directory } = newJournal();
    const job = await journal.begin(taskRecord());
    for (const ending of ['body', 'reply', 'half'] as const) writeFileSync(job.file(ending), 'x');
    writeFileSync(join(directory, 'job_ffffffffffff.body'), 'of another');
    await journal.remove(job);
    await job.release();
    expect(readdirSync(directory)).toEqual(['job_ffffffffffff.body']);
  });
});

describe('a journal that cannot be written', () => {
  test.each(['replace', 'makeDirectory', 'openToWrite'])(
    'begins nothing: %s',
    async (operation) => {
      const { journal, directory } = newJournal({
        files: { [operation]: async () => Promise.reject(systemError('ENOSPC')) },
      });
      const error = await journal.begin(taskRecord()).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(CliError);
      expect(error).toMatchObject({ exit: 'local_io', billed: 'no', details: { code: 'ENOSPC' } });
      if (existsSync(directory)) expect(readdirSync(directory)).toEqual([]);
    },
  );

  test('costs nothing that is under way: it is told once, and the job goes on', async () => {
    let full = false;
    const { journal } = newJournal({
      files: {
        replace: async () => {
          if (full) throw systemError('ENOSPC');
        },
      },
    });
    const job = await journal.begin(taskRecord());
    full = true;
    expect(await job.update({ task_id: 'vgen_1' })).toMatch(/ENOSPC.*goes on/);
    expect(await job.update({ status: 'queued' })).toBeNull();
    expect(job.record).toMatchObject({ task_id: 'vgen_1', status: 'queued' });
  });
});

describe('a journal in memory', () => {
  test('keeps one job and its replies beside the target, and nothing else', async () => {
    const { deps, home } = fakeDeps();
    const journal = memoryJournal(home, deps);
    const job = await journal.begin(taskRecord());
    await job.update({ state: 'submitted' });
    expect(job.record.state).toBe('submitted');
    expect(readdirSync(home)).toEqual([]);
    writeFileSync(job.file('half'), 'x');
    expect(readdirSync(home)).toEqual(['.job_0123456789ab.half']);
    await journal.remove(job);
    expect(readdirSync(home)).toEqual([]);
    expect(await journal.list()).toEqual({ records: [], unreadable: [] });
  });
});
