/** One `alltoken image` in a world of its own, against a gateway that plays a script. No run may leave the key anywhere, or base64 where people look. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { imageDocumentSchema, tasksDocumentSchema } from '../../src/schemas/media.ts';
import type { TaskRecord } from '../../src/schemas/task-record.ts';
import { type AskOptions, expectNoKey, worldAt } from './ask.ts';
import type { FakeWorld } from './fake-deps.ts';
import { type ImageGateway, type Script, startImageGateway } from './image-gateway.ts';
import { picture, sha256 } from './image-replies.ts';

export interface Drawn {
  code: number;
  world: FakeWorld;
  gateway: ImageGateway;
}

/** `image …argv` in a new world. */
export async function draw(
  script: Script = {},
  argv: readonly string[] = ['A cat'],
  options: AskOptions = {},
): Promise<Drawn> {
  const gateway = await startImageGateway(script);
  return drawAt(gateway, argv, options);
}

export async function drawAt(
  gateway: ImageGateway,
  argv: readonly string[] = ['A cat'],
  options: AskOptions = {},
): Promise<Drawn> {
  const world = imageWorld(gateway, options);
  const code = await runIn(world, 'image', ...argv);
  return { code, world, gateway };
}

/** A world that is sent to this gateway, on a machine that names its start. */
export function imageWorld(gateway: ImageGateway, options: AskOptions = {}): FakeWorld {
  return worldAt(gateway, { processSpace: 'host_boot_1', ...options });
}

/** The same home, a new process; what it prints is its own. */
export function laterWorld(
  before: FakeWorld,
  gateway: ImageGateway,
  options: AskOptions = {},
): FakeWorld {
  return imageWorld(gateway, { ...options, env: { ALLTOKEN_HOME: before.home, ...options.env } });
}

export async function runIn(world: FakeWorld, ...argv: string[]): Promise<number> {
  const code = await world.run(...argv);
  expectNoKey(world);
  const base64 = picture().toString('base64').slice(0, 60);
  expect(world.err()).not.toContain(base64);
  expect(world.out()).not.toContain(base64);
  return code;
}

/** Takes up what an earlier process left, in a new one: `tasks resume …argv`. */
export async function resume(
  before: FakeWorld,
  gateway: ImageGateway,
  argv: readonly string[] = ['--all'],
  options: AskOptions = {},
): Promise<Drawn> {
  const world = laterWorld(before, gateway, options);
  return { code: await runIn(world, 'tasks', 'resume', ...argv), world, gateway };
}

/** The paths on stdout. */
export function paths(world: FakeWorld): string[] {
  return world
    .out()
    .split('\n')
    .filter((line) => line !== '');
}

/** Stdout is the path of one file, which holds exactly these bytes. */
export function expectOneFile(world: FakeWorld, bytes: Uint8Array = picture()): string {
  expect(world.out(), world.err()).toMatch(/^\/[^\n]+\n$/);
  const path = world.out().trim();
  expect(sha256(readFileSync(path))).toBe(sha256(bytes));
  return path;
}

/** Records of the journal, oldest first. */
export function records(world: FakeWorld): TaskRecord[] {
  return namesIn(join(world.home, 'tasks'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(world.home, 'tasks', name), 'utf8')) as TaskRecord);
}

/** Names in a directory, but for our own places; nothing when there is none. */
export function namesIn(directory: string): string[] {
  const own = new Set(['tasks', 'ledger', 'cache', 'sessions']);
  return existsSync(directory)
    ? readdirSync(directory)
        .filter((name) => !own.has(name))
        .sort()
    : [];
}

/** What stands beside the records in the journal: replies, halves and locks. */
export function besideRecords(world: FakeWorld): string[] {
  return namesIn(join(world.home, 'tasks')).filter((name) => !name.endsWith('.json'));
}

/** The document of `--json`, which keeps to its schema. */
export function document(world: FakeWorld): Record<string, unknown> {
  const parsed = world.json();
  const schema = parsed.schema === 'alltoken.tasks.v1' ? tasksDocumentSchema : imageDocumentSchema;
  expect(schema.safeParse(parsed).error).toBeUndefined();
  return parsed;
}

export interface Failure {
  exit: number;
  name: string;
  code?: string | RegExp | null;
  message?: RegExp;
  hint?: RegExp | null;
  billed: 'yes' | 'no' | 'unknown';
  taskId?: string | null;
}

/** One line with these facts on stderr, the hint as the last one; with --json the document says the same. */
export function expectFailed({ code, world }: Drawn, expected: Failure): void {
  expect(code, world.err()).toBe(expected.exit);
  const lines = world.err().trimEnd().split('\n');
  const errors = lines.filter((line) => line.startsWith('alltoken: '));
  expect(errors, world.err()).toHaveLength(1);
  const [line = ''] = errors;
  expect(line).toMatch(new RegExp(`\\[${expected.name}( |\\])`));
  expect(world.err()).not.toMatch(/undefined|\[object|NaN/);
  const slug = / code=([^\s\]]+)/.exec(line)?.[1] ?? null;
  if (expected.code instanceof RegExp) expect(slug).toMatch(expected.code);
  else if (expected.code !== undefined) expect(slug).toBe(expected.code);
  if (expected.message !== undefined) expect(line).toMatch(expected.message);
  const hint = lines.find((one) => one.startsWith('hint: ')) ?? null;
  if (expected.hint === null) expect(hint).toBeNull();
  else if (expected.hint !== undefined) expect(hint).toMatch(expected.hint);
  if (!world.out().startsWith('{')) return;
  const { error, exit } = document(world) as { error: Record<string, unknown>; exit?: number };
  if (exit !== undefined) expect(exit).toBe(expected.exit);
  expect(error).toMatchObject({
    exit: expected.exit,
    name: expected.name,
    billed: expected.billed,
  });
  if (expected.taskId !== undefined) expect(error.task_id).toBe(expected.taskId);
}

/** No record, no reply, no lock, no file: as if it had never been begun. */
export function expectNothingLeft({ world }: Drawn): void {
  expect(namesIn(join(world.home, 'tasks'))).toEqual([]);
  expect(namesIn(world.home)).toEqual([]);
}
