import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FakeWorld } from '../../helpers/fake-deps.ts';
import {
  besideRecords,
  type Drawn,
  document,
  expectFailed,
  expectOneFile,
  imageWorld,
  records,
  resume,
  runIn,
} from '../../helpers/image.ts';
import {
  type ImageGateway,
  type ImageReply,
  startImageGateway,
} from '../../helpers/image-gateway.ts';
import {
  completed,
  created,
  errorReply,
  inline,
  picture,
  processing,
  stored,
  taskId,
} from '../../helpers/image-replies.ts';

const signals = [
  ['SIGINT', 130, 'sigint'],
  ['SIGTERM', 143, 'sigterm'],
  ['SIGHUP', 129, 'sighup'],
] as const;

/** A run in which `prepare` arranges when the stop comes. */
async function stopped(
  prepare: (gateway: ImageGateway, world: FakeWorld) => void,
  argv: readonly string[] = ['--json', '-o', 'cat.png', 'A cat'],
): Promise<Drawn> {
  const gateway = await startImageGateway();
  const world = imageWorld(gateway, { home: { 'in.png': picture(3000) }, timers: 'by hand' });
  prepare(gateway, world);
  return { code: await runIn(world, 'image', ...argv), world, gateway };
}

/** `tasks resume` in a new process finishes it; one task was made in all. */
async function expectFinished({ world, gateway }: Drawn, script = {}): Promise<void> {
  gateway.script = { poll: completed(inline(picture())), ...script };
  const later = await resume(world, gateway, [records(world)[0]?.id ?? '']);
  expect(later.code, later.world.err()).toBe(0);
  expect(expectOneFile(later.world)).toBe(join(world.home, 'cat.png'));
  const keys = gateway.to('create').map(({ headers }) => headers['idempotency-key']);
  expect(new Set(keys).size).toBe(1);
  expect(besideRecords(world)).toEqual([]);
}

/** Stops, then answers all the same after a while; without a reply, the time to wait for it goes by. */
const stopThen =
  (
    world: FakeWorld,
    name: (typeof signals)[number][0],
    reply?: ImageReply,
    afterMs = 20,
  ): ImageReply =>
  (response, request, count) => {
    world.signal(name);
    if (reply === undefined) void world.clock.pass(3000);
    else setTimeout(() => void reply(response, request, count), afterMs);
  };

describe('SIGINT', () => {
  test('during a poll that is never answered: ends after three seconds', async () => {
    const drawn = await stopped((gateway, world) => {
      gateway.script.poll = async () => {
        world.signal('SIGINT');
        await world.clock.untilWaiting(3000);
        await world.clock.pass(3000);
      };
    });
    expectFailed(drawn, {
      exit: 130,
      name: 'sigint',
      hint: /tasks resume/,
      billed: 'unknown',
      taskId,
    });
    await expectFinished(drawn);
  });

  test('while the file is fetched from its address: resume goes on', async () => {
    const bytes = picture(200_000);
    const drawn = await stopped((gateway, world) => {
      gateway.script = {
        poll: completed(stored(gateway.fileUrl('a.png'))),
        file: (response) => {
          response.writeHead(200, { 'content-length': '200000', etag: '"v1"' });
          response.write(bytes.subarray(0, 90_000), () =>
            setTimeout(() => world.signal('SIGINT'), 30),
          );
        },
      };
    });
    expectFailed(drawn, { exit: 130, name: 'sigint', hint: /tasks resume/, billed: 'yes', taskId });
    expect(records(drawn.world)).toMatchObject([{ state: 'received' }]);
    expect(existsSync(join(drawn.world.home, 'cat.png'))).toBe(false);
    drawn.gateway.script.file = (response, request) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      response.writeHead(from > 0 ? 206 : 200, {
        etag: '"v1"',
        ...(from > 0 ? { 'content-range': `bytes ${from}-199999/200000` } : {}),
      });
      response.end(bytes.subarray(from));
    };
    const later = await resume(drawn.world, drawn.gateway, [taskId]);
    expect(later.code, later.world.err()).toBe(0);
    expectOneFile(later.world, bytes);
    expect(drawn.gateway.to('poll')).toHaveLength(1);
  });

  test('while the file is saved: what is done is done, and told', async () => {
    const drawn = await stopped((_gateway, world) => {
      const { link } = world.deps.files;
      world.deps.files.link = async (from, to) => {
        world.signal('SIGINT');
        return link(from, to);
      };
    });
    expect([0, 130]).toContain(drawn.code);
    expect(document(drawn.world)).toMatchObject({ files: [{ bytes: 4000 }] });
    await expectFinished(drawn);
  });

  test('during the create request that is answered in that moment is not lost', async () => {
    const drawn = await stopped((gateway, world) => {
      gateway.script.create = stopThen(world, 'SIGINT', created(), 0);
    });
    expect(drawn.code).toBe(130);
    expect(records(drawn.world)).toHaveLength(1);
    await expectFinished(drawn, {
      create: errorReply(409, 'duplicate_request', { task_id: taskId }),
    });
  });

  test('during tasks resume leaves the task as it was', async () => {
    const first = await stopped(
      (gateway) => {
        gateway.script.poll = processing();
      },
      ['--wait', '3', '-o', 'cat.png', 'A cat'],
    );
    const world = imageWorld(first.gateway, { env: { ALLTOKEN_HOME: first.world.home } });
    const { sleep } = world.deps.clock;
    world.deps.clock.sleep = (ms, stop) => {
      world.signal('SIGINT');
      return sleep(ms, stop);
    };
    const code = await runIn(world, 'tasks', 'resume', taskId, '--json');
    expectFailed(
      { code, world, gateway: first.gateway },
      { exit: 130, name: 'sigint', billed: 'unknown' },
    );
    expect(world.err()).toContain(`alltoken tasks resume ${taskId}`);
    await expectFinished(first);
  });

  test('with --no-journal does not promise more than there is', async () => {
    const drawn = await stopped(
      (gateway, world) => {
        gateway.script.poll = stopThen(world, 'SIGINT', processing());
      },
      ['--no-journal', 'A cat'],
    );
    expect(drawn.code).toBe(130);
    expect(drawn.world.err()).toMatch(
      /^hint: alltoken tasks resume igen_\w+ -g alltoken --base-url http/m,
    );
  });
});
