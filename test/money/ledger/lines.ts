/** Ledgers for tests: lines as the program writes them, and `alltoken cost` over them. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeOptions, type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';

export type Line = Record<string, unknown> & { at: string };

export function intent(call: string, at: string, more: object = {}): Line {
  return {
    v: 1,
    event: 'intent',
    call,
    at,
    pid: 4711,
    command: 'chat',
    gateway: 'alltoken',
    model: 'gpt-5.4-nano',
    session: null,
    tags: [],
    ...more,
  };
}

/** `amount`: USD as the gateway told it; null: nobody told it. */
export function outcome(call: string, at: string, amount: string | null, more: object = {}): Line {
  const source = amount === null ? 'unknown' : 'gateway';
  return {
    v: 1,
    event: 'outcome',
    call,
    at,
    command: 'chat',
    gateway: 'alltoken',
    model: 'gpt-5.4-nano',
    requested_model: 'gpt-5.4-nano',
    session: null,
    tags: [],
    request_id: `req-${call}`,
    exit: 0,
    billed: 'yes',
    attempts: 1,
    usage: { prompt_tokens: 19, completion_tokens: 12, total_tokens: 31 },
    cost: { amount, currency: 'USD', source },
    duration_ms: 800,
    first_token_ms: 300,
    ...more,
  };
}

/** A paid job's: like a chat's, but it has a task, and it may come again. */
export function jobOutcome(
  call: string,
  at: string,
  amount: string | null,
  more: object = {},
): Line {
  const job = { command: 'video', model: null, requested_model: 'seedance-1.5-pro', usage: null };
  return outcome(call, at, amount, { ...job, task_id: `vgen_${call}`, ...more });
}

export function asModel(model: string): { model: string; requested_model: string } {
  return { model, requested_model: model };
}

/** Each line into the file of its month; a text as it is, into the month of the line before it. */
export function writeLedger(home: string, lines: readonly (Line | string)[]): void {
  mkdirSync(join(home, 'ledger'), { recursive: true });
  let month = '2026-11';
  for (const line of lines) {
    if (typeof line !== 'string') month = line.at.slice(0, 7);
    const text = typeof line === 'string' ? line : `${JSON.stringify(line)}\n`;
    appendFileSync(join(home, 'ledger', `${month}.jsonl`), text);
  }
}

export interface Reported {
  code: number;
  world: FakeWorld;
}

/** `cost …argv` in a new world with this ledger; it is noon of 2026-11-22. */
export async function cost(
  lines: readonly (Line | string)[],
  argv: readonly string[] = [],
  options: FakeOptions = {},
): Promise<Reported> {
  const world = fakeDeps(options);
  writeLedger(world.home, lines);
  return { code: await world.run('cost', ...argv), world };
}

/** The document of a report over these lines; all of them unless argv says otherwise. */
export async function reported(
  lines: readonly (Line | string)[],
  ...argv: string[]
): Promise<
  Record<string, unknown> & { totals: Totals; rows: (Totals & { key: string | null })[] }
> {
  const since = argv.includes('--since') ? [] : ['--since', '2020-01'];
  const { world } = await cost(lines, ['--json', ...since, ...argv]);
  return world.json() as Awaited<ReturnType<typeof reported>>;
}

export interface Totals {
  calls: number;
  prompt_tokens: number;
  completion_tokens: number;
  cost: { amount: string | null; source: string };
  sources: { gateway: string | null; catalog: string | null };
  known_calls: number;
  unknown_calls: number;
  unbilled_calls: number;
}
