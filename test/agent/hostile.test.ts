/** Functions, values and messages of the user that are not as they should be: a run ends, its history is valid, and unknown is never 0. */
import { describe, expect, test } from 'vitest';
import { AgentCore } from '../../src/agent/agent.ts';
import { readMessages } from '../../src/agent/history.ts';
import { tool } from '../../src/agent/tool.ts';
import type { AgentConfig, ChatMessage, Hooks, Tool, ToolContext } from '../../src/agent/types.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { faultsOf, played } from './played.ts';

const unreadable = {
  get message(): string {
    throw new Error('message');
  },
  toString(): string {
    throw new Error('toString');
  },
};
const errorOfGetters = Object.defineProperty(new Error('x'), 'message', {
  get: () => {
    throw new Error('message');
  },
});

function tools(execute: (context: ToolContext | undefined) => unknown, more: Partial<Tool> = {}) {
  const made = tool({
    name: 'note',
    description: 'notes',
    input: { type: 'object' },
    execute: (_args, context) => execute(context),
  });
  return [{ ...made, ...more }];
}
const note = { tool: 'note', cost: '0.0001' };
const done = { text: 'Done.', cost: '0.0001' };

/** As code without types would call. */
function loosely<T>(value: unknown): T {
  return value as T;
}

describe('what is thrown', () => {
  test.each([
    ['an object that throws when it is read', unreadable],
    ['an error whose message throws', errorOfGetters],
    ['an object without a prototype', Object.create(null)],
  ])('%s is the result of its tool', async (_name, thrown) => {
    const { agent, requests } = await played([note, done], {
      tools: tools(() => {
        throw thrown;
      }),
    });
    expect(await agent.run('Go')).toMatchObject({ stop: 'done' });
    expect(requests[1]?.messages?.at(-1)).toMatchObject({
      content: '{"error":"failed","message":"something that cannot be read was thrown"}',
    });
  });

  test('and is no end of a run where a listener throws it', async () => {
    const { agent } = await played([done]);
    agent.on('stream:delta', () => {
      throw unreadable;
    });
    expect(await agent.run('Go')).toMatchObject({ stop: 'done' });
  });

  test('and is the error of a hook', async () => {
    const { agent } = await played([done], {
      hooks: {
        beforeRequest: () => {
          throw unreadable;
        },
      },
    });
    await expect(agent.run('Go')).rejects.toMatchObject({ code: 'hook' });
  });
});

const hooks = [
  ...['prepareMessages', 'beforeRequest', 'afterResponse', 'beforeTool', 'afterTool'],
] as const;

describe('a function that never comes back', () => {
  test.each(hooks)('%s ends with the run', async (hook) => {
    let begun = (): void => {};
    const isHere = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const waits = () => {
      begun();
      return new Promise<never>(() => {});
    };
    const { agent } = await played([note, done], {
      tools: tools(() => 'noted'),
      hooks: { [hook]: waits },
    });
    const running = agent.run('Go');
    await isHere;
    await agent.abort();
    expect(await running).toMatchObject({ stop: 'aborted', error: { code: 'aborted' } });
    expect(faultsOf(agent.getMessages())).toEqual([]);
  });

  test('stopWhen, needsApproval and a schema, too', async () => {
    const ways = (begun: () => void): AgentConfig[] => {
      const waits = (): Promise<never> => {
        begun();
        return new Promise<never>(() => {});
      };
      return [
        { stopWhen: waits, tools: tools(() => 1) },
        { tools: tools(() => 1, { needsApproval: waits }) },
        { tools: tools(() => 1, { parse: waits }) },
      ];
    };
    for (const index of [0, 1, 2]) {
      let begun = (): void => {};
      const isHere = new Promise<void>((resolve) => {
        begun = resolve;
      });
      const { agent } = await played([note, done], ways(() => begun())[index]);
      const running = agent.run('Go');
      await isHere;
      await agent.abort();
      expect(await running).toMatchObject({ stop: 'aborted', calls: [{ step: 1 }] });
      expect(faultsOf(agent.getMessages())).toEqual([]);
    }
  });

  test('abort() inside a hook does not wait for itself', async () => {
    const box: { agent?: AgentCore } = {};
    const { agent } = await played([done], {
      hooks: { beforeRequest: async () => box.agent?.abort() },
    });
    box.agent = agent;
    expect(await agent.run('Go')).toMatchObject({ stop: 'aborted' });
  });
});

/** Everything that can be reached is removed. */
function emptied(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const item of Object.values(value)) emptied(item);
  if (Array.isArray(value)) value.length = 0;
  else for (const key of Object.keys(value)) Reflect.deleteProperty(value, key);
}

describe('the history is only changed by the run', () => {
  test('whatever hooks and listeners do to what they get', async () => {
    const all: Hooks = {
      prepareMessages: (messages) => {
        const copy = JSON.parse(JSON.stringify(messages)) as ChatMessage[];
        emptied(messages);
        return copy;
      },
      beforeRequest: emptied,
      afterResponse: emptied,
    };
    const { agent, requests } = await played([note, done, done], {
      tools: tools(() => 'noted'),
      hooks: all,
      stopWhen: ({ messages }) => {
        emptied(messages);
        return false;
      },
    });
    agent.on('history:append', emptied);
    const parts = [{ type: 'text' as const, text: 'Go' }];
    const { messages } = await agent.run(parts);
    emptied(messages);
    emptied(parts);
    emptied(agent.getMessages());
    await agent.run('Again');
    expect(requests[2]?.messages).toMatchObject([
      { role: 'system' },
      { role: 'user', content: [{ type: 'text', text: 'Go' }] },
      { role: 'assistant', tool_calls: [{ type: 'function' }] },
      { role: 'tool', content: 'noted' },
      { role: 'assistant', content: 'Done.' },
      { role: 'user', content: 'Again' },
    ]);
  });

  test('a tool gets the arguments that were checked', async () => {
    const got: unknown[] = [];
    const { agent } = await played([{ tool: 'note', args: { a: 1 } }, done], {
      tools: [{ ...tools(() => 1)[0], execute: (args: unknown) => got.push(args) } as Tool],
      hooks: { beforeTool: ({ args }) => emptied(args) },
    });
    agent.on('tool:call', (_name, args) => emptied(args));
    await agent.run('Go');
    expect(got).toEqual([{ a: 1 }]);
  });
});

describe('what hooks give', () => {
  test.each([null, 5, 'x', {}, [null], [{ role: 'x' }]])(
    'prepareMessages that gives %j sends nothing',
    async (given) => {
      const { agent, requests } = await played([done], {
        hooks: { prepareMessages: () => loosely(given) },
      });
      await expect(agent.run('Go')).rejects.toMatchObject({ code: 'hook', billed: 'no' });
      expect(requests).toEqual([]);
    },
  );

  test.each([5, 'x', [], {}, null])('%j changes no call and no result', async (given) => {
    const { agent, requests } = await played([note, done], {
      tools: tools(() => 'noted'),
      hooks: { beforeTool: () => loosely(given), afterTool: () => loosely(given) },
    });
    await agent.run('Go');
    expect(requests[1]?.messages?.at(-1)).toMatchObject({ content: 'noted' });
  });

  test('only true approves', async () => {
    const { agent, requests } = await played([note, done], {
      tools: tools(() => 'noted', { needsApproval: true }),
      approve: () => loosely({ approve: 'no' }),
    });
    await agent.run('Go');
    expect(requests[1]?.messages?.at(-1)).toMatchObject({ content: '{"error":"denied"}' });
  });
});

test.each([
  {},
  undefined,
  null,
  { amount: 'abc' },
  { amount: '-1' },
  { amount: 'NaN' },
  { amount: {} },
])('a tool that says it spent %j spent something unknown', async (said) => {
  const { agent } = await played([note, done], {
    maxCost: '1',
    tools: tools((context) => context?.spent(loosely(said))),
  });
  expect(await agent.run('Go')).toMatchObject({ stop: 'max_cost', cost: { atLeast: true } });
});

describe('a mistake is said before anything is sent', () => {
  const bad: readonly unknown[] = [
    ...[null, 5, { tools: {} }, { tools: [null] }, { tools: [{}] }, { fallback: 'abc' }],
    ...[{ hooks: { beforeTool: 'x' } }, { tag: 5 }, { signal: {} }, { model: 5 }, { baseURL: 7 }],
    ...[{ instructions: 5 }, { stopWhen: 'x' }, { temperature: '0.5' }, { enableSearch: 'no' }],
    ...[{ messages: [{ role: 'user', content: 'x', n: 1n }] }, { fallback: [1] }],
    { tools: [{ definition: { type: 'function', function: { name: 'x' } } }] },
  ];
  test.each(bad)('config %#', (config) => {
    expect(() => new AgentCore(loosely(config), fakeDeps().deps)).toThrow(
      expect.objectContaining({ name: 'AllTokenError', kind: 'usage' }),
    );
  });

  const cycle: Record<string, unknown> = { type: 'object' };
  cycle.properties = cycle;
  test.each([
    { name: undefined },
    { execute: undefined },
    { timeoutMs: Number.NaN },
    { timeoutMs: 1e12 },
    { timeoutMs: 0 },
    { input: cycle },
    { input: { minProperties: 0n } },
  ])('tool %#', (more) => {
    const make = () =>
      new AgentCore(
        {
          tools: [
            tool(
              loosely<Parameters<typeof tool>[0]>({
                ...{ name: 'x', description: 'x', input: {}, execute: () => 1 },
                ...more,
              }),
            ),
          ],
        },
        fakeDeps().deps,
      );
    expect(make).toThrow(expect.objectContaining({ name: 'AllTokenError', kind: 'usage' }));
  });

  const noInput = [undefined, 5, {}, [], [null], [{}], [{ type: 5 }], [{ type: 'text', text: 1n }]];

  test.each(noInput)('input %#', async (input) => {
    const { agent, requests } = await played([done]);
    await expect(agent.run(loosely(input))).rejects.toMatchObject({ code: 'bad_input' });
    expect(() => agent.steer(loosely(input))).toThrow(
      expect.objectContaining({ code: 'bad_input' }),
    );
    expect(() => agent.decide(loosely(input), true)).toThrow(
      expect.objectContaining({ code: 'not_pending' }),
    );
    expect(requests).toEqual([]);
  });
});

test('messages from elsewhere are valid for every server', () => {
  const call = (id: string, text: string) => ({
    id,
    type: 'function' as const,
    function: { name: 'note', arguments: text },
  });
  const read = readMessages([
    { role: 'user', content: 'Go' },
    { role: 'assistant', content: null, tool_calls: [call('a', '{"a":'), call('b', '[1]')] },
    { role: 'tool', tool_call_id: 'a', content: '1' },
    { role: 'tool', tool_call_id: 'b', content: '2' },
    loosely({ role: 'assistant', content: 'x', tool_calls: null }),
  ]);
  expect(faultsOf(read)).toEqual([]);
  expect(read[4]).toEqual({ role: 'assistant', content: 'x' });
});

test('agents that call each other for ever are bounded', async () => {
  const steps = Array.from({ length: 40 }, () => ({ tool: 'self', args: { task: 'again' } }));
  const { agent, requests } = await played(steps, { maxSteps: 1 });
  agent.addTool(agent.asTool({ name: 'self', description: 'itself' }));
  expect(await agent.run('Go')).toMatchObject({ stop: 'max_steps' });
  expect(requests).toHaveLength(9);
});
