import { describe, expect, test } from 'vitest';
import type { SendRequest } from '../../../src/base/deps.ts';
import {
  type Drawn,
  draw,
  expectFailed,
  expectOneFile,
  imageWorld,
  records,
  runIn,
} from '../../helpers/image.ts';
import { type ImageReply, startImageGateway } from '../../helpers/image-gateway.ts';
import { created, dropped, errorReply, half, page, taskId } from '../../helpers/image-replies.ts';
import { notConnected } from '../../helpers/network.ts';

const duplicate = errorReply(409, 'duplicate_request', { task_id: taskId });

function keysOf({ gateway }: Drawn): unknown[] {
  return gateway.to('create').map(({ headers }) => headers['idempotency-key']);
}

/** The same request each time, and 46 in the end. */
function expectUnknown(drawn: Drawn): void {
  expectFailed(drawn, {
    exit: 46,
    name: 'outcome_unknown',
    hint: /look at your usage.*tasks forget job_/,
    billed: 'unknown',
    taskId: null,
  });
  expect(new Set(keysOf(drawn)).size).toBe(1);
  expect(new Set(drawn.gateway.to('create').map(({ body }) => body)).size).toBe(1);
  expect(records(drawn.world)).toMatchObject([{ state: 'submitting', task_id: null }]);
  expect(drawn.world.ledger().at(-1)).toMatchObject({ exit: 46, billed: 'unknown' });
}

describe('a create reply that is lost', () => {
  test('409 with the id of the first task: that task, bought once', async () => {
    const drawn = await draw({ create: [dropped, duplicate] });
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
    expect(keysOf(drawn)).toHaveLength(2);
    expect(new Set(keysOf(drawn)).size).toBe(1);
    expect(drawn.gateway.to('poll')[0]?.path).toContain(taskId);
    expect(records(drawn.world)).toMatchObject([{ state: 'done', create: { attempts: 2 } }]);
    expect(drawn.world.err()).toMatch(/^retry: .*prevents a second charge/m);
  });

  const losses: [string, ImageReply][] = [
    ['half of the reply', half({ id: taskId, status: 'queued', model: 'gpt-image-2' })],
    ['a 502 page', page(502)],
    ['a 504 page', page(504)],
    ['an empty 500', (response) => void response.writeHead(500).end()],
  ];
  test.each(losses)('%s counts as lost', async (_name, loss) => {
    const drawn = await draw({ create: [loss, duplicate] });
    expect(drawn.code, drawn.world.err()).toBe(0);
    expect(new Set(keysOf(drawn)).size).toBe(1);
    expect(drawn.gateway.to('create')).toHaveLength(2);
  });

  test('a gateway that makes the task at the second try is fine too', async () => {
    const drawn = await draw({ create: [dropped, created()] });
    expect(drawn.code, drawn.world.err()).toBe(0);
  });

  test('always: asked again within the minute only, then 46', async () => {
    const at: number[] = [];
    const gateway = await startImageGateway();
    const world = imageWorld(gateway);
    gateway.script = {
      create: (response) => {
        at.push(world.deps.clock.now());
        response.destroy();
      },
    };
    const code = await runIn(world, 'image', '--json', 'A cat');
    expectUnknown({ code, world, gateway });
    expect(at.length).toBeGreaterThan(1);
    expect(Math.max(...at) - Math.min(...at)).toBeLessThan(60_000);
    expect(world.json()).toMatchObject({ attempts: at.length, task_id: null });
  });

  test.each([
    ['the machine slept in the pause', 0],
    ['it slept, and its clock was set back', -700_000],
  ])('%s: the key is forgotten by then, and nothing is sent again', async (_what, set) => {
    const gateway = await startImageGateway({ create: dropped });
    const world = imageWorld(gateway);
    const { clock } = world.deps;
    const [sleep, now] = [clock.sleep, clock.now];
    clock.sleep = async (milliseconds, signal) => {
      await sleep(milliseconds + 700_000, signal);
      clock.now = () => now() + set;
    };
    const code = await runIn(world, 'image', '--json', 'A cat');
    expectUnknown({ code, world, gateway });
    expect(gateway.to('create')).toHaveLength(1);
  });

  test.each([{ processSpace: '' }, { bootedAt: Number.NaN }])(
    'on a system with %j, which leaves the clocks of the process: once more, within the minute',
    async (options) => {
      const drawn = await draw({ create: [dropped, duplicate] }, ['A cat'], options);
      expect(drawn.code, drawn.world.err()).toBe(0);
      expect(drawn.gateway.to('create')).toHaveLength(2);
    },
  );

  test('with 5xx pages always: 46', async () => {
    const drawn = await draw({ create: page(502) }, ['--json', 'A cat']);
    expectUnknown(drawn);
  });

  const verdicts: [string, ImageReply][] = [
    ['409 without an id', errorReply(409, 'duplicate_request')],
    ['402', errorReply(402, 'insufficient_balance')],
    ['401', errorReply(401, 'invalid_api_key')],
    ['400', errorReply(400, 'invalid_request')],
    ['429', errorReply(429, 'rate_limited')],
    ['503 in the envelope', errorReply(503, 'all_providers_failed')],
  ];
  test.each(verdicts)(
    'then %s: what became of the first is still not known',
    async (_n, verdict) => {
      const drawn = await draw({ create: [dropped, verdict] }, ['--json', 'A cat']);
      const { error } = drawn.world.json() as { error: { billed: string } };
      expect(error.billed).toBe('unknown');
      expect(drawn.code).toBe(46);
      expect(records(drawn.world)).toMatchObject([{ state: 'submitting' }]);
      expect(drawn.world.ledger().at(-1)).toMatchObject({ billed: 'unknown' });
    },
  );

  test('then nobody listens: what became of the first is still not known', async () => {
    const gateway = await startImageGateway();
    const world = imageWorld(gateway);
    const { openNetwork } = world.deps;
    let count = 0;
    Object.assign(world.deps, {
      openNetwork: async (options: Parameters<typeof openNetwork>[0]) => {
        const send = await openNetwork(options);
        return (request: SendRequest) => {
          count += 1;
          return count === 1 ? send(request) : Promise.reject(notConnected('ECONNREFUSED'));
        };
      },
    });
    gateway.script = { create: dropped };
    const code = await runIn(world, 'image', '--json', 'A cat');
    expect(world.json()).toMatchObject({ error: { billed: 'unknown' } });
    expect(code).toBe(46);
    expect(records(world)).toMatchObject([{ state: 'submitting' }]);
  });

  test('409 without an id at once: nothing of ours was made', async () => {
    const drawn = await draw({ create: errorReply(409, 'duplicate_request') }, ['--json', 'A cat']);
    expectFailed(drawn, { exit: 25, name: 'rejected', code: 'duplicate_request', billed: 'no' });
  });
});
