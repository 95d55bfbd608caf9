/**
 * A batch that dies at each write: no line is sent twice, each has one result in the end, nothing is torn. The process
 * dies in memory: from its last step on nothing that it does has an effect. BATCH_KILL_LINES=200 BATCH_KILL_EVERY=1 for all of it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Deps, Files, FileWriter } from '../../../src/base/deps.ts';
import { run } from '../../../src/cli/program.ts';
import { parseLedgerLine } from '../../../src/money/ledger/parse.ts';
import { decimalSum } from '../../../src/money/total-cost.ts';
import { type BatchWorld, echo, key, openBatch, someLines } from '../../helpers/batch.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';

const lines = Number(process.env.BATCH_KILL_LINES ?? 4);
const every = Number(process.env.BATCH_KILL_EVERY ?? 3);

type How = 'before' | 'torn' | 'after';

/** Ends at one step: whatever comes then has no effect, and no end. */
class Life {
  readonly steps: string[] = [];
  readonly over: Promise<void>;
  private isOver = false;
  private end: () => void = () => {};
  private readonly last: number;
  private readonly how: How;

  constructor(last: number, how: How) {
    this.last = last;
    this.how = how;
    this.over = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  async step<T>(name: string, whole: () => Promise<T>, half?: () => Promise<unknown>): Promise<T> {
    if (this.isOver) return new Promise<never>(() => {});
    this.steps.push(name);
    if (this.steps.length !== this.last) return whole();
    this.isOver = true;
    if (this.how === 'after') await whole().catch(() => {});
    // Where there is no directory yet, there is nothing to tear.
    if (this.how === 'torn') await half?.().catch(() => {});
    this.end();
    return new Promise<never>(() => {});
  }

  files(real: Files, home: string): Files {
    const name = (path: string): string =>
      path
        .replace(home, '')
        .replace(/\d{4}-\d\d\.jsonl/, 'month.jsonl')
        .replace(/lock-.*/, 'lock');
    const open = async (writer: FileWriter, path: string): Promise<FileWriter> => ({
      write: (bytes) =>
        this.step(
          `write ${name(path)}`,
          async () => {
            await writer.write(bytes);
            // With the system before the step is over.
            await writer.sync();
          },
          async () => {
            await writer.write(bytes.subarray(0, bytes.length / 2));
            await writer.sync();
          },
        ),
      sync: () => this.step(`sync ${name(path)}`, () => writer.sync()),
      close: () => writer.close(),
    });
    return {
      ...real,
      appendLine: (path, line) =>
        this.step(
          `append ${name(path)}`,
          () => real.appendLine(path, line),
          () => torn(real, path, line),
        ),
      replace: (path, text, how) =>
        this.step(`replace ${name(path)}`, () => real.replace(path, text, how)),
      rename: (path, to) => this.step(`rename ${name(to)}`, () => real.rename(path, to)),
      remove: (path) => this.step(`remove ${name(path)}`, () => real.remove(path)),
      openToWrite: async (path, how, mode) =>
        open(await this.step(`open ${name(path)}`, () => real.openToWrite(path, how, mode)), path),
    };
  }
}

/** Half a line, as a process leaves it that dies in a write. */
async function torn(files: Files, path: string, line: string): Promise<void> {
  const size = (await files.status(path))?.bytes ?? 0;
  const writer = await files.openToWrite(path, size === 0 ? 'empty' : size, 0o600);
  await writer.write(Buffer.from(line.slice(0, line.length / 2)));
  await writer.sync();
  await writer.close();
}

let processes = 5000;

/** Runs the batch as a process of its own. Resolves to its steps when it has ended, or died. */
async function live(world: BatchWorld, last: number, how: How, flags: string[]): Promise<string[]> {
  processes += 1;
  const own = processes;
  const life = new Life(last, how);
  const { home } = world;
  const fake = fakeDeps({
    env: { ALLTOKEN_HOME: home, ALLTOKEN_API_KEY: key, ALLTOKEN_BASE_URL: world.server.baseUrl },
  });
  const deps: Deps = {
    ...fake.deps,
    workingDirectory: home,
    processId: own,
    // Those before it are dead.
    processMark: (pid) => (pid === own ? 'this' : null),
    uuid: () => crypto.randomUUID(),
    files: life.files(fake.deps.files, home),
  };
  const ended = run(['batch', 'in.jsonl', '-o', 'out.jsonl', '--concurrency', '3', ...flags], deps);
  await Promise.race([ended, life.over]);
  return life.steps;
}

async function begin(): Promise<BatchWorld> {
  const world = await openBatch(echo);
  world.input(...someLines(lines - 1), { prompt: 'p0' });
  return world;
}

test(`a batch of ${lines} lines that dies at any of its steps`, {
  timeout: 3_600_000,
}, async () => {
  const steps = await live(await begin(), Number.POSITIVE_INFINITY, 'after', []);
  expect(steps.length).toBeGreaterThan(4 * lines);
  const points: string[] = [];
  for (let at = 1; at <= steps.length; at += every)
    for (const how of ['torn', 'after'] as const) {
      const isWrite = /^(append|write)/.test(steps[at - 1] ?? '');
      if (how === 'torn' && !isWrite) continue;
      points.push(await die(at, how, steps[at - 1] ?? ''));
    }
  if (process.env.BATCH_KILL_LINES !== undefined) console.log(points.join('\n'));
});

/** Of the outcomes in the ledger, where torn lines are skipped. */
function ledgerAmounts(home: string): (string | null)[] {
  const directory = join(home, 'ledger');
  return readdirSync(directory)
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n'))
    .flatMap((text) => {
      const line = parseLedgerLine(text);
      return line?.event === 'outcome' ? [line.cost.amount] : [];
    });
}

/** Dies at one step, goes on, and sends what is unknown once more. Returns what was seen, in one line. */
async function die(at: number, how: How, step: string): Promise<string> {
  const name = `${how} step ${at}, ${step}`;
  const world = await begin();
  await live(world, at, how, []);
  await live(world, Number.POSITIVE_INFINITY, 'after', []);
  const sent = new Map<string, number>();
  for (const prompt of world.prompts()) sent.set(prompt, (sent.get(prompt) ?? 0) + 1);
  const results = world.lines();
  expect(new Set(results.map(({ custom_id: id }) => id)).size, name).toBe(lines);
  expect(results, name).toHaveLength(lines);
  const unknown = results.filter(({ error }) => error?.code === 'unknown').length;
  // Two lines have the same prompt, and are two lines.
  expect(sent.get('p0') ?? 0, name).toBeLessThanOrEqual(2);
  for (const [prompt, count] of sent)
    if (prompt !== 'p0') expect(count, `${name}: ${prompt}`).toBe(1);
  const requests = world.prompts().length;
  expect(requests + unknown, name).toBeGreaterThanOrEqual(lines);
  expect(requests, name).toBeLessThanOrEqual(lines);
  expect(unknown, name).toBeLessThanOrEqual(3);
  const ledger = decimalSum(ledgerAmounts(world.home));
  const ofLines = decimalSum(results.map(({ alltoken }) => alltoken.cost.amount));
  expect(ofLines.amount ?? '0', name).toBe(ledger.amount ?? '0');
  const before = world.prompts().length;
  await live(world, Number.POSITIVE_INFINITY, 'after', ['--resend-unknown']);
  expect(world.prompts().length - before, name).toBe(unknown);
  expect(
    Object.values(world.results()).every((text) => /^p\d+$/.test(text)),
    name,
  ).toBe(true);
  expect(world.lines(), name).toHaveLength(lines);
  return `${name}: ${requests} requests, ${unknown} unknown`;
}
