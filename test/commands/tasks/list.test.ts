import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tasksDocumentSchema } from '../../../src/schemas/media.ts';
import { envelope, errLines, lostReply, type Reply, whole } from '../../helpers/ask.ts';
import {
  completed,
  created,
  listed,
  type Script,
  task,
  taskId,
} from '../../helpers/video-gateway.ts';
import { document, laterProcess, type VideoWorld, withGateway } from '../../helpers/video-world.ts';

type Jobs = Awaited<ReturnType<typeof withGateway>>;

/** The nth create request gets the nth reply, and the nth task the nth poll. */
function inOrder(...steps: { create?: Reply; poll?: Reply }[]): Script {
  return {
    create: (response, request, count) =>
      (steps[count - 1]?.create ?? created())(response, request, count),
    poll: (response, request, count) => {
      const nth = steps.findIndex((_, index) => request.path.endsWith(taskId(index + 1)));
      return (steps[nth]?.poll ?? completed())(response, request, count);
    },
  };
}

/** Videos of 11:00, 11:01 …, in each state that a job can be in; the list of the gateway knows some and others. */
async function jobsInAllStates(): Promise<Jobs> {
  const steps = [
    {},
    { poll: task('processing') },
    { poll: task('failed') },
    { poll: envelope(410, 'result_expired') },
    { poll: completed({}, 'x.mp4') },
    { create: lostReply },
  ];
  const jobs = await withGateway({
    ...inOrder(...steps),
    file: (response, request, count) =>
      request.path.includes('x.mp4')
        ? whole(200, 'text/html', '<html>')(response, request, count)
        : whole(200, 'video/mp4', 'film')(response, request, count),
    list: listed(
      { id: taskId(2), status: 'completed', model: 'seedance-1.5-pro', is_expired: false },
      {
        id: 'vgen_elsewhere',
        status: 'processing',
        model: 'seedance-2.0',
        created_at: '2026-11-22T11:59:00Z',
        is_expired: false,
      },
    ),
  });
  for (const minute of steps.keys()) {
    const now = (): number => Date.parse(`2026-11-22T11:0${minute}:00Z`);
    const world = laterProcess(jobs.world, jobs.gateway, { now });
    await world.video(`Film ${minute}`, '--wait', '10', '-o', `${minute}.mp4`);
  }
  return jobs;
}

function rowsOf(world: VideoWorld): string[][] {
  return world
    .out()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

describe('tasks', () => {
  test('lists the journal and what only the gateway knows, newest first, for a pipe', async () => {
    const { gateway, world } = await jobsInAllStates();
    const later = laterProcess(world, gateway);
    expect(await later.tasks(), later.err()).toBe(0);
    const rows = rowsOf(later);
    expect(rows.map(([id, kind, state]) => [id, kind, state])).toEqual([
      ['vgen_elsewhere', 'video', 'running'],
      [expect.stringMatching(/^job_/), 'video', 'unknown'],
      [taskId(5), 'video', 'not saved'],
      [taskId(4), 'video', expect.any(String)],
      [taskId(3), 'video', 'failed'],
      [taskId(2), 'video', 'succeeded'],
      [taskId(1), 'video', 'saved'],
    ]);
    expect(rows[0]?.slice(3)).toEqual(['seedance-2.0', '2026-11-22T11:59:00Z']);
    expect(rows.at(-1)?.slice(3)).toEqual([
      'seedance-1.5-pro',
      '2026-11-22T11:00:00.000Z',
      `${world.home}/0.mp4`,
    ]);
    expect(later.err()).toBe('');
    expect(gateway.to('list').at(-1)?.path).toMatch(/\?limit=30$/);
  });

  test('--json tells all of it by the schema', async () => {
    const { gateway, world } = await jobsInAllStates();
    const later = laterProcess(world, gateway);
    expect(await later.tasks('list', '--json')).toBe(0);
    const { tasks } = document(later, tasksDocumentSchema) as { tasks: Record<string, unknown>[] };
    expect(tasks.map(({ state, status }) => [state, status])).toEqual([
      [null, 'running'],
      ['submitting', null],
      ['received', 'succeeded'],
      ['gone', expect.anything()],
      ['ended', 'failed'],
      ['submitted', 'succeeded'],
      ['done', 'succeeded'],
    ]);
    expect(tasks[0]).toMatchObject({ task_id: 'vgen_elsewhere', job_id: null, prompt: null });
    expect(tasks[4]).toMatchObject({ prompt: 'Film 2', error: { exit: 44 } });
    expect(tasks.every(({ in_use }) => in_use === false)).toBe(true);
  });

  test('does not call a task queued whose result is gone', async () => {
    const { gateway, world } = await withGateway({ poll: envelope(410, 'result_expired') });
    await world.video('A boat');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('--local')).toBe(0);
    expect(rowsOf(later)[0]?.[2]).not.toBe('queued');
  });

  test('--local asks nobody and needs no key', async () => {
    const { gateway, world } = await jobsInAllStates();
    const before = gateway.requests.length;
    const later = laterProcess(world, gateway, { env: { ALLTOKEN_API_KEY: '' } });
    expect(await later.tasks('list', '--local')).toBe(0);
    expect(gateway.requests).toHaveLength(before);
    expect(rowsOf(later)).toHaveLength(6);
    expect(later.err()).toBe('');
  });

  test('--limit shows the newest, and says how many it leaves out', async () => {
    const { gateway, world } = await jobsInAllStates();
    const later = laterProcess(world, gateway);
    expect(await later.tasks('--limit', '2')).toBe(0);
    expect(rowsOf(later).map(([id]) => id?.slice(0, 5))).toEqual(['vgen_', 'job_0']);
    expect(later.err()).toContain('5 older tasks are left out');
    expect(gateway.to('list').at(-1)?.path).toMatch(/\?limit=2$/);
  });

  test('lists the journal alone, with a warning, when there is no key', async () => {
    const { gateway, world } = await jobsInAllStates();
    const later = laterProcess(world, gateway, { env: { ALLTOKEN_API_KEY: '' } });
    expect(await later.tasks('--json')).toBe(0);
    const { tasks, warnings } = document(later, tasksDocumentSchema);
    expect(tasks).toHaveLength(6);
    expect(warnings).toEqual([expect.stringContaining('ALLTOKEN_API_KEY')]);
  });

  test.each<[string, Reply]>([
    ['refuses', envelope(401, 'invalid_api_key')],
    ['is down', envelope(500, 'internal')],
    ['hangs up', lostReply],
    ['sends a page', whole(200, 'text/html', '<html>')],
    ['sends no list', whole(200, 'application/json', '{"items":{}}')],
  ])('and when the gateway %s', async (_what, list) => {
    const { gateway, world } = await withGateway({ list });
    await world.video('A boat');
    const later = laterProcess(world, gateway);
    expect(await later.tasks()).toBe(0);
    expect(rowsOf(later)).toHaveLength(1);
    expect(later.err()).toContain('warning: only the journal is listed');
  });

  test('warns of a file in the journal that is no record, and lists the rest', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat');
    for (const [name, text] of [
      ['job_00000000000a.json', '{"v":1,"id":"job_'],
      ['job_00000000000b.json', '{"v":2}'],
      ['notes.json', '{}'],
    ] as const)
      writeFileSync(join(world.home, 'tasks', name), text);
    mkdirSync(join(world.home, 'tasks', 'job_00000000000c.json'));
    const later = laterProcess(world, gateway);
    expect(await later.tasks('--local')).toBe(0);
    expect(rowsOf(later)).toHaveLength(1);
    const warnings = errLines(later).filter((line) => line.startsWith('warning: '));
    expect(warnings).toHaveLength(4);
    expect(warnings.join('\n')).toContain('job_00000000000b.json');
  });

  test('is empty in a new home: no line in a pipe, a word on a terminal', async () => {
    const { gateway, world } = await withGateway();
    expect(await world.tasks('--local')).toBe(0);
    expect(world.out()).toBe('');
    const seen = laterProcess(world, gateway, { stdoutIsTerminal: true });
    expect(await seen.tasks('--local')).toBe(0);
    expect(seen.out()).toBe('no tasks\n');
  });

  test.each([80, 40])('is readable on a terminal of %i columns', async (columns) => {
    const { gateway, world } = await jobsInAllStates();
    const seen = laterProcess(world, gateway, { stdoutIsTerminal: true, columns });
    expect(await seen.tasks()).toBe(0);
    const lines = seen.out().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    for (const text of [taskId(1), 'seedance-1.5-pro', 'vgen_elsewhere', 'not saved', '60 min'])
      expect(seen.out().replaceAll('1 h', '60 min')).toContain(text);
  });
});
