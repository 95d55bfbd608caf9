import { describe, expect, test } from 'vitest';
import { videoDocumentSchema, videoEventSchema } from '../../../src/schemas/media.ts';
import { inTurn, lostReply } from '../../helpers/ask.ts';
import {
  completed,
  film,
  filmReply,
  picture,
  type Script,
  storageAddress,
  task,
  taskId,
} from '../../helpers/video-gateway.ts';
import {
  bytesOf,
  document,
  errorOf,
  eventsBy,
  filesIn,
  recordOf,
  withGateway,
} from '../../helpers/video-world.ts';

const id = taskId();
const usualName = `alltoken-video-${id.slice(-8)}`;

/** The result has a last picture, too. */
const withLastFrame: Script = {
  poll: (response, request, count) =>
    completed({ last_frame_url: storageAddress(request, 'last.png') })(response, request, count),
  file: (response, request, count) =>
    filmReply(request.path.endsWith('.png') ? picture : film())(response, request, count),
};

describe('video --async', () => {
  test('prints the id and asks nothing', async () => {
    const { gateway, world } = await withGateway();
    expect(await world.video('A boat', '--async')).toBe(0);
    expect(world.out()).toBe(`${id}\n`);
    expect(gateway.to('poll')).toEqual([]);
    expect(recordOf(world)).toMatchObject({ state: 'submitted', status: 'queued' });
  });

  test('says the same in JSON', async () => {
    const { world } = await withGateway();
    expect(await world.video('A boat', '--async', '--json')).toBe(0);
    expect(document(world, videoDocumentSchema)).toMatchObject({
      task_id: id,
      status: 'queued',
      files: [],
      urls: [],
    });
  });
});

describe('video --no-download', () => {
  test('prints the id, and with --json the address', async () => {
    const { gateway, world } = await withGateway();
    expect(await world.video('A boat', '--no-download')).toBe(0);
    expect(world.out()).toBe(`${id}\n`);
    const json = await withGateway();
    expect(await json.world.video('A boat', '--no-download', '--json')).toBe(0);
    expect(document(json.world, videoDocumentSchema)).toMatchObject({
      status: 'succeeded',
      files: [],
      urls: [{ url: `${json.gateway.storage}/film.mp4?signature=secret` }],
    });
    expect([...gateway.to('file'), ...json.gateway.to('file')]).toEqual([]);
    expect(filesIn(world)).toEqual([]);
    expect(recordOf(world)).toMatchObject({ state: 'done' });
  });
});

describe('video --last-frame-out', () => {
  test('saves the last picture beside the film', async () => {
    const { world } = await withGateway(withLastFrame);
    expect(await world.video('A', '-o', 'a.mp4', '--last-frame-out', 'z.png'), world.err()).toBe(0);
    expect(world.out()).toBe(`${world.home}/a.mp4\n${world.home}/z.png\n`);
    expect(bytesOf(world, 'a.mp4').equals(film())).toBe(true);
    expect(bytesOf(world, 'z.png').equals(picture)).toBe(true);
  });

  test('fetches no picture that nobody asked for', async () => {
    const { gateway, world } = await withGateway(withLastFrame);
    expect(await world.video('A boat')).toBe(0);
    expect(gateway.to('file')).toHaveLength(1);
    expect(filesIn(world)).toEqual([`${usualName}.mp4`]);
  });

  test('says so when the gateway gives none', async () => {
    const { world } = await withGateway();
    expect(await world.video('A boat', '--last-frame-out', 'z.png')).toBe(0);
    expect(world.err()).toMatch(/warning: .*last/);
  });

  test('is all there is when the gateway gives no film: 40', async () => {
    const { world } = await withGateway({
      ...withLastFrame,
      poll: (response, request, count) =>
        completed({ video_url: null, last_frame_url: storageAddress(request, 'last.png') })(
          response,
          request,
          count,
        ),
    });
    expect(await world.video('A', '-o', 'a.mp4', '--last-frame-out', 'z.png', '--json')).toBe(40);
    expect(errorOf(world)).toMatchObject({ code: 'fewer_than_ordered', billed: 'yes' });
    expect(filesIn(world)).toEqual(['z.png']);
  });

  test('keeps the film when the picture is none, and says that a part is missing', async () => {
    const script = { ...withLastFrame, file: filmReply(film()) };
    const { world } = await withGateway(script);
    const code = await world.video('A', '-o', 'a.mp4', '--last-frame-out', 'z.png', '--json');
    expect(code).toBe(40);
    expect(errorOf(world)).toMatchObject({ billed: 'yes', name: 'partial' });
    expect(filesIn(world)).toContain('a.mp4');
    expect(filesIn(world)).not.toContain('z.png');
  });
});

describe('video names its file', () => {
  test('by the end of the id, and by a number when that is taken', async () => {
    const { world } = await withGateway({}, { home: { [`${usualName}.mp4`]: 'mine' } });
    expect(await world.video('A boat')).toBe(0);
    expect(world.out()).toBe(`${world.home}/${usualName}-2.mp4\n`);
    expect(bytesOf(world, `${usualName}.mp4`).toString()).toBe('mine');
  });

  test.each([
    ['webm', Buffer.from('\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm', 'latin1')],
    ['mov', Buffer.from('\0\0\0\x14ftypqt  \0\0\0\0qt  ', 'latin1')],
  ])('by its bytes: .%s', async (extension, bytes) => {
    const { world } = await withGateway({ file: filmReply(bytes) });
    expect(await world.video('A boat')).toBe(0);
    expect(filesIn(world)).toEqual([`${usualName}.${extension}`]);
  });

  test('as it is told, in a directory that is there', async () => {
    const { world } = await withGateway({}, { home: { 'config.json': {} } });
    await world.deps.files.makeDirectory(`${world.home}/films`);
    for (const [out, path] of [
      ['films', `films/${usualName}.mp4`],
      ['films/boat.mp4', 'films/boat.mp4'],
      ['films/', `films/alltoken-video-${taskId(3).slice(-8)}.mp4`],
    ] as const) {
      expect(await world.video('A boat', '-o', out), world.err()).toBe(0);
      expect(bytesOf(world, path).equals(film())).toBe(true);
    }
  });

  test('as it is told, with a warning when the bytes are of another kind', async () => {
    const { world } = await withGateway();
    expect(await world.video('A boat', '-o', 'boat.webm')).toBe(0);
    expect(world.err()).toMatch(/warning: .*boat\.webm contains video\/mp4/);
  });
});

describe('video --jsonl', () => {
  test('tells each step as it happens', async () => {
    const bytes = film(300_000);
    let passed = 0;
    const { world } = await withGateway({
      poll: inTurn(task('queued'), task('processing'), completed()),
      file: async (response) => {
        response.writeHead(200, { 'content-length': bytes.length, 'content-type': 'video/mp4' });
        for (let sent = 0; sent < 3; sent += 1) {
          response.write(bytes.subarray(sent * 100_000, (sent + 1) * 100_000));
          // A second goes by between the pieces.
          await expect
            .poll(() => world.out().split('"progress"').length, { interval: 5 })
            .toBeGreaterThan(sent + 1);
          passed += 1000;
        }
        response.end();
      },
    });
    const { monotonic } = world.deps.clock;
    world.deps.clock.monotonic = () => monotonic() + passed;
    expect(await world.video('A boat', '--jsonl'), world.err()).toBe(0);
    const lines = eventsBy(world, videoEventSchema);
    expect(lines[0]).toMatchObject({ type: 'start', command: 'video', model: 'seedance-1.5-pro' });
    const states = lines.filter(({ type }) => type === 'status');
    expect(states.map(({ status, task_id }) => [status, task_id])).toEqual(
      ['submitted', 'queued', 'running', 'succeeded'].map((status) => [status, id]),
    );
    const progress = lines.filter(({ type }) => type === 'progress');
    expect(progress.length).toBeGreaterThanOrEqual(3);
    expect(progress[0]).toMatchObject({
      phase: 'download',
      task_id: id,
      total_bytes: bytes.length,
      bytes_per_second: null,
    });
    expect(progress.at(-1)?.bytes_per_second).toBeGreaterThan(1_000);
    expect(progress.at(-1)?.bytes_per_second).toBeLessThan(300_000);
    const counts = progress.map((line) => Number(line.bytes));
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(lines.at(-1)).toMatchObject({
      type: 'result',
      ok: true,
      files: [{ bytes: bytes.length }],
    });
    expect(lines.filter(({ type }) => type === 'usage' || type === 'cost')).toHaveLength(2);
  });

  test('ends with the error', async () => {
    const { world } = await withGateway({ poll: task('failed') });
    expect(await world.video('A boat', '--jsonl')).toBe(44);
    expect(eventsBy(world, videoEventSchema).at(-1)).toMatchObject({
      type: 'error',
      exit: 44,
      task_id: id,
      error: { name: 'task_failed' },
    });
  });

  test('shows a retry and a warning', async () => {
    const { world } = await withGateway({
      poll: inTurn(task('odd'), completed()),
      file: inTurn(lostReply, filmReply()),
    });
    expect(await world.video('A boat', '--jsonl', '--duration', '99')).toBe(0);
    const lines = eventsBy(world, videoEventSchema);
    expect(lines.filter(({ type }) => type === 'warning')).toHaveLength(2);
    expect(lines.filter(({ type }) => type === 'retry')).toHaveLength(1);
    expect(lines.at(-1)?.warnings).toHaveLength(2);
  });
});

describe('video -q', () => {
  test('says nothing on stderr but the error, with its hint', async () => {
    const good = await withGateway();
    expect(await good.world.video('A boat', '-q')).toBe(0);
    expect(good.world.err()).toBe('');
    const bad = await withGateway({ poll: task('processing') });
    expect(await bad.world.video('A boat', '-q', '--wait', '9')).toBe(45);
    expect(bad.world.err()).toMatch(
      /^alltoken: .*\[still_running.*\]\nhint: alltoken tasks resume /,
    );
  });
});
