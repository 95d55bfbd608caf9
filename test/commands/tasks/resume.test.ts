import { mkdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tasksDocumentSchema, tasksEventSchema } from '../../../src/schemas/media.ts';
import { envelope, inTurn, type Reply, whole } from '../../helpers/ask.ts';
import {
  completed,
  film,
  filmReply,
  picture,
  storageAddress,
  task,
  taskId,
} from '../../helpers/video-gateway.ts';
import {
  bytesOf,
  document,
  errorOf,
  eventsBy,
  failureOf,
  filesIn,
  journalOf,
  laterProcess,
  recordOf,
  withGateway,
} from '../../helpers/video-world.ts';

const id = taskId();

describe('tasks resume', () => {
  test('waits for a task and saves it where it was to go', async () => {
    const { gateway, world } = await withGateway({ poll: inTurn(task('processing'), completed()) });
    await world.video('A boat', '--async', '-o', 'a.mp4');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', id), later.err()).toBe(0);
    expect(later.out()).toBe(`${world.home}/a.mp4\n`);
    expect(later.sleeps).toEqual([3000]);
    expect(later.err()).toContain('[usage] ');
    expect(gateway.to('create')).toHaveLength(1);
    expect(world.ledger().map(({ event }) => event)).toEqual(['intent', 'outcome', 'outcome']);
    expect(world.ledger().at(-1)).toMatchObject({ call: world.ledger()[0]?.call, billed: 'yes' });
  });

  test('goes by the beginning of an id, but not by one of two', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '--async');
    await world.video('A boat', '--async');
    const both = laterProcess(world, gateway);
    expect(await both.tasks('resume', id.slice(0, 12))).toBe(2);
    expect(both.err()).toContain('matches 2 tasks');
    expect(failureOf(both).hint).toContain(taskId(2));
    const short = laterProcess(world, gateway);
    expect(await short.tasks('resume', 'vgen_')).toBe(24);
    const [one] = journalOf(world);
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', String(one?.id))).toBe(0);
  });

  test.each(['job_123456789abc', 'nothing', '../../etc/passwd', 'vgen_../../x'])(
    'says 24 for %s, and asks nobody',
    async (name) => {
      const { gateway, world } = await withGateway();
      expect(await world.tasks('resume', name, '--json')).toBe(24);
      expect(document(world, tasksDocumentSchema)).toMatchObject({
        ok: false,
        error: { code: 'unknown_task', billed: 'no', hint: 'alltoken tasks' },
      });
      expect(gateway.requests).toEqual([]);
      expect(journalOf(world)).toEqual([]);
    },
  );

  describe('of an id that is not in the journal', () => {
    const typed = 'vgen_mistyped';

    test.each<[string, number, Reply | null]>([
      ['there is no key', 20, null],
      ['the key is refused', 21, envelope(401, 'invalid_api_key')],
      ['there is no permission', 23, envelope(403, 'forbidden')],
      ['the gateway has none', 24, envelope(404, 'task_not_found')],
    ])('leaves neither a job nor a call where %s', async (_what, exit, poll) => {
      const { gateway, world } = await withGateway(poll === null ? {} : { poll });
      const env = poll === null ? { ALLTOKEN_API_KEY: '' } : {};
      const later = laterProcess(world, gateway, { env });
      expect(await later.tasks('resume', typed), later.err()).toBe(exit);
      expect(journalOf(world)).toEqual([]);
      expect(world.ledger()).toEqual([]);
      expect(later.err()).not.toContain('-g sandbox');
      if (exit === 24) expect(failureOf(later).hint).toContain('alltoken tasks list -g alltoken');
      if (exit === 21) expect(failureOf(later).hint).toContain(`resume ${typed} -g alltoken`);
    });

    test('is kept once the gateway has it, also where a later key is missing', async () => {
      const { gateway, world } = await withGateway({ poll: task('processing') });
      const first = laterProcess(world, gateway);
      expect(await first.tasks('resume', typed, '--wait', '5')).toBe(45);
      expect(recordOf(world)).toMatchObject({ state: 'submitted', task_id: typed });
      const later = laterProcess(world, gateway, { env: { ALLTOKEN_API_KEY: '' } });
      expect(await later.tasks('resume', typed)).toBe(20);
      expect(journalOf(world)).toHaveLength(1);
    });

    test('says that a sandbox of this command has no tasks of another', async () => {
      const { gateway, world } = await withGateway();
      const later = laterProcess(world, gateway);
      expect(await later.tasks('resume', typed, '-g', 'sandbox')).toBe(24);
      expect(failureOf(later).line).toContain('a sandbox that starts with this command has none');
      expect(failureOf(later).hint).toContain('--base-url http://127.0.0.1:8080/v1');
      expect(journalOf(world)).toEqual([]);
    });
  });

  test.each([
    ['neither a task nor --all', []],
    ['both', [id, '--all']],
    ['-o with --all', ['--all', '-o', 'x']],
    ['--adopt with --all', ['--all', '--adopt', id]],
    ['-o -', [id, '-o', '-']],
  ])('refuses %s', async (_what, argv) => {
    const { gateway, world } = await withGateway();
    expect(await world.tasks('resume', ...argv)).toBe(2);
    expect(gateway.requests).toEqual([]);
  });

  test('--wait ends with 45, and so does --timeout', async () => {
    const processing: Reply = (response, request, count) =>
      task(count > 60 ? 'failed' : 'processing')(response, request, count);
    for (const flag of ['--wait', '--timeout']) {
      const { gateway, world } = await withGateway({ poll: processing });
      await world.video('A boat', '--async');
      const later = laterProcess(world, gateway);
      expect(await later.tasks('resume', id, flag, '45'), flag).toBe(45);
      expect(failureOf(later).hint).toContain(`alltoken tasks resume ${id}`);
    }
  });

  test.each([
    [401, 'invalid_api_key', 21],
    [404, 'task_not_found', 24],
    [403, 'forbidden', 23],
  ])(
    'says what the gateway says, %i, and not that nothing was bought',
    async (status, code, exit) => {
      const { gateway, world } = await withGateway({ poll: envelope(status, code) });
      await world.video('A boat', '--async');
      const later = laterProcess(world, gateway);
      expect(await later.tasks('resume', id, '--json')).toBe(exit);
      expect(errorOf(later)).toMatchObject({ code, billed: 'unknown', task_id: id });
      expect(failureOf(later).hint).toContain(`alltoken tasks resume ${id}`);
      expect(recordOf(world)).toMatchObject({ state: 'submitted' });
    },
  );

  describe('of a task that the gateway does not find any more', () => {
    const inAnHour = () => Date.parse('2026-11-22T13:00:00Z');
    const missing = envelope(404, 'task_not_found');

    test('says so at once, keeps the record, and says how to remove it', async () => {
      const { gateway, world } = await withGateway({ poll: missing });
      await world.video('A boat', '--async');
      const later = laterProcess(world, gateway, { now: inAnHour });
      expect(await later.tasks('resume', id, '--json')).toBe(24);
      expect(later.sleeps).toEqual([]);
      expect(gateway.to('poll')).toHaveLength(1);
      expect(errorOf(later)).toMatchObject({
        billed: 'unknown',
        task_id: id,
        code: 'task_not_found',
      });
      const { next } = errorOf(later) as { next: unknown[] };
      expect(next).toMatchObject([
        { do: 'run', argv: ['alltoken', 'tasks', 'forget', id] },
        { do: 'check-usage', gateway: 'alltoken' },
      ]);
      expect(recordOf(world)).toMatchObject({ state: 'submitted', status: 'not_found' });
      const list = laterProcess(world, gateway, { now: inAnHour });
      await list.tasks('--json');
      expect(document(list, tasksDocumentSchema)).toMatchObject({
        tasks: [{ status: 'not_found' }],
      });
    });

    test('does not hold up --all, and is removed by forget', async () => {
      const { gateway, world } = await withGateway({ poll: inTurn(missing, missing, completed()) });
      await world.video('A boat', '--async');
      for (const count of [1, 2]) {
        const later = laterProcess(world, gateway, { now: inAnHour });
        expect(await later.tasks('resume', '--all')).toBe(24);
        expect(failureOf(later).hint).toContain(`alltoken tasks forget ${id}`);
        expect([later.sleeps, gateway.to('poll').length]).toEqual([[], count]);
      }
      const last = laterProcess(world, gateway, { now: inAnHour });
      expect(await last.tasks('forget', '--finished')).toBe(0);
      expect(journalOf(world)).toHaveLength(1);
      expect(await last.tasks('forget', id), last.err()).toBe(0);
      expect(journalOf(world)).toEqual([]);
    });

    test('may find it again', async () => {
      const { gateway, world } = await withGateway({
        poll: inTurn(missing, task('processing'), missing, completed()),
      });
      await world.video('A boat', '--async', '-o', 'a.mp4');
      expect(await laterProcess(world, gateway, { now: inAnHour }).tasks('resume', id)).toBe(24);
      const later = laterProcess(world, gateway, { now: inAnHour });
      expect(await later.tasks('resume', id), later.err()).toBe(0);
      expect(recordOf(world)).toMatchObject({ state: 'done', status: 'succeeded' });
    });

    test('is not missed any more once it was seen running', async () => {
      const { gateway, world } = await withGateway({ poll: inTurn(missing, task('processing')) });
      await world.video('A boat', '--async');
      await laterProcess(world, gateway, { now: inAnHour }).tasks('resume', id);
      const later = laterProcess(world, gateway, { now: inAnHour });
      expect(await later.tasks('resume', id, '--wait', '5')).toBe(45);
      expect(failureOf(later).hint).toContain(`alltoken tasks resume ${id}`);
      expect(recordOf(world)).toMatchObject({ state: 'submitted', status: 'running' });
    });

    test('is not missed where a page says so, and no gateway', async () => {
      const { gateway, world } = await withGateway({ poll: whole(404, 'text/html', '<html>') });
      await world.video('A boat', '--async');
      const later = laterProcess(world, gateway, { now: inAnHour });
      expect(await later.tasks('resume', id)).toBe(24);
      expect(recordOf(world)).toMatchObject({ state: 'submitted', status: 'queued' });
      expect(failureOf(later).hint).toContain(`alltoken tasks resume ${id}`);
    });
  });

  test('--jsonl keeps to the schema', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '--async');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', id, '--jsonl')).toBe(0);
    const lines = eventsBy(later, tasksEventSchema);
    expect(lines.map(({ type }) => type)).toContain('progress');
    expect(lines.at(-1)).toMatchObject({ type: 'result', files: [{ bytes: 40_000 }] });
  });
});

describe('tasks resume of one that is over', () => {
  test('tells the paths again, and asks nobody', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '-o', 'a.mp4');
    const asked = gateway.requests.length;
    const later = laterProcess(world, gateway, { env: { ALLTOKEN_API_KEY: '' } });
    expect(await later.tasks('resume', id), later.err()).toBe(0);
    expect(later.out()).toBe(`${world.home}/a.mp4\n`);
    expect(gateway.requests).toHaveLength(asked);
  });

  test('tells no path that is not there any more', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '-o', 'a.mp4');
    unlinkSync(join(world.home, 'a.mp4'));
    const later = laterProcess(world, gateway);
    const code = await later.tasks('resume', id);
    const told = later.out();
    // What it has cost was said when it was bought.
    expect(world.ledger().map(({ event }) => event)).toEqual(['intent', 'outcome']);
    const isThere = filesIn(world).includes('a.mp4');
    expect(isThere || code !== 0 || later.err().includes('a.mp4'), told).toBe(true);
  });

  test('does not pass over -o in silence', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '-o', 'a.mp4');
    const later = laterProcess(world, gateway);
    const code = await later.tasks('resume', id, '-o', 'b.mp4');
    const isThere = filesIn(world).includes('b.mp4');
    expect(isThere || code !== 0 || later.err().includes('b.mp4')).toBe(true);
  });

  test('fetches the film of a run with --no-download', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '--no-download');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', id, '-o', 'b.mp4'), later.err()).toBe(0);
    expect(bytesOf(world, 'b.mp4').equals(film())).toBe(true);
    expect(later.out()).toBe(`${world.home}/b.mp4\n`);
  });

  test.each<[string, Reply, number]>([
    ['a failure', task('failed', { error: { code: 'x', message: 'it fell over' } }), 44],
    [
      'a refusal',
      task('failed', { error: { code: 'content_filter', message: 'it fell over' } }),
      26,
    ],
    ['an expired result', envelope(410, 'result_expired'), 43],
  ])('tells %s again, without asking', async (_what, poll, exit) => {
    const { gateway, world } = await withGateway({ poll });
    expect(await world.video('A boat', '--json')).toBe(exit);
    const asked = gateway.requests.length;
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', id, '--json')).toBe(exit);
    expect(document(later, tasksDocumentSchema)).toMatchObject({ ok: false, exit });
    expect(errorOf(later).message).toBe(errorOf(world).message);
    expect(gateway.requests).toHaveLength(asked);
  });
});

describe('tasks resume of one that is not in the journal', () => {
  test('asks the gateway and saves what it has', async () => {
    const { gateway, world } = await withGateway();
    expect(await world.tasks('resume', taskId(9), '--json'), world.err()).toBe(0);
    expect(filesIn(world)).toEqual([`alltoken-video-${taskId(9).slice(-8)}.mp4`]);
    expect(document(world, tasksDocumentSchema)).toMatchObject({
      tasks: [
        { task_id: taskId(9), model: 'seedance-1.5-pro', requested_model: null, prompt: null },
      ],
    });
    expect(gateway.to('create')).toEqual([]);
  });

  test('says 24 when the gateway does not know it, and remembers nothing', async () => {
    const { gateway, world } = await withGateway({ poll: envelope(404, 'task_not_found') });
    expect(await world.tasks('resume', taskId(9))).toBe(24);
    // One question: a wrong id is wrong at once.
    expect(gateway.to('poll')).toHaveLength(1);
    expect(journalOf(world)).toEqual([]);
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', '--all')).toBe(0);
  });

  test('replaces nothing', async () => {
    const { world } = await withGateway({}, { home: { 'mine.mp4': 'mine' } });
    expect(await world.tasks('resume', taskId(9), '-o', 'mine.mp4')).toBe(50);
    expect(bytesOf(world, 'mine.mp4').toString()).toBe('mine');
  });
});

describe('tasks resume of a film with a last picture', () => {
  test('saves what is missing only', async () => {
    const page = whole(200, 'text/html', '<html>');
    const { gateway, world } = await withGateway({
      poll: (response, request, count) =>
        completed({ last_frame_url: storageAddress(request, 'last.png') })(
          response,
          request,
          count,
        ),
      file: (response, request, count) =>
        request.path.endsWith('.png')
          ? inTurn(page, page, filmReply(picture))(response, request, count - 1)
          : filmReply()(response, request, count),
    });
    mkdirSync(join(world.home, 'pictures'));
    const code = await world.video('A', '-o', 'a.mp4', '--last-frame-out', 'pictures/z.png');
    expect(code).toBe(40);
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', id), later.err()).toBe(0);
    expect(later.out()).toBe(`${world.home}/a.mp4\n${world.home}/pictures/z.png\n`);
    expect(gateway.to('file').filter(({ path }) => path.includes('.mp4'))).toHaveLength(1);
    expect(recordOf(world)).toMatchObject({ state: 'done' });
  });
});
