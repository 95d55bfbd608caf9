import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { envelope, errLines, inTurn, lostReply, type Reply, whole } from '../../helpers/ask.ts';
import {
  completed,
  film,
  filmReply,
  type Script,
  silence,
  taskId,
} from '../../helpers/video-gateway.ts';
import {
  bytesOf,
  errorOf,
  failureOf,
  filesIn,
  laterProcess,
  recordOf,
  withGateway,
} from '../../helpers/video-world.ts';

const resume = `alltoken tasks resume ${taskId()}`;
const out = ['A boat', '-o', 'a.mp4'] as const;

function at(url: string): Script {
  return { poll: completed({ video_url: url }) };
}

/** Sends the storage somewhere else. */
function redirect(location: string): Reply {
  return (response) => {
    response.writeHead(302, { location }).end();
  };
}

describe('video downloads', () => {
  test('without the key and unencoded', async () => {
    const { gateway, world } = await withGateway();
    expect(await world.video(...out)).toBe(0);
    expect(gateway.to('file')[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' });
    expect(gateway.to('file')[0]?.headers).not.toHaveProperty('authorization');
  });

  test('the rest of a file when the connection breaks, again and again', async () => {
    const { gateway, world } = await withGateway({ file: filmReply(film(), { cutAfter: 15_000 }) });
    expect(await world.video(...out), world.err()).toBe(0);
    expect(bytesOf(world, 'a.mp4').equals(film())).toBe(true);
    const [first, second, third] = gateway.to('file');
    expect(first?.headers).not.toHaveProperty('range');
    expect(second?.headers).toMatchObject({ range: 'bytes=15000-', 'if-range': '"one"' });
    expect(third?.headers).toMatchObject({ range: 'bytes=30000-', 'if-range': '"one"' });
    expect(filesIn(world)).toEqual(['a.mp4']);
  });

  test('from the beginning when the file has changed meanwhile', async () => {
    const other = film(30_000, 'other');
    const { world } = await withGateway({
      file: inTurn(filmReply(film(), { cutAfter: 15_000 }), filmReply(other, { etag: '"two"' })),
    });
    expect(await world.video(...out), world.err()).toBe(0);
    expect(bytesOf(world, 'a.mp4').equals(other)).toBe(true);
  });

  test('after trouble of the storage, and counts its tries', async () => {
    const { world } = await withGateway({
      file: inTurn(envelope(503, 'slow_down'), envelope(500, 'internal'), lostReply, filmReply()),
    });
    expect(await world.video(...out), world.err()).toBe(0);
    const retries = errLines(world).filter((line) => line.startsWith('retry: '));
    expect(retries.map((line) => / try (\d) /.exec(line)?.[1])).toEqual(['2', '3', '4']);
  });

  test('through a redirect', async () => {
    const { gateway, world } = await withGateway({
      file: inTurn(redirect('/storage/elsewhere.mp4'), filmReply()),
    });
    expect(await world.video(...out), world.err()).toBe(0);
    expect(gateway.to('file')[1]?.path).toBe('/storage/elsewhere.mp4');
  });

  test('bytes that it does not know, with a warning', async () => {
    const bytes = Buffer.from('no film that anybody knows');
    const { world } = await withGateway({ file: filmReply(bytes) });
    expect(await world.video('A boat')).toBe(0);
    expect(filesIn(world)).toEqual([`alltoken-video-${taskId().slice(-8)}.mp4`]);
    expect(world.err()).toMatch(/warning: .*check whether it plays/);
  });
});

describe('video, when the address of the film is dead,', () => {
  test.each([401, 403, 404, 410])('asks the task once for another: %i', async (status) => {
    const { gateway, world } = await withGateway({
      poll: inTurn(completed(), completed({}, 'fresh.mp4')),
      file: inTurn(envelope(status, 'expired'), filmReply()),
    });
    expect(await world.video(...out), world.err()).toBe(0);
    expect(gateway.to('file')[1]?.path).toBe('/storage/fresh.mp4');
    expect(gateway.to('create')).toHaveLength(1);
  });

  test('ends with 43 when the next one is dead too', async () => {
    const { gateway, world } = await withGateway({ file: envelope(403, 'expired') });
    expect(await world.video(...out, '--json')).toBe(43);
    expect(gateway.to('file')).toHaveLength(2);
    expect(gateway.to('poll')).toHaveLength(2);
    expect(errorOf(world)).toMatchObject({
      code: 'dead_url',
      billed: 'yes',
      retryable: false,
      task_id: taskId(),
    });
    expect(JSON.stringify(errorOf(world))).not.toContain('signature');
    expect(filesIn(world)).toEqual([]);
  });

  test('ends with 43 when the gateway says that it has expired, and then it is over', async () => {
    const { gateway, world } = await withGateway({
      poll: inTurn(completed(), completed({ is_expired: true })),
      file: envelope(403, 'expired'),
    });
    expect(await world.video(...out)).toBe(43);
    expect(recordOf(world)).toMatchObject({ state: 'gone' });
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', '--all')).toBe(0);
    expect(later.err()).toContain('nothing to resume');
  });

  test('ends with 43 when the gateway has no task any more, and then it is over', async () => {
    const { world } = await withGateway({
      poll: inTurn(completed(), envelope(410, 'result_expired')),
      file: envelope(403, 'expired'),
    });
    expect(await world.video(...out, '--json')).toBe(43);
    expect(errorOf(world)).toMatchObject({ billed: 'yes', task_id: taskId() });
    expect(recordOf(world)).toMatchObject({ state: 'gone', error: { name: 'expired' } });
  });
});

test('video --timeout leaves nothing behind that keeps the process alive', async () => {
  const { world } = await withGateway();
  const { clock } = world.deps;
  const waiting = new Set<object>();
  const after: typeof clock.after = (milliseconds, work, kind) => {
    const one = { milliseconds };
    if (kind !== 'background') waiting.add(one);
    const stop = clock.after(milliseconds, () => {
      waiting.delete(one);
      work();
    });
    return () => {
      waiting.delete(one);
      stop();
    };
  };
  const deps = { ...world.deps, clock: { ...clock, after } };
  expect(await run(['video', ...out, '--timeout', '600'], deps), world.err()).toBe(0);
  expect([...waiting]).toEqual([]);
});

/** The film was paid for and did not come: nobody may think that the same command again is free. */
async function expectPaidAndOpen(script: Script, exits: readonly number[]): Promise<void> {
  const { gateway, world } = await withGateway(script);
  const code = await world.video(
    ...out,
    '--json',
    '--first-byte-timeout',
    '0.3',
    '--idle-timeout',
    '0.3',
  );
  expect(exits, world.err()).toContain(code);
  expect(errorOf(world)).toMatchObject({ billed: 'yes', retryable: false, task_id: taskId() });
  expect(failureOf(world).hint).toContain(resume);
  expect(filesIn(world).filter((name) => !name.endsWith('.part'))).toEqual([]);
  expect(recordOf(world)).toMatchObject({ state: 'received' });
  expect(gateway.to('create')).toHaveLength(1);
}

describe('video refuses an address, pays attention to what was paid, and can be resumed:', () => {
  test.each([
    ['http to another machine', 'http://example.com/a.mp4'],
    ['a private address', 'https://10.1.2.3/a.mp4'],
    ['the metadata service', 'https://169.254.169.254/latest/a.mp4'],
    ['a private IPv6 address', 'https://[fd00::1]/a.mp4'],
    ['a name of this machine elsewhere', 'https://localhost.localdomain.localhost/a.mp4'],
    ['a user name in it', 'https://me:pw@example.com/a.mp4'],
    ['a file', 'file:///etc/passwd'],
    ['no address', 'film.mp4'],
  ])('%s', async (_what, url) => {
    await expectPaidAndOpen(at(url), [41]);
  });

  test.each([
    ['http to another machine', 'http://example.com/a.mp4'],
    ['a private address', 'https://192.168.0.1/a.mp4'],
    ['the metadata service', 'http://169.254.169.254/latest'],
    ['a file', 'file:///etc/passwd'],
    ['nonsense', 'http://'],
    ['itself', '/storage/film.mp4'],
  ])('a redirect to %s', async (_what, location) => {
    await expectPaidAndOpen({ file: redirect(location) }, [41]);
  });
});

describe('video gets no film, and can be resumed:', () => {
  test.each<[string, Reply, number[]]>([
    ['a page', whole(200, 'text/html', '<html><title>Log in</title></html>'), [41]],
    ['a page without its type', whole(200, 'video/mp4', '<!doctype html><p>Hi'), [41]],
    ['a refusal', envelope(451, 'legal'), [41]],
    ['a storage that is down', envelope(500, 'internal'), [40, 45]],
    ['a storage that hangs up', lostReply, [40, 45]],
    ['a storage that is silent', silence, [40, 45]],
  ])('%s', async (_what, file, exits) => {
    await expectPaidAndOpen({ file }, exits);
  });

  test('a length that never comes, with the part kept', async () => {
    const short: Reply = (response) => {
      response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': 50_000 });
      response.write(film(), () => setTimeout(() => response.destroy(), 5));
    };
    await expectPaidAndOpen({ file: short }, [40, 45]);
  });

  test('until --timeout is over, also in the middle of the file', async () => {
    const bytes = film(4000);
    const slow: Reply = (response) => {
      response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': bytes.length });
      let sent = 0;
      const timer = setInterval(() => {
        response.write(bytes.subarray(sent, sent + 100));
        sent += 100;
        if (sent === bytes.length) clearInterval(timer);
      }, 50);
      response.on('close', () => clearInterval(timer));
    };
    const { gateway, world } = await withGateway({ file: slow });
    expect(await world.video(...out, '--async')).toBe(0);
    const later = laterProcess(world, gateway);
    const before = performance.now();
    expect([33, 45]).toContain(await later.tasks('resume', taskId(), '--timeout', '0.6', '--json'));
    expect(errorOf(later)).toMatchObject({ billed: 'yes', task_id: taskId() });
    expect(failureOf(later).hint).toContain(resume);
    expect(performance.now() - before).toBeLessThan(1800);
  });
});
