import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import type { FakeWorld } from '../../helpers/fake-deps.ts';
import { imageWorld } from '../../helpers/image.ts';
import { type Script, startImageGateway } from '../../helpers/image-gateway.ts';
import {
  completed,
  inline,
  json,
  picture,
  result,
  state,
  taskId,
} from '../../helpers/image-replies.ts';
import { completed as filmed, taskId as filmId, task } from '../../helpers/video-gateway.ts';
import { withGateway } from '../../helpers/video-world.ts';

/** What is drawn, and then erased, is not in `world.err()`: a terminal has nothing of it in the end. */
function terminal(): { stream: NodeJS.WriteStream; drawn: () => string } {
  let drawn = '';
  const stream = new PassThrough();
  stream.on('data', (bytes: Buffer) => {
    drawn += bytes.toString();
  });
  const move = (): boolean => true;
  const methods = { clearLine: move, cursorTo: move, moveCursor: move };
  const faked = Object.assign(stream, { isTTY: true, columns: 80, rows: 24, ...methods });
  return { stream: faked as unknown as NodeJS.WriteStream, drawn: () => drawn };
}

async function onTerminal(world: FakeWorld, ...argv: string[]): Promise<number> {
  const { deps } = world;
  const stderr = { ...deps.stderr, isTerminal: true, columns: 80, terminal: terminal().stream };
  return run(argv, { ...deps, stderr });
}

async function drawn(
  script: Script,
  ...argv: string[]
): Promise<{ code: number; world: FakeWorld }> {
  const world = imageWorld(await startImageGateway(script), { timers: 'by hand' });
  return { code: await onTerminal(world, 'image', ...argv), world };
}

/** After so many polls of two seconds. */
function after(polls: number): Script {
  return {
    poll: (response, request, count) =>
      (count <= polls ? state('processing') : completed(inline(picture())))(
        response,
        request,
        count,
      ),
  };
}

const line = `${taskId} submitted. Resume with: alltoken tasks resume ${taskId}`;

describe('image on a terminal', () => {
  test('is quiet when all goes well: the usage, and no more', async () => {
    const { code, world } = await drawn(after(2), 'A cat');
    expect(code, world.err()).toBe(0);
    expect(world.err().split('\n').slice(0, -1)).toEqual([
      expect.stringMatching(/\[usage\] prompt=8 completion=272 /),
    ]);
  });

  test('has no line of unknowns', async () => {
    const body = { ...result(inline(picture())), usage: undefined };
    const { code, world } = await drawn({ poll: json(200, body) }, 'A cat');
    expect(code, world.err()).toBe(0);
    expect(world.err()).toBe('');
  });

  test('writes the id once the wait is long, and only once', async () => {
    const { code, world } = await drawn(after(12), 'A cat');
    expect(code, world.err()).toBe(0);
    expect(world.err().split(line)).toHaveLength(2);
  });

  test('--async says how to come back', async () => {
    const { code, world } = await drawn({}, '--async', 'A cat');
    expect(code, world.err()).toBe(0);
    expect(world.out()).toBe(`${taskId}\n`);
    expect(world.err()).toContain(line);
  });

  test('-v writes it at once', async () => {
    const { world } = await drawn(after(1), '-v', 'A cat');
    expect(world.err()).toContain(line);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s names the id and the command',
    async (name) => {
      const stop: { now: () => void } = { now: () => {} };
      const gateway = await startImageGateway({
        poll: (response, request, count) => {
          stop.now();
          return state('processing')(response, request, count);
        },
      });
      const world = imageWorld(gateway, { timers: 'by hand' });
      stop.now = () => world.signal(name);
      const code = await onTerminal(world, 'image', 'A cat');
      expect(code).toBeGreaterThan(128);
      expect(world.err()).toContain(`hint: alltoken tasks resume ${taskId}`);
    },
  );

  test('a wait that ends first names the id and the command', async () => {
    const { code, world } = await drawn({ poll: state('processing') }, '--wait', '5', 'A cat');
    expect(code).toBe(45);
    expect(world.err()).toContain(`hint: alltoken tasks resume ${taskId}`);
  });

  test('a failed task is not said to be resumable', async () => {
    const { code, world } = await drawn({ poll: state('failed') }, 'A cat');
    expect(code).toBe(44);
    expect(world.err()).not.toContain('tasks resume');
  });
});

describe('without a terminal', () => {
  test('the id is on stderr before the first poll', async () => {
    const seen: string[] = [];
    const holder: { err: () => string } = { err: () => '' };
    const gateway = await startImageGateway({
      poll: (response, request, count) => {
        seen.push(holder.err());
        return completed(inline(picture()))(response, request, count);
      },
    });
    const world = imageWorld(gateway);
    holder.err = world.err;
    expect(await world.run('image', 'A cat')).toBe(0);
    expect(seen[0]).toContain(line);
  });
});

describe('video on a terminal', () => {
  test('is as quiet', async () => {
    const { gateway, world } = await withGateway({ poll: filmed({ usage: undefined }) });
    expect(await onTerminal(world, 'video', 'A boat'), world.err()).toBe(0);
    expect(world.err()).toBe('');
    expect(gateway.to('create')).toHaveLength(1);
  });

  test('is not without its id where it fails', async () => {
    const { world } = await withGateway({ poll: task('processing') });
    expect(await onTerminal(world, 'video', '--wait', '5', 'A boat')).toBe(45);
    expect(world.err()).toContain(`alltoken tasks resume ${filmId()}`);
  });
});
