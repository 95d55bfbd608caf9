/** What ends a run, and what is left behind: through the public agent, against a played model on the real wire. */
import { describe, expect, test } from 'vitest';
import { AgentCore } from '../../src/agent/agent.ts';
import { tool } from '../../src/agent/tool.ts';
import type { AgentConfig, ChatMessage, Tool } from '../../src/agent/types.ts';
import { expectInvariants, faultsOf, played } from './played.ts';

const ran: unknown[] = [];
function noting(more: Partial<Tool> = {}): Tool {
  ran.length = 0;
  return {
    ...tool({
      name: 'note',
      description: 'notes a word',
      input: { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] },
      execute: (args) => {
        ran.push(args);
        return { noted: args.word };
      },
    }),
    ...more,
  };
}
const note = (word: unknown = 'x') => ({ name: 'note', args: { word } });
const done = { text: 'Done.', cost: '0.0001' };

function resultsIn(messages: readonly ChatMessage[]): unknown[] {
  return messages.flatMap((one) => (one.role === 'tool' ? [JSON.parse(one.content)] : []));
}

describe('the loop', () => {
  test('runs tools until there is an answer, and tells all of it', async () => {
    const game = await played(
      [{ text: 'Wait.', tools: [note('a'), note('b')], cost: '0.01' }, done],
      {
        tools: [noting()],
      },
    );
    const events: string[] = [];
    for await (const event of game.agent.stream('Go')) events.push(event.type);
    expect(events.filter((type) => !type.includes('delta'))).toEqual([
      ...['history:append', 'message:user', 'thinking:start', 'stream:start', 'stream:end'],
      ...['history:append', 'tool:call', 'tool:call'],
      ...['history:append', 'tool:result', 'history:append', 'tool:result'],
      ...['stream:start', 'stream:end', 'history:append', 'message:assistant', 'thinking:end'],
      'result',
    ]);
    expect(ran).toEqual([{ word: 'a' }, { word: 'b' }]);
    expect(game.agent.cost()).toEqual({
      amount: '0.0101',
      currency: 'USD',
      source: 'gateway',
      atLeast: false,
    });
    expectInvariants(game);
  });

  test('send resolves to the text, and what was said stays', async () => {
    const game = await played([done, { text: 'Yes.' }]);
    expect(await game.agent.send('Go')).toBe('Done.');
    expect(await game.agent.sendSync('Sure?')).toBe('Yes.');
    expect(game.requests[1]).toMatchObject({ stream: false });
    expect(game.agent.getMessages().map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'user',
      'assistant',
    ]);
    game.agent.clearHistory();
    game.agent.setInstructions('Be brief.');
    expect(game.agent.getMessages()).toEqual([{ role: 'system', content: 'Be brief.' }]);
  });

  test('the seed’s defaults are sent', async () => {
    const game = await played([done]);
    await game.agent.send('Go');
    expect(game.requests[0]).toMatchObject({
      temperature: 0.7,
      stream: true,
      messages: [
        { role: 'system', content: 'You are a helpful assistant.' },
        { role: 'user', content: 'Go' },
      ],
    });
    expect(game.requests[0]).not.toHaveProperty('tools');
  });

  test('an answer that is cut at its limit ends with length, and runs no tool', async () => {
    const game = await played([{ tools: [note()], finishReason: 'length' }, done], {
      tools: [noting()],
    });
    expect(await game.agent.run('Go')).toMatchObject({ ok: false, stop: 'length' });
    expect(ran).toEqual([]);
    expect(await game.agent.send('And?')).toBe('Done.');
    expectInvariants(game);
  });

  test('max_steps is a stop of run, and an error of send', async () => {
    const steps = Array.from({ length: 6 }, () => ({ tools: [note()] }));
    const game = await played(steps, { tools: [noting()], maxSteps: 3 });
    expect(await game.agent.run('Go')).toMatchObject({ ok: false, stop: 'max_steps', steps: 3 });
    await expect(game.agent.send('More')).rejects.toMatchObject({
      name: 'AllTokenError',
      code: 'max_steps',
      exit: 40,
      billed: 'yes',
    });
    expectInvariants(game);
  });

  test.each([
    ['custom:enough', 'enough'],
    ['custom:stop_when', true],
  ])('stopWhen ends with %s', async (stop, said) => {
    const game = await played([{ tools: [note()] }, done], {
      tools: [noting()],
      stopWhen: () => said,
    });
    expect(await game.agent.run('Go')).toMatchObject({ ok: false, stop, steps: 1 });
  });

  test('a refusal is a stop', async () => {
    const game = await played([{ error: { status: 400, code: 'content_policy_violation' } }, done]);
    expect(await game.agent.run('Go')).toMatchObject({ stop: 'refused', error: { exit: 26 } });
    await game.agent.send('Something else');
    expectInvariants(game);
  });

  test.each([
    [400, 'content_policy_violation'],
    [400, 'invalid_image'],
    [413, 'too_large'],
    [415, 'unsupported_media'],
    [422, 'bad_content'],
  ])(
    'a message that is refused with %i %s does not stay; the next one is answered',
    async (status, code) => {
      const game = await played([
        done,
        { error: { status, code } },
        { error: { status, code } },
        done,
      ]);
      await game.agent.run('First');
      const before = game.agent.getMessages();
      const removed: unknown[] = [];
      game.agent.on('history:remove', ({ content }) => removed.push(content));
      await game.agent.run('Bad').catch(() => {});
      await game.agent.sendSync('Bad too').catch(() => {});
      expect(game.agent.getMessages()).toEqual(before);
      expect(removed).toEqual(['Bad', 'Bad too']);
      expect(await game.agent.run('Good')).toMatchObject({ stop: 'done' });
      expect(JSON.stringify(game.requests.at(-1))).not.toContain('Bad');
      expectInvariants(game);
    },
  );

  test.each([
    [401, 'invalid_api_key'],
    [402, 'insufficient_balance'],
    [404, 'model_not_found'],
    [504, 'gateway_timeout'],
  ])('a message that met %i %s is not to blame: resume sends it again', async (status, code) => {
    const game = await played([{ error: { status, code } }, done]);
    await game.agent.run('Go').catch(() => {});
    expect(game.agent.getMessages().at(-1)).toEqual({ role: 'user', content: 'Go' });
    expect(await game.agent.resume()).toMatchObject({ stop: 'done' });
  });

  test('an error rejects once, and a listener of it is enough', async () => {
    const game = await played([{ error: { status: 401, code: 'invalid_api_key' } }]);
    const heard: unknown[] = [];
    game.agent.on('error', (error) => heard.push(error));
    // Nobody waits for this one: it is no unhandled rejection, which would fail the test.
    void game.agent.send('Go');
    await game.agent.abort().catch(() => {});
    await expect.poll(() => heard.length).toBe(1);
  });

  test('a second run is busy', async () => {
    const game = await played([done]);
    const first = game.agent.send('Go');
    await expect(game.agent.send('Too')).rejects.toMatchObject({ code: 'busy', exit: 2 });
    await expect(first).resolves.toBe('Done.');
  });

  test('steer goes with the next request, queue behind the answer', async () => {
    const game = await played([{ tools: [note()] }, { text: 'One.' }, { text: 'Two.' }], {
      tools: [noting()],
    });
    game.agent.queue('Then this');
    game.agent.once('tool:call', () => game.agent.steer('And that'));
    expect(await game.agent.run('Go')).toMatchObject({ text: 'Two.', steps: 3 });
    const said = (at: number) => game.requests[at]?.messages?.at(-1);
    expect(said(1)).toEqual({ role: 'user', content: 'And that' });
    expect(said(2)).toEqual({ role: 'user', content: 'Then this' });
    expectInvariants(game);
  });

  test('a fallback answers where the model fails', async () => {
    const game = await played([{ error: { status: 404, code: 'model_not_found' } }, done], {
      model: 'one',
      fallback: ['two'],
    });
    expect(await game.agent.run('Go')).toMatchObject({ stop: 'done', steps: 1 });
    expect(game.requests.map(({ model }) => model)).toEqual(['one', 'two']);
    expectInvariants(game);
  });

  test('a stream that is left early ends the run', async () => {
    const game = await played([{ tools: [note()] }, done, done], { tools: [noting()] });
    for await (const event of game.agent.stream('Go')) if (event.type === 'tool:call') break;
    expect(await game.agent.run('Again')).toMatchObject({ stop: 'done' });
    expectInvariants(game);
  });
});

describe('I2: no tool runs', () => {
  test.each([
    ['arguments are no JSON', { name: 'note', args: '{"word": ' }, 'invalid_arguments'],
    ['arguments are a list', { name: 'note', args: '[1]' }, 'invalid_arguments'],
    ['arguments do not match the schema', { name: 'note', args: { word: 1 } }, 'invalid_arguments'],
    ['arguments are missing', { name: 'note', args: {} }, 'invalid_arguments'],
  ])('of a step where %s, and the model is told', async (_name, bad, error) => {
    const game = await played([{ tools: [note(), bad] }, done], { tools: [noting()] });
    expect(await game.agent.run('Go')).toMatchObject({ stop: 'done', steps: 2 });
    expect(ran).toEqual([]);
    const results = resultsIn(game.agent.getMessages());
    expect(results).toContainEqual(expect.objectContaining({ error: 'not_run' }));
    expect(results).toContainEqual(expect.objectContaining({ error }));
    expectInvariants(game);
  });

  test('that nobody has; the others do', async () => {
    const game = await played([{ tools: [{ name: 'none' }, note()] }, done], { tools: [noting()] });
    await game.agent.run('Go');
    expect(ran).toEqual([{ word: 'x' }]);
    expect(resultsIn(game.agent.getMessages())).toContainEqual({
      error: 'unknown_tool',
      tools: ['note'],
    });
    expectInvariants(game);
  });

  test('of a step that did not end as it should', async () => {
    const game = await played([{ tools: [note()], finishReason: 'who_knows' }, done], {
      tools: [noting()],
    });
    expect(await game.agent.run('Go')).toMatchObject({ stop: 'done' });
    expect(ran).toEqual([]);
    expectInvariants(game);
  });

  test('of a stream that broke', async () => {
    const game = await played([{ tools: [note()], cut: true }, done], { tools: [noting()] });
    await expect(game.agent.run('Go')).rejects.toMatchObject({ name: 'AllTokenError' });
    expect(ran).toEqual([]);
    expect(await game.agent.resume()).toMatchObject({ stop: 'done' });
    expectInvariants(game);
  });
});

describe('a tool', () => {
  const run = async (own: Tool, config: AgentConfig = {}) => {
    const game = await played([{ tools: [note()] }, done], { tools: [own], ...config });
    const result = await game.agent.run('Go');
    expectInvariants(game);
    return { result: resultsIn(result.messages)[0] };
  };

  test('that throws tells the model', async () => {
    const execute = () => {
      throw new Error('no disk');
    };
    expect((await run(noting({ execute }))).result).toEqual({
      error: 'failed',
      message: 'no disk',
    });
  });

  test('that hangs is left behind', async () => {
    const own = noting({ execute: () => new Promise(() => {}) });
    expect((await run(own, { toolTimeoutMs: 5 })).result).toEqual({ error: 'timeout' });
  });

  test('that returns nothing has a result', async () => {
    expect((await run(noting({ execute: () => undefined }))).result).toBe(null);
  });

  test('that returns too much has it in a file', async () => {
    const long = await played([{ tools: [note()] }, done], {
      tools: [noting({ execute: () => 'long '.repeat(5000) })],
    });
    const { messages } = await long.agent.run('Go');
    const told = String(messages.find(({ role }) => role === 'tool')?.content);
    expect(told.length).toBeLessThan(9000);
    const [, file = ''] = /all of it is in (.*)\]/.exec(told) ?? [];
    const bytes = await long.world.deps.files.read(file, 1_000_000);
    expect(Buffer.from(bytes).toString()).toBe('long '.repeat(5000));
  });

  test('at most parallelTools run at a time', async () => {
    let [now, most] = [0, 0];
    const execute = async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
    };
    const game = await played([{ tools: Array.from({ length: 7 }, () => note()) }, done], {
      tools: [noting({ execute })],
      parallelTools: 3,
    });
    await game.agent.run('Go');
    expect(most).toBe(3);
  });
});

describe('approvals', () => {
  const careful = () => noting({ needsApproval: true });

  test('end the run until somebody has decided, also in another process', async () => {
    const game = await played([{ tools: [note('a'), note('b')] }, done], { tools: [careful()] });
    expect(await game.agent.run('Go')).toMatchObject({
      ok: false,
      stop: 'approval',
      error: { code: 'approval' },
    });
    expect(ran).toEqual([]);
    const kept = JSON.parse(JSON.stringify(game.agent.getMessages()));
    const other = new AgentCore({ ...game.config, messages: kept }, game.world.deps);
    const waiting = other.pending();
    expect(waiting.map(({ name, args }) => [name, args])).toEqual([
      ['note', { word: 'a' }],
      ['note', { word: 'b' }],
    ]);
    expect(await other.resume()).toMatchObject({ stop: 'approval', steps: 0 });
    other.decide(waiting[0]?.callId ?? '', true);
    other.decide(waiting[1]?.callId ?? '', { approve: false, reason: 'not now' });
    expect(await other.resume()).toMatchObject({ stop: 'done', text: 'Done.' });
    expect(ran).toEqual([{ word: 'a' }]);
    expect(resultsIn(other.getMessages())).toContainEqual({ error: 'denied', reason: 'not now' });
    expectInvariants(game);
  });

  test.each([
    ['auto', 1, { noted: 'x' }],
    ['deny', 0, { error: 'denied' }],
  ] as const)('by %s', async (approve, count, result) => {
    const game = await played([{ tools: [note()] }, done], { tools: [careful()], approve });
    expect(await game.agent.run('Go')).toMatchObject({ stop: 'done' });
    expect(ran).toHaveLength(count);
    expect(resultsIn(game.agent.getMessages())).toEqual([result]);
  });

  test('by a function, one question at a time', async () => {
    const asked: unknown[] = [];
    const game = await played([{ tools: [note('a'), note('b')] }, done], {
      tools: [careful()],
      approve: async ({ name, args }) => {
        asked.push([name, args]);
        return asked.length === 1;
      },
    });
    await game.agent.run('Go');
    expect(asked).toHaveLength(2);
    expect(ran).toEqual([{ word: 'a' }]);
  });

  test('a message instead of a decision closes the call', async () => {
    const game = await played([{ tools: [note()] }, done], { tools: [careful()] });
    await game.agent.run('Go');
    expect(await game.agent.run('Never mind')).toMatchObject({ stop: 'done' });
    expect(resultsIn(game.agent.getMessages())).toEqual([{ error: 'aborted' }]);
    expectInvariants(game);
  });

  test('of a call that does not wait are refused', async () => {
    const game = await played([]);
    expect(() => game.agent.decide('c1', true)).toThrow(
      expect.objectContaining({ code: 'not_pending' }),
    );
  });
});

describe('hooks', () => {
  const boom = () => {
    throw new Error('boom');
  };
  test.each([
    'beforeRequest',
    'afterResponse',
    'beforeTool',
    'afterTool',
    'prepareMessages',
  ] as const)('%s that throws ends the run and leaves a valid history', async (name) => {
    const game = await played([{ tools: [note()] }, done, done], { tools: [noting()] });
    const broken = new AgentCore({ ...game.config, hooks: { [name]: boom } }, game.world.deps);
    await expect(broken.run('Go')).rejects.toMatchObject({
      code: 'hook',
      message: `${name} threw: boom`,
    });
    expect(faultsOf(broken.getMessages())).toEqual([]);
    if (name === 'afterTool') expect(resultsIn(broken.getMessages())).toEqual([{ noted: 'x' }]);
    expectInvariants(game);
  });

  test('change what is sent, called and returned', async () => {
    const game = await played([{ tools: [note()] }, done], {
      tools: [noting()],
      hooks: {
        prepareMessages: (messages) => messages.filter(({ role }) => role !== 'assistant'),
        beforeTool: async () => ({ args: { word: 'other' } }),
        afterTool: ({ result }) => ({ result: [result] }),
      },
    });
    await game.agent.run('Go');
    // The result without its call would be refused.
    expect(game.requests[1]?.messages?.map(({ role }) => role)).toEqual(['system', 'user']);
    expect(ran).toEqual([{ word: 'other' }]);
    expect(resultsIn(game.agent.getMessages())).toEqual([[{ noted: 'other' }]]);
  });

  test('a listener that throws does not stop the run', async () => {
    const game = await played([done]);
    const warnings: string[] = [];
    game.agent.on('warning', (message) => warnings.push(message));
    game.agent.on('stream:start', boom);
    expect(await game.agent.send('Go')).toBe('Done.');
    expect(warnings).toEqual(['a listener of stream:start threw: boom']);
  });

  test('nor one that rejects; those after it hear of the event, with their own this', async () => {
    const game = await played([done]);
    const warnings: string[] = [];
    const heard: unknown[] = [];
    const context = { mine: true };
    game.agent.on('warning', (message) => warnings.push(message));
    game.agent.on('stream:end', boom);
    game.agent.on('stream:end', async () => boom());
    game.agent.on(
      'stream:end',
      function (this: unknown, text: string) {
        heard.push([this, text]);
      },
      context,
    );
    expect(await game.agent.send('Go')).toBe('Done.');
    expect(heard).toEqual([[context, 'Done.']]);
    expect(warnings).toEqual([
      'a listener of stream:end threw: boom',
      'a listener of stream:end threw: boom',
    ]);
  });

  test('a listener is removed by what was added, and once is once', async () => {
    const game = await played([done, done]);
    const heard: string[] = [];
    const gone = (): void => void heard.push('gone');
    game.agent.on('stream:start', gone).off('stream:start', gone);
    game.agent.once('stream:start', () => heard.push('once'));
    expect(game.agent.listenerCount('stream:start')).toBe(1);
    await game.agent.send('Go');
    await game.agent.send('Go');
    expect(heard).toEqual(['once']);
    expect(game.agent.listenerCount('stream:start')).toBe(0);
  });
});
