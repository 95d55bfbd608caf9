import { describe, expect, test } from 'vitest';
import { envelope, inTurn, type Reply } from '../../helpers/ask.ts';
import {
  completed,
  film,
  filmReply,
  json,
  picture,
  type Script,
  silence,
  task,
  taskId,
} from '../../helpers/video-gateway.ts';
import {
  bytesOf,
  errorOf,
  failureOf,
  filesIn,
  journalOf,
  laterProcess,
  recordOf,
  untilAsked,
  type VideoWorld,
  withGateway,
} from '../../helpers/video-world.ts';

const id = taskId();
const resume = `alltoken tasks resume ${id}`;
const out = ['A boat', '-o', 'a.mp4'] as const;
const signals = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

/** Sends half of the film, then nothing. */
const halfFilm: Reply = (response) => {
  const bytes = film(400_000);
  response.writeHead(200, {
    'content-length': bytes.length,
    etag: '"one"',
    'content-type': 'video/mp4',
  });
  response.write(bytes.subarray(0, 200_000));
};

async function untilOnDisk(world: VideoWorld, bytes: number): Promise<void> {
  const size = (): number =>
    filesIn(world).reduce((sum, name) => sum + bytesOf(world, name).length, 0);
  await expect.poll(size, { interval: 5, timeout: 10_000 }).toBeGreaterThanOrEqual(bytes);
}

describe.each(signals)('video, stopped by %s', (signal, exit) => {
  test('while it uploads, has bought nothing', async () => {
    const { gateway, world } = await withGateway({ put: silence }, { home: { 'a.png': picture } });
    const run = world.video(...out, '--first-frame', 'a.png', '--json');
    await untilAsked(gateway, 'put');
    world.signal(signal);
    expect(await run).toBe(exit);
    expect(errorOf(world)).toMatchObject({ billed: 'no', task_id: null });
    expect(gateway.to('create')).toEqual([]);
    expect(journalOf(world)).toEqual([]);
  });

  test('while it buys, says that nobody knows, and what to do', async () => {
    const { gateway, world } = await withGateway({ create: silence }, { timers: 'by hand' });
    const run = world.video(...out, '--json');
    await untilAsked(gateway, 'create');
    world.signal(signal);
    // So long the id of a task may take that was just bought.
    await world.clock.pass(3000);
    expect(await run).toBe(exit);
    expect(errorOf(world)).toMatchObject({ billed: 'unknown' });
    expect(failureOf(world).hint).toContain(recordOf(world).id);
    expect(recordOf(world)).toMatchObject({ state: 'submitting' });
    expect(world.ledger().at(-1)).toMatchObject({ exit, billed: 'unknown' });
    expect(gateway.to('list')).toEqual([]);
  });

  test('while it waits, tells the id and how to come back', async () => {
    const { gateway, world } = await withGateway({ poll: inTurn(task('queued'), silence) });
    const run = world.video(...out, '--json');
    await untilAsked(gateway, 'poll', 2);
    world.signal(signal);
    expect(await run).toBe(exit);
    expect(errorOf(world)).toMatchObject({ billed: 'unknown', task_id: id, hint: resume });
    expect(gateway.to('cancel')).toEqual([]);
    expect(recordOf(world)).toMatchObject({ state: 'submitted' });
  });

  test('while it downloads, keeps the part, and the rest comes later', async () => {
    const { gateway, world } = await withGateway({
      file: inTurn(halfFilm, filmReply(film(400_000))),
    });
    const run = world.video(...out, '--json');
    await untilOnDisk(world, 200_000);
    world.signal(signal);
    expect(await run).toBe(exit);
    expect(errorOf(world)).toMatchObject({ billed: 'yes', task_id: id, hint: resume });
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', id), later.err()).toBe(0);
    expect(gateway.to('file')[1]?.headers).toMatchObject({ range: 'bytes=200000-' });
    expect(bytesOf(world, 'a.mp4').equals(film(400_000))).toBe(true);
    expect(filesIn(world)).toEqual(['a.mp4']);
    expect(gateway.to('create')).toHaveLength(1);
  });
});

/** Ctrl-C while the task runs, with --cancel-on-interrupt. */
async function interrupted(
  script: Script,
  signal: (typeof signals)[number][0] = 'SIGINT',
): Promise<{ code: number; world: VideoWorld } & Awaited<ReturnType<typeof withGateway>>> {
  const { gateway, world } = await withGateway({
    poll: inTurn(task('queued'), silence),
    ...script,
  });
  const run = world.video(...out, '--cancel-on-interrupt');
  await untilAsked(gateway, 'poll', 2);
  world.signal(signal);
  return { code: await run, world, gateway };
}

describe('video --cancel-on-interrupt', () => {
  test.each(signals)('cancels the task at %s', async (signal, exit) => {
    const { code, world, gateway } = await interrupted({}, signal);
    expect(code).toBe(exit);
    expect(gateway.to('cancel').map(({ path }) => path)).toEqual([
      `/v1/videos/generations/${id}/cancel`,
    ]);
    expect(gateway.to('cancel')[0]?.headers.authorization).toMatch(/^Bearer /);
    expect(world.err()).toContain(`${id} is cancelled`);
    expect(world.err()).not.toContain('hint: alltoken tasks resume');
  });

  test('leaves a job that is known to be cancelled', async () => {
    const { world, gateway } = await interrupted({});
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', id)).toBe(44);
    expect(later.err()).toContain('cancelled');
    expect(await laterProcess(world, gateway).tasks('resume', '--all')).toBe(0);
  });

  test('says when it came too late, and the film can be had', async () => {
    const { code, world, gateway } = await interrupted({
      cancel: envelope(409, 'already_finished'),
      poll: inTurn(task('queued'), silence, completed()),
    });
    expect(code).toBe(130);
    expect(world.err()).toMatch(/had already ended/);
    expect(failureOf(world).hint).toContain(resume);
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', id), later.err()).toBe(0);
    expect(filesIn(world)).toEqual(['a.mp4']);
  });

  test.each<[string, Reply]>([
    ['breaks', envelope(500, 'internal')],
    ['hangs up', (response) => void response.destroy()],
    ['forgot it', envelope(404, 'task_not_found')],
    ['sends nonsense', json(200, [])],
  ])('says when the gateway %s, and how to come back', async (_what, cancel) => {
    const { code, world } = await interrupted({ cancel });
    expect(code).toBe(130);
    expect(world.err()).toMatch(/could not be cancelled/);
    expect(failureOf(world).hint).toContain(resume);
    expect(recordOf(world)).toMatchObject({ state: 'submitted' });
  });

  test('does not call it cancelled while it is only being cancelled', async () => {
    const { world } = await interrupted({ cancel: task('cancelling') });
    expect(recordOf(world)).toMatchObject({ state: 'submitted' });
  });

  test('cancels nothing once the film is there', async () => {
    const { gateway, world } = await withGateway({ file: halfFilm });
    const run = world.video(...out, '--cancel-on-interrupt');
    await untilOnDisk(world, 200_000);
    world.signal('SIGINT');
    expect(await run).toBe(130);
    expect(gateway.to('cancel')).toEqual([]);
  });
});
