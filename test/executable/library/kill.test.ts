/** A process that is killed, and another one that goes on from the messages that it had kept: I1 to I3 hold in both. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AgentCore } from '../../../src/agent/agent.ts';
import { tool } from '../../../src/agent/tool.ts';
import type { ChatMessage } from '../../../src/agent/types.ts';
import type { Step } from '../../../src/sandbox/script-types.ts';
import { script } from '../../../src/testing.ts';
import { faultsOf } from '../../agent/played.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { isTurnOf } from '../../helpers/share.ts';

const program = fileURLToPath(new URL('killed.mjs', import.meta.url));

const add = tool({
  name: 'add',
  description: 'adds',
  input: { type: 'object' },
  execute: ({ a, b }) => a + b,
});
const call = (n: number) => ({ name: 'add', args: { a: n, b: 1 } });
const text: Step = {
  text: 'Some words that come in more than one piece, as an answer does.',
  cost: '0.0001',
};
const firsts: Readonly<Record<string, Step>> = {
  'a text': text,
  'one call': { tools: [call(1)], cost: '0.0001' },
  'three parallel calls': { tools: [call(1), call(2), call(3)], cost: '0.0001' },
};

async function ended(child: ChildProcess): Promise<NodeJS.Signals | number | null> {
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
}

/** Runs an agent in a process that kills itself at its nth event; says whether it came so far. */
async function killedAt(first: Step, at: number): Promise<boolean> {
  const gateway = await script([first, text, text, text]);
  const world = fakeDeps();
  const child = spawn(process.execPath, [program, gateway.baseURL, String(at)], {
    env: { PATH: process.env.PATH, ALLTOKEN_HOME: world.home },
    stdio: 'ignore',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const end = await ended(child);
  const file = join(world.home, 'messages.jsonl');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  const messages = lines
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ChatMessage);
  const config = { gateway: 'sandbox', baseURL: gateway.baseURL, messages, tools: [add] };
  const next = new AgentCore(config, world.deps);
  const result = messages.length === 0 ? await next.run('Go') : await next.resume();
  expect(result.stop).toBe('done');
  expect(gateway.requests.map((one) => faultsOf(one.messages))).toEqual(
    gateway.requests.map(() => []),
  );
  // Before each request there was an intent; only the one that was killed may lack an outcome.
  const ids = (event: string) =>
    world.ledger().flatMap((line) => (line.event === event ? [line.call] : []));
  expect(ids('intent').length).toBeGreaterThanOrEqual(gateway.requests.length);
  expect(ids('intent').length - ids('outcome').length).toBeLessThanOrEqual(1);
  await gateway.close();
  return end === 'SIGKILL';
}

describe.each(Object.entries(firsts))('a process that is killed during %s', (_name, first) => {
  test('leaves messages from which another goes on', async () => {
    let kills = 0;
    for (let at = 1, isAlive = false; !isAlive; at += 1) {
      if (!isTurnOf(at, 8)) continue;
      isAlive = !(await killedAt(first, at));
      if (!isAlive) kills += 1;
    }
    expect(kills).toBeGreaterThan(0);
  }, 120_000);
});
