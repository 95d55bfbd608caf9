/** Worlds for `video` and `tasks`: time passes by sleeping, several processes may share a home, and what they leave is read here. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type * as z from 'zod/mini';
import type { Files } from '../../src/base/deps.ts';
import { run } from '../../src/cli/program.ts';
import { type AskOptions, errLines, events, expectNoKey, worldAt } from './ask.ts';
import type { FakeWorld } from './fake-deps.ts';
import type { TestServer } from './server.ts';
import { type Script, startVideoGateway, type VideoGateway } from './video-gateway.ts';

export interface VideoWorld extends FakeWorld {
  /** Runs, and then looks for the key in all that was left. */
  video(...argv: string[]): Promise<number>;
  tasks(...argv: string[]): Promise<number>;
}

/** A world that is sent to this gateway. */
export function videoWorld(server: TestServer, options: AskOptions = {}): VideoWorld {
  return withVideo(worldAt(server, options));
}

function withVideo(world: FakeWorld): VideoWorld {
  const checked = async (...argv: string[]): Promise<number> => {
    const code = await world.run(...argv);
    expectNoKey(world);
    return code;
  };
  // A run that still hangs or waits ends with its test.
  onTestFinished(() => world.signal('SIGTERM'));
  return {
    ...world,
    video: (...argv) => checked('video', ...argv),
    tasks: (...argv) => checked('tasks', ...argv),
  };
}

/** A new gateway with this script, and a world that is sent to it. */
export async function withGateway(
  script: Script = {},
  options: AskOptions = {},
): Promise<{ gateway: VideoGateway; world: VideoWorld }> {
  const gateway = await startVideoGateway(script);
  return { gateway, world: videoWorld(gateway, options) };
}

export interface OtherProcess extends AskOptions {
  processId?: number;
  /** The process numbers that run, by what marks them; the own one always does. */
  running?: Record<number, string>;
}

let uuids = 0x1000;

/** Unlike those of any world before: they share a journal. */
function nextUuid(): string {
  uuids += 1;
  return `00000000-0000-4000-8000-${String(uuids).padStart(12, '0')}`;
}

/** Another process in the same home, later or at the same time. The first one no longer runs, unless `running` says so. */
export function laterProcess(
  first: FakeWorld,
  server: TestServer,
  { processId = 4712, running = {}, ...options }: OtherProcess = {},
): VideoWorld {
  const world = videoWorld(server, {
    ...options,
    env: { ALLTOKEN_HOME: first.home, ...options.env },
  });
  const deps = {
    ...world.deps,
    workingDirectory: first.home,
    processId,
    uuid: nextUuid,
    processMark: (id: number) => (id === processId ? `mark${id}` : (running[id] ?? null)),
  };
  const checked = async (...argv: string[]): Promise<number> => {
    const code = await run(argv, deps);
    expectNoKey({ ...world, home: first.home });
    return code;
  };
  return {
    ...world,
    deps,
    home: first.home,
    run: (...argv) => run(argv, deps),
    video: (...argv) => checked('video', ...argv),
    tasks: (...argv) => checked('tasks', ...argv),
  };
}

/** The records of the journal as they stand on disk, by state. */
export function journalOf(world: FakeWorld): Record<string, unknown>[] {
  const directory = join(world.home, 'tasks');
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .map(
      (name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as Record<string, unknown>,
    );
}

/** The one record of the journal. */
export function recordOf(world: FakeWorld): Record<string, unknown> & { id: string } {
  const records = journalOf(world);
  expect(records).toHaveLength(1);
  return records[0] as Record<string, unknown> & { id: string };
}

/** Names in the working directory that are not the program's own state, in order. */
export function filesIn(world: FakeWorld): string[] {
  return readdirSync(world.home)
    .filter((name) => !['ledger', 'tasks', 'cache', 'config.json'].includes(name))
    .sort();
}

export function bytesOf(world: FakeWorld, name: string): Buffer {
  return readFileSync(join(world.home, name));
}

/** The one document on stdout; fails when the schema does not know it. */
export function document(world: FakeWorld, schema: z.ZodMiniType): Record<string, unknown> {
  const parsed = world.json();
  expect(schema.safeParse(parsed)).toMatchObject({ success: true });
  return parsed;
}

/** The error in the one document on stdout. */
export function errorOf(world: FakeWorld): Record<string, unknown> {
  return world.json().error as Record<string, unknown>;
}

/** The lines of `--jsonl`; fails when the schema does not know one. */
export function eventsBy(world: FakeWorld, schema: z.ZodMiniType): Record<string, unknown>[] {
  const lines = events(world);
  for (const line of lines)
    expect(schema.safeParse(line), JSON.stringify(line)).toMatchObject({ success: true });
  return lines;
}

/** The line of the error, and the hint below it. */
export function failureOf(world: FakeWorld): { line: string; hint: string } {
  const lines = errLines(world);
  return {
    line: lines.find((line) => line.startsWith('alltoken: ')) ?? '',
    hint: lines.find((line) => line.startsWith('hint: ')) ?? '',
  };
}

/** An error as the system throws it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the test wants it`), { code });
}

/** A disk that fails with `code` once a file whose name fits has got this many bytes. */
export function fullAfter(
  real: Files,
  name: RegExp,
  bytes: number,
  code = 'ENOSPC',
): Partial<Files> {
  return {
    async openToWrite(path, how, mode) {
      const writer = await real.openToWrite(path, how, mode);
      if (!name.test(path)) return writer;
      let size = typeof how === 'number' ? how : 0;
      return {
        ...writer,
        async write(piece) {
          if (size + piece.length > bytes) throw systemError(code);
          size += piece.length;
          await writer.write(piece);
        },
      };
    },
  };
}

/** Waits until the gateway was asked this often. */
export async function untilAsked(
  gateway: VideoGateway,
  route: Parameters<VideoGateway['to']>[0],
  times = 1,
): Promise<void> {
  await expect
    .poll(() => gateway.to(route).length, { interval: 5, timeout: 10_000 })
    .toBeGreaterThanOrEqual(times);
}
