/** Journals that somebody or something has changed: whatever is in them is kept and named, and no other job suffers for it. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { files as realFiles } from '../../../src/system/files.ts';
import { drawAt, records } from '../../helpers/image.ts';
import { startImageGateway } from '../../helpers/image-gateway.ts';
import { errorReply } from '../../helpers/image-replies.ts';
import { json, task } from '../../helpers/video-gateway.ts';
import {
  errorOf,
  failureOf,
  laterProcess,
  recordOf,
  systemError,
  withGateway,
} from '../../helpers/video-world.ts';

async function bought() {
  const { gateway, world } = await withGateway();
  expect(await world.video('A boat', '--async', '-o', 'a.mp4'), world.err()).toBe(0);
  const { id } = recordOf(world);
  const directory = join(world.home, 'tasks');
  return { gateway, world, id, directory, later: laterProcess(world, gateway) };
}

describe('J13: a record that cannot be read', () => {
  test.each<[string, string]>([
    ['cut off', '{"v":1,'],
    ['too large', ' '.repeat(5_000_000)],
    ['empty', ''],
    ['of a version that nobody knows', '{"v":99}'],
  ])('%s is 40 and named, with --all and by its id', async (_, text) => {
    const { later, id, directory } = await bought();
    const path = join(directory, `${id}.json`);
    writeFileSync(path, text);
    expect(await later.tasks('resume', '--all')).toBe(40);
    expect(later.err()).toContain(path);
    expect(later.err()).not.toContain('nothing to resume');
    expect(await later.tasks('resume', id)).toBe(40);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('does not keep another job from being resumed', async () => {
    const { later, world, id, directory } = await bought();
    writeFileSync(join(directory, 'job_ffffffffffff.json'), '{');
    expect(await later.tasks('resume', '--all', '--json')).toBe(40);
    expect(later.json().files).toHaveLength(1);
    expect(existsSync(join(world.home, 'a.mp4'))).toBe(true);
    expect(errorOf(later).message).toContain('job_ffffffffffff.json');
    const record = JSON.parse(readFileSync(join(directory, `${id}.json`), 'utf8')) as object;
    expect(record).toMatchObject({ state: 'done' });
  });
});

describe('J14: files that do not belong together', () => {
  test.each(['job_ffffffffffff.json', 'saved.json', 'BACKUP'])(
    'a record renamed to %s: both are kept and named',
    async (name) => {
      const { later, id, directory } = await bought();
      writeFileSync(join(directory, `${id}.body`), 'the only copy');
      renameSync(join(directory, `${id}.json`), join(directory, name));
      expect(await later.tasks('resume', '--all')).toBe(40);
      expect(readdirSync(directory).sort()).toEqual([`${id}.body`, name].sort());
      expect(later.err()).toContain(join(directory, `${id}.body`));
      expect(later.err()).toContain(join(directory, name));
      expect(await later.tasks('forget', '--finished')).toBe(0);
      expect(readdirSync(directory)).toHaveLength(2);
    },
  );

  test.each(['.bak', '.old', '~', '.json'])('a copy of a record, %s, is kept', async (ending) => {
    const { later, id, directory } = await bought();
    const path = join(directory, `${id}.json`);
    writeFileSync(`${path}${ending}`, readFileSync(path));
    await later.tasks('resume', '--all');
    expect(existsSync(`${path}${ending}`)).toBe(true);
    expect(later.err()).toContain(`${path}${ending}`);
  });

  test('a part of a result without a job is kept, and leftovers of writing are not', async () => {
    const { later, directory } = await bought();
    const id = 'job_ffffffffffff';
    for (const name of [`.${id}-0.part`, `${id}.half`, `${id}.json.x1y2.tmp`, `${id}.lock-1-x`])
      writeFileSync(join(directory, name), 'x');
    expect(await later.tasks('resume', '--all')).toBe(40);
    const left = readdirSync(directory).filter((name) => name.includes(id));
    expect(left.sort()).toEqual([`.${id}-0.part`, `${id}.half`]);
  });

  test('a file and a folder of somebody else are named, and do no harm', async () => {
    const { later, directory } = await bought();
    writeFileSync(join(directory, 'notes.txt'), 'mine');
    mkdirSync(join(directory, 'folder'));
    expect(await later.tasks('resume', '--all'), later.err()).toBe(0);
    for (const name of ['notes.txt', 'folder']) {
      expect(later.err()).toContain(`${join(directory, name)} is not a file of alltoken`);
      expect(existsSync(join(directory, name))).toBe(true);
    }
  });
});

describe('J21: a journal that cannot be listed', () => {
  test.each([
    [['tasks', 'resume', '--all']],
    [['tasks', 'list', '--local']],
    [['tasks', 'show', 'vgen_abc123']],
    [['tasks', 'forget', '--finished']],
  ])('is said: %s', async ([...argv]) => {
    const { world, gateway, directory } = await bought();
    const later = laterProcess(world, gateway, {
      files: {
        list: async (path) => {
          if (path === directory) throw systemError('EACCES');
          return realFiles.list(path);
        },
      },
    });
    expect(await later.run(...argv), later.err()).toBe(50);
    expect(failureOf(later).line).toMatch(/cannot be read \(EACCES\).*code=EACCES/);
  });
});

describe('J16: a task id that cannot be used', () => {
  test.each<[string, string]>([
    ['half of a character', 'vgen_\ud800'],
    ['..', '..'],
    ['.', '.'],
    ['a line break', 'vgen_\n1'],
    ['very long', `vgen_${'x'.repeat(9000)}`],
    ['blanks', '   '],
  ])('%s is 41, and nothing else is requested', async (_, id) => {
    const text = JSON.stringify({ id, status: 'queued' });
    const { gateway, world } = await withGateway({
      create: (response) => void response.writeHead(202).end(text),
    });
    expect(await world.video('A boat', '--json')).toBe(41);
    expect(errorOf(world)).toMatchObject({ billed: 'unknown' });
    expect(gateway.to('create')).toHaveLength(1);
    const others = gateway.requests.filter(
      ({ method, path }) => method !== 'POST' && !/\?limit=/.test(path),
    );
    expect(others).toEqual([]);
    expect(recordOf(world)).toMatchObject({ state: 'submitting', task_id: null });
  });

  test.each(['a/b', '../uploads/x', 'vgen_1/..', '..\\x', '%2e%2e', 'ä b?c#d', '...'])(
    '%s is one segment of the path',
    async (id) => {
      const { gateway, world } = await withGateway({
        create: json(202, { id, status: 'queued' }),
        poll: task('failed'),
      });
      expect(await world.video('A boat')).toBe(44);
      expect(gateway.requests.at(-1)?.path).toBe(
        `/v1/videos/generations/${encodeURIComponent(id)}`,
      );
    },
  );

  test.each(['..', 'vgen_\ud800', ''])(
    '%j in the journal is 41 for that job alone',
    async (taskId) => {
      const { gateway, world, later, id, directory } = await bought();
      const path = join(directory, `${id}.json`);
      writeFileSync(path, JSON.stringify({ ...recordOf(world), task_id: taskId }));
      const other = laterProcess(world, gateway, { processId: 4713 });
      expect(await other.video('A boat', '--async', '-o', 'b.mp4')).toBe(0);
      expect(await later.tasks('resume', '--all', '--json')).toBe(40);
      expect(later.json().files).toHaveLength(1);
      expect(gateway.to('poll')).toHaveLength(1);
      const tasks = later.json().tasks as { job_id: string; error: unknown }[];
      expect(tasks.find((one) => one.job_id === id)?.error).toMatchObject({ exit: 41 });
    },
  );

  test('in a 409 is 41 too', async () => {
    const gateway = await startImageGateway({
      create: errorReply(409, 'duplicate_request', { task_id: '..' }),
    });
    const drawn = await drawAt(gateway);
    expect(drawn.code, drawn.world.err()).toBe(41);
    expect(records(drawn.world)).toMatchObject([{ state: 'submitting' }]);
  });
});
