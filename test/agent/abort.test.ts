/** I1 and I3: an agent that is aborted at any event sends valid requests afterwards, and its books are complete. */
import { describe, expect, test } from 'vitest';
import { tool } from '../../src/agent/tool.ts';
import type { AgentEvents, RunResult } from '../../src/agent/types.ts';
import type { Step } from '../../src/sandbox/script-types.ts';
import { expectInvariants, faultsOf, played } from './played.ts';

const names: readonly (keyof AgentEvents)[] = [
  ...(['message:user', 'message:assistant', 'stream:start', 'stream:delta', 'stream:end'] as const),
  ...(['tool:call', 'tool:result', 'thinking:start', 'thinking:end', 'history:append'] as const),
];

const call = (n: number) => ({ name: 'add', args: { a: n, b: 1 } });
const text: Step = { text: 'Some words that come in more than one piece, as an answer does.' };
const firsts: Readonly<Record<string, Step>> = {
  'a text': text,
  'one call': { tools: [call(1)] },
  'three parallel calls': { tools: [call(1), call(2), call(3)] },
};

const add = tool({
  name: 'add',
  description: 'adds',
  input: {
    type: 'object',
    properties: { a: { type: 'number' }, b: { type: 'number' } },
    required: ['a', 'b'],
  },
  execute: async ({ a, b }: { a: number; b: number }) => {
    await Promise.resolve();
    return a + b;
  },
});

/** Runs once and aborts at the nth event, from 1; says how many there were, and how it ended. */
async function abortedAt(first: Step, at: number): Promise<{ events: number; result: RunResult }> {
  const game = await played([first, text, text, text, text], { tools: [add] });
  const { agent } = game;
  let events = 0;
  let isFirstRun = true;
  const hear = (): void => {
    if (!isFirstRun) return;
    events += 1;
    if (events === at) void agent.abort();
  };
  for (const name of names) agent.on(name, hear);
  const result = await agent.run('Go');
  isFirstRun = false;
  expect(faultsOf(result.messages)).toEqual([]);
  const next = await agent.run('And now?');
  expect(next.stop).toBe('done');
  expectInvariants(game);
  return { events, result };
}

describe.each(Object.entries(firsts))('an abort during %s', (_name, first) => {
  test('at each event leaves a history that can be sent', async () => {
    const { events, result } = await abortedAt(first, 0);
    expect(result.stop).toBe('done');
    const stops = new Set<string>();
    for (let at = 1; at <= events; at += 1) stops.add((await abortedAt(first, at)).result.stop);
    expect(stops).toContain('aborted');
  });

  test('at each event can be resumed', async () => {
    const game = await played([first, text, text, text], { tools: [add] });
    game.agent.once(first === text ? 'stream:delta' : 'tool:call', () => void game.agent.abort());
    expect(await game.agent.run('Go')).toMatchObject({ ok: false, stop: 'aborted' });
    expect(await game.agent.resume()).toMatchObject({ ok: true, stop: 'done' });
    expectInvariants(game);
  });
});
