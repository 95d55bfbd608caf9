/** maxCost, budgets and the ledger: what an agent, its tools and the agents below it may spend, and what is written down. */
import { expect, test } from 'vitest';
import { AgentCore } from '../../src/agent/agent.ts';
import { tool } from '../../src/agent/tool.ts';
import type { ToolContext } from '../../src/agent/types.ts';
import type { Step } from '../../src/sandbox/script-types.ts';
import { expectInvariants, played } from './played.ts';

const buying = (amount: string | null) =>
  tool({
    name: 'buy',
    description: 'buys',
    input: { type: 'object' },
    buys: true,
    execute: (_args, context?: ToolContext) => {
      context?.spent({ amount });
      return { left: context?.left() };
    },
  });
const buy = { name: 'buy' };
const calls = (cost?: string): Step => ({ tools: [buy], ...(cost !== undefined && { cost }) });
const done: Step = { text: 'Done.', cost: '0.001' };

test('a request that maxCost does not pay for is not sent', async () => {
  const game = await played([calls('0.0195'), done], { tools: [buying('0')], maxCost: '0.02' });
  expect(await game.agent.run('Go')).toMatchObject({
    stop: 'max_cost',
    steps: 1,
    error: { exit: 27, billed: 'no' },
    cost: { amount: '0.0195', atLeast: false },
  });
  expect(game.requests).toHaveLength(1);
  expect(await game.agent.run('More')).toMatchObject({ stop: 'max_cost', steps: 0 });
  expectInvariants(game);
});

test('the answer is as short as maxCost pays for', async () => {
  const game = await played([done], { maxCost: '0.02' });
  await game.agent.send('Go');
  expect(Number(game.requests[0]?.max_tokens)).toBeGreaterThan(1024);
});

test('an answer that our own cap cut is no answer, and runs no tool', async () => {
  const step: Step = { text: 'Half', tools: [buy], finishReason: 'length', cost: '0.001' };
  const game = await played([step, done], { tools: [buying('0.1')], maxCost: '0.02' });
  expect(await game.agent.run('Go')).toMatchObject({
    stop: 'max_cost',
    text: 'Half',
    error: { code: 'cut_by_cap' },
    cost: { amount: '0.001' },
  });
  expect(await game.agent.send('And?')).toBe('Done.');
  expectInvariants(game);
});

test('a cost that is not known counts as all that it can be', async () => {
  const game = await played([{ tools: [buy], usage: null }, done], {
    tools: [buying('0')],
    maxCost: '0.02',
  });
  expect(await game.agent.run('Go')).toMatchObject({
    stop: 'max_cost',
    steps: 1,
    cost: { atLeast: true },
  });
  expectInvariants(game);
});

test('what a tool buys counts', async () => {
  const game = await played([calls('0.001'), done], { tools: [buying('0.0185')], maxCost: '0.02' });
  const result = await game.agent.run('Go');
  expect(result).toMatchObject({ stop: 'max_cost', cost: { amount: '0.0195', atLeast: false } });
  expect(result.calls.map((call) => [call.tool, call.cost.amount])).toEqual([
    [null, '0.001'],
    ['buy', '0.0185'],
  ]);
});

test('what a tool buys for nobody knows how much ends a run under maxCost', async () => {
  const game = await played([calls('0.001'), done], { tools: [buying(null)], maxCost: '10' });
  expect(await game.agent.run('Go')).toMatchObject({
    stop: 'max_cost',
    error: { code: 'cost_unbounded' },
    cost: { amount: '0.001', atLeast: true },
  });
});

test('a new process goes on under what is left of maxCost', async () => {
  const game = await played([{ text: 'One.', cost: '0.0195' }, done], {
    maxCost: '0.02',
    session: 'trip',
  });
  await game.agent.send('Go');
  const other = new AgentCore(game.config, game.world.deps);
  expect(await other.run('Go on')).toMatchObject({ stop: 'max_cost' });
  const stranger = new AgentCore({ ...game.config, session: 'other' }, game.world.deps);
  expect(await stranger.send('Go')).toBe('Done.');
});

test('budgets of the command line hold, and the ledger has session and tags', async () => {
  const game = await played([{ text: 'One.', cost: '4.9999' }, done], {
    session: 'trip',
    tag: ['ci', 'night'],
  });
  game.world.write('config.json', JSON.stringify({ budget: { tags: { ci: { day: '5' } } } }));
  await game.agent.send('Go');
  expect(await game.agent.run('More')).toMatchObject({
    stop: 'budget',
    error: { exit: 27, code: 'budget_day' },
  });
  expect(game.world.ledger()).toEqual([
    expect.objectContaining({
      event: 'intent',
      command: 'agent',
      session: 'trip',
      tags: ['ci', 'night'],
    }),
    expect.objectContaining({ event: 'outcome', session: 'trip', exit: 0, billed: 'yes' }),
  ]);
});

test('an agent below spends from the purse of the one above', async () => {
  const inner = await played([{ text: 'Sunny.', cost: '0.0195' }]);
  const outer = await played(
    [{ tools: [{ name: 'weather', args: { task: 'Look' } }], cost: '0.0001' }, done],
    {
      tools: [inner.agent.asTool({ name: 'weather', description: 'tells the weather' })],
      maxCost: '0.02',
    },
  );
  const result = await outer.agent.run('Go');
  expect(result).toMatchObject({ stop: 'max_cost', cost: { amount: '0.0196' } });
  expect(result.messages.at(-1)).toMatchObject({ role: 'tool', content: 'Sunny.' });
  expect(inner.agent.cost()).toMatchObject({ amount: '0.0195' });
  expect(result.calls.map((call) => call.tool)).toEqual([null, 'weather']);
});

test('parallel agents below do not overshoot, and none is refused while there is enough', async () => {
  const inner = await played([
    { text: 'One.', cost: '0.002' },
    { text: 'Two.', cost: '0.002' },
    { text: 'Three.', cost: '0.002' },
  ]);
  const call = { name: 'sub', args: { task: 'Look' } };
  const outer = await played([{ tools: [call, call, call], cost: '0.0001' }, done], {
    tools: [inner.agent.asTool({ name: 'sub', description: 'looks' })],
    maxCost: '0.04',
  });
  expect(await outer.agent.run('Go')).toMatchObject({ stop: 'done', cost: { amount: '0.0071' } });
});

test('enableSearch on a model that ignores it is refused, and nothing is sent', async () => {
  const game = await played([done], { model: 'minimax-m2.7', enableSearch: true });
  await expect(game.agent.send('Go')).rejects.toMatchObject({
    exit: 2,
    code: 'search_unsupported',
  });
  expect(game.requests).toHaveLength(0);
});

test('a gateway without a default model is refused with how to name one, and nothing is sent', async () => {
  const game = await played([done], { gateway: 'ollama' });
  await expect(game.agent.send('Go')).rejects.toMatchObject({
    exit: 2,
    code: 'no_model',
    hint: 'see its models: alltoken models -g ollama, or: alltoken config set defaults.chat.model MODEL',
  });
  expect(game.requests).toHaveLength(0);
});

test.each([
  { maxSteps: 0 },
  { maxCost: '-1' },
  { temperature: 3 },
  { tag: 'a b' },
  { session: '../x' },
  { parallelTools: 1000 },
  { messages: [{ role: 'robot', content: 'x' }] as never },
])('%j is refused at once', (config) => {
  expect(() => new AgentCore(config, {} as never)).toThrow(
    expect.objectContaining({ exit: 2, billed: 'no' }),
  );
});
