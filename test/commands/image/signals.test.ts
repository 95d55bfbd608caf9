import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FakeWorld } from '../../helpers/fake-deps.ts';
import {
  besideRecords,
  type Drawn,
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
  dropped,
  errorReply,
  inline,
  picture,
  processing,
  result,
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

describe.each(signals)('%s', (signal, exit, name) => {
  test('before anything begins: nothing bought, nothing left', async () => {
    const drawn = await stopped((_gateway, world) => world.signal(signal));
    expectFailed(drawn, { exit, name, billed: 'no', taskId: null });
    expect(drawn.gateway.requests).toEqual([]);
    expect(records(drawn.world)).toEqual([]);
    expect(besideRecords(drawn.world)).toEqual([]);
  });

  test('while the input is uploaded: nothing bought, nothing left', async () => {
    const argv = ['--json', '--image', 'in.png', '-o', 'cat.png', 'Red'];
    const drawn = await stopped((gateway, world) => {
      gateway.script.put = stopThen(world, signal);
    }, argv);
    expectFailed(drawn, { exit, name, billed: 'no', taskId: null });
    expect(drawn.gateway.to('create')).toEqual([]);
    expect(records(drawn.world)).toEqual([]);
  });

  test('while the create request is on its way: not known, and resume finds its task', async () => {
    const drawn = await stopped((gateway, world) => {
      gateway.script.create = stopThen(world, signal);
    });
    expectFailed(drawn, { exit, name, hint: /tasks resume job_/, billed: 'unknown', taskId: null });
    expect(drawn.gateway.to('create')).toHaveLength(1);
    expect(records(drawn.world)).toMatchObject([{ state: 'submitting' }]);
    expect(drawn.world.ledger()[1]).toMatchObject({ exit, billed: 'unknown' });
    await expectFinished(drawn, {
      create: errorReply(409, 'duplicate_request', { task_id: taskId }),
    });
  });

  const atFirstSleep = (world: FakeWorld): void => {
    const { sleep } = world.deps.clock;
    world.deps.clock.sleep = (ms, stop) => {
      world.signal(signal);
      return sleep(ms, stop);
    };
  };

  test('while it waits after a refusal: nothing bought, nothing left', async () => {
    const drawn = await stopped((gateway, world) => {
      gateway.script.create = errorReply(503, 'all_providers_failed');
      atFirstSleep(world);
    });
    expectFailed(drawn, { exit, name, billed: 'no' });
    expect(drawn.gateway.to('create')).toHaveLength(1);
    expect(records(drawn.world)).toEqual([]);
  });

  test('while it waits after a lost reply: not known, and resume finds its task', async () => {
    const drawn = await stopped((gateway, world) => {
      gateway.script.create = dropped;
      atFirstSleep(world);
    });
    expectFailed(drawn, { exit, name, hint: /tasks resume job_/, billed: 'unknown' });
    expect(drawn.gateway.to('create')).toHaveLength(1);
    await expectFinished(drawn, {
      create: errorReply(409, 'duplicate_request', { task_id: taskId }),
    });
  });

  test('between two polls: the id and the line that comes back', async () => {
    const drawn = await stopped((gateway, world) => {
      gateway.script.poll = processing();
      const { sleep } = world.deps.clock;
      world.deps.clock.sleep = (ms, stop) => {
        if (gateway.to('poll').length === 2) world.signal(signal);
        return sleep(ms, stop);
      };
    });
    expectFailed(drawn, {
      exit,
      name,
      hint: new RegExp(`^hint: alltoken tasks resume ${taskId}$`),
      billed: 'unknown',
      taskId,
    });
    expect(drawn.gateway.to('poll')).toHaveLength(2);
    expect(records(drawn.world)).toMatchObject([{ state: 'submitted', task_id: taskId }]);
    expect(drawn.world.ledger()[1]).toMatchObject({ exit, billed: 'unknown', task_id: taskId });
    await expectFinished(drawn);
  });

  test('during a poll that is soon answered with the picture: it is not lost', async () => {
    const drawn = await stopped((gateway, world) => {
      const done = completed(inline(picture()));
      gateway.script.poll = [
        stopThen(world, signal, done, 200),
        errorReply(410, 'image_already_retrieved'),
      ];
    });
    expect([0, exit]).toContain(drawn.code);
    if (drawn.code === 0) expect(existsSync(join(drawn.world.home, 'cat.png'))).toBe(true);
    await expectFinished(drawn, { poll: errorReply(410, 'image_already_retrieved') });
  });

  test('during a poll that is soon answered as running: no other question', async () => {
    const drawn = await stopped((gateway, world) => {
      gateway.script.poll = [
        stopThen(world, signal, processing(), 100),
        completed(inline(picture())),
      ];
    });
    expectFailed(drawn, { exit, name, hint: /tasks resume igen_/, billed: 'unknown', taskId });
    expect(drawn.gateway.to('poll')).toHaveLength(1);
    await expectFinished(drawn);
  });

  test('in the middle of the picture: the rest still comes', async () => {
    const text = JSON.stringify(result(inline(picture(300_000))));
    const drawn = await stopped((gateway, world) => {
      const slowly: ImageReply = (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write(text.slice(0, 200_000), () => {
          world.signal(signal);
          setTimeout(() => response.end(text.slice(200_000)), 100);
        });
      };
      gateway.script.poll = [slowly, errorReply(410, 'image_already_retrieved')];
    });
    expect([0, exit]).toContain(drawn.code);
    const later = await resume(drawn.world, drawn.gateway, [records(drawn.world)[0]?.id ?? '']);
    expect(later.code, later.world.err()).toBe(0);
    expectOneFile(later.world, picture(300_000));
  });
});
