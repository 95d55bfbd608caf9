/** `chat` with tools: what is sent, what runs, what is counted and what is kept. The model is played. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import {
  type AskOptions,
  ask,
  chat,
  events,
  inTurn,
  type Reply,
  turnsOf,
  worldAt,
} from '../../helpers/ask.ts';
import { sendStream, startServer } from '../../helpers/server.ts';

interface Call {
  id?: string;
  name: string;
  args: string;
}

const usage = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 };

function chunk(delta: object, reason: string | null = null): string {
  return `data: ${JSON.stringify({ id: 'c', model: 'm-1', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
}

function ending(reason: string, cost: string | null): string {
  const counts = `data: ${JSON.stringify({ id: 'c', choices: [], usage })}\n\n`;
  const comment = cost === null ? '' : `: ${JSON.stringify({ cost })}\n\n`;
  return `${chunk({}, reason)}${counts}data: [DONE]\n\n${comment}`;
}

/** An answer that calls tools. */
function calls(
  list: readonly Call[],
  {
    text = '',
    cost = '0.0001',
    reason = 'tool_calls',
  }: { text?: string; cost?: string | null; reason?: string } = {},
): Reply {
  const pieces = list.map(({ id, name, args }, index) =>
    chunk({
      tool_calls: [
        {
          index,
          ...(id !== undefined && { id }),
          type: 'function',
          function: { name, arguments: args },
        },
      ],
    }),
  );
  const words = text === '' ? '' : chunk({ content: text });
  return (response) => sendStream(response, words + pieces.join('') + ending(reason, cost));
}

function says(text: string, cost: string | null = '0.0002'): Reply {
  return (response) => sendStream(response, chunk({ content: text }) + ending('stop', cost));
}

const sum = (expression: string, id = 'a'): Call => ({
  id,
  name: 'calculate',
  args: JSON.stringify({ expression }),
});
const piped: AskOptions = { stdin: '' };
const calculating = ['--tool', 'calculate', '--no-stdin', 'How much?'];

describe('chat with tools', () => {
  test('runs what the model calls, sends the results, and counts all steps', async () => {
    const reply = inTurn(
      calls([sum('6*7', 'a'), sum('1/0', 'b')], { text: 'Let me see.' }),
      says('It is 42.'),
    );
    const { code, world, server } = await ask(reply, ['--json', ...calculating], piped);
    expect(code).toBe(0);
    const [first, second] = server.requests;
    expect(first?.json?.tools).toMatchObject([
      { type: 'function', function: { name: 'calculate' } },
    ]);
    expect(((second?.json?.messages ?? []) as unknown[]).slice(1)).toMatchObject([
      { role: 'assistant', content: 'Let me see.', tool_calls: [{ id: 'a' }, { id: 'b' }] },
      { role: 'tool', tool_call_id: 'a', content: expect.stringContaining('42') },
      { role: 'tool', tool_call_id: 'b', content: expect.stringContaining('error') },
    ]);
    expect(world.json()).toMatchObject({
      ok: true,
      text: 'It is 42.',
      steps: 2,
      attempts: 2,
      tool_calls: [{ id: 'a' }, { id: 'b' }],
      tool_results: [
        { id: 'a', name: 'calculate', ok: true, cost: null },
        { id: 'b', name: 'calculate', ok: false },
      ],
      usage: { prompt_tokens: 20, completion_tokens: 4, total_tokens: 24 },
      cost: { amount: '0.0003', currency: 'USD', source: 'gateway' },
    });
    expect(world.ledger().filter(({ event }) => event === 'outcome')).toHaveLength(2);
  });

  test('shows the calls and the results on stderr, and one line of usage for all', async () => {
    const reply = inTurn(calls([sum('6*7')], { text: 'Let me see.' }), says('It is 42.'));
    const { world } = await ask(reply, calculating, piped);
    expect(world.out()).toBe('Let me see.\nIt is 42.\n');
    expect(world.err()).toContain('[tool_call] calculate({"expression":"6*7"})\n');
    expect(world.err()).toMatch(/\[tool_result\] calculate: .*42/);
    expect(world.err()).toContain(
      '[usage] prompt=20 completion=4 total=24 model=m-1 cost=$0.0003 (gateway) steps=2\n',
    );
  });

  test('--jsonl has a step, and each result as it is there', async () => {
    const { world } = await ask(
      inTurn(calls([sum('6*7')]), says('42')),
      ['--jsonl', ...calculating],
      piped,
    );
    const types = events(world).map(({ type }) => type);
    expect(types.filter((type) => type === 'step' || type === 'tool_result')).toEqual([
      'step',
      'tool_result',
    ]);
    expect(types.at(-1)).toBe('result');
  });

  test('--dry-run shows the tools in the body, and runs nothing', async () => {
    const { world, server } = await ask(says('no'), ['--dry-run', '--json', ...calculating], piped);
    expect(server.requests.filter(({ method }) => method === 'POST')).toEqual([]);
    expect(world.json()).toMatchObject({
      request: { body: { tools: [{ function: { name: 'calculate' } }] } },
    });
  });

  test('an unknown cost of one step is said, and the rest is at least', async () => {
    const { world } = await ask(
      inTurn(calls([sum('1+1')], { cost: null }), says('2')),
      ['--json', ...calculating],
      piped,
    );
    expect(world.json()).toMatchObject({
      cost: { amount: null, source: 'unknown' },
      cost_at_least: '0.0002',
    });
  });

  test('--max-steps ends with 40, after which -c goes on with a valid request', async () => {
    const server = await startServer(
      inTurn(calls([sum('1+1')]), calls([sum('2+2', 'b')]), says('4')),
    );
    const world = worldAt(server, piped);
    const code = await chat(world, '--json', '--max-steps', '2', ...calculating);
    expect(code).toBe(40);
    expect(world.json()).toMatchObject({
      error: {
        code: 'max_steps',
        billed: 'yes',
        next: [{ do: 'continue-chat' }, { do: 'set-flag', flag: '--max-steps', value: '4' }],
      },
      steps: 2,
    });
    expect(await chat(world, '-c', '--no-stdin', 'Go on')).toBe(0);
    const sent = server.requests.at(-1)?.json?.messages as {
      role: string;
      tool_call_id?: string;
    }[];
    expect(sent.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
      'assistant',
      'tool',
      'user',
    ]);
    expect(sent.filter(({ role }) => role === 'tool').map((one) => one.tool_call_id)).toEqual([
      'a',
      'b',
    ]);
  });

  test.each([
    ['cut at the token limit', 'length', 0],
    ['ended in a way that nobody knows', 'odd_reason', 0],
    ['broken off by the server', 'network_error', 40],
  ])('no tool of a step runs that was %s', async (_what, reason, exit) => {
    const { code, world, server } = await ask(
      calls([sum('1+1')], { text: 'Hm', reason }),
      ['--json', ...calculating],
      piped,
    );
    expect(code).toBe(exit);
    expect(server.requests).toHaveLength(1);
    expect(world.json()).toMatchObject({ tool_results: [] });
  });

  test('what is not one whole object, or not there, is told to the model', async () => {
    const reply = inTurn(
      calls([
        { id: 'a', name: 'calculate', args: '{"expression": 5}' },
        { id: 'b', name: 'rm', args: '{}' },
      ]),
      says('Sorry'),
    );
    const { server } = await ask(reply, calculating, piped);
    const contents = ((server.requests[1]?.json?.messages ?? []) as { content: string }[])
      .slice(2)
      .map(({ content }) => JSON.parse(content) as { error: string });
    expect(contents.map(({ error }) => error)).toEqual(['invalid_arguments', 'unknown_tool']);
  });

  test.each(['{"expression": "1+', '{"expression": "1"} {}', '[', 'yes'])(
    'arguments that are no JSON (%s) are told to the model, and nothing of the step runs',
    async (args) => {
      const broken = calls([{ id: 'a', name: 'calculate', args }, sum('2+2', 'b')]);
      const reply = inTurn(broken, says('Sorry'));
      const { code, server, world } = await ask(reply, [...calculating, '--json'], piped);
      expect(code, world.err()).toBe(0);
      expect(world.json()).toMatchObject({ text: 'Sorry', cost: { amount: '0.0003' } });
      const messages = (server.requests[1]?.json?.messages ?? []) as {
        content: string;
        tool_calls?: { function: { arguments: string } }[];
      }[];
      // Servers refuse a history with arguments that are no object.
      expect(messages[1]?.tool_calls?.map((call) => call.function.arguments)).toEqual([
        '{}',
        JSON.stringify({ expression: '2+2' }),
      ]);
      expect(messages.slice(2).map(({ content }) => JSON.parse(content).error)).toEqual([
        'invalid_arguments',
        'not_run',
      ]);
    },
  );

  test('calls without ids, or with the same one, get ids of their own', async () => {
    const reply = inTurn(
      calls([sum('1+1', 'x'), { ...sum('2+2', 'x'), name: 'calculate' }]),
      says('Yes'),
    );
    const { server } = await ask(reply, calculating, piped);
    const [, assistant, ...results] = (server.requests[1]?.json?.messages ?? []) as {
      tool_calls?: { id: string }[];
      tool_call_id?: string;
    }[];
    const ids = assistant?.tool_calls?.map(({ id }) => id) ?? [];
    expect(new Set(ids).size).toBe(2);
    expect(results.map((one) => one.tool_call_id).sort()).toEqual([...ids].sort());
  });

  test('a step that fails after others were bought is no command to run again', async () => {
    const refused: Reply = (response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { code: 'bad_messages', message: 'no' } }));
    };
    const { code, world } = await ask(
      inTurn(calls([sum('1+1')]), refused),
      ['--json', ...calculating],
      piped,
    );
    expect(code).toBe(40);
    expect(world.json()).toMatchObject({
      error: { code: 'bad_messages', billed: 'yes' },
      cost: { amount: '0.0001' },
    });
  });

  test('the conversation keeps the steps, and what they cost together', async () => {
    const { world } = await ask(
      inTurn(calls([sum('6*7')]), says('42')),
      ['--session', 'work', ...calculating],
      piped,
    );
    const [turn] = turnsOf(world, 'work');
    expect(turn).toMatchObject({
      cost: { amount: '0.0003' },
      messages: [
        { role: 'user' },
        { role: 'assistant', tool_calls: [{ id: 'a' }] },
        { role: 'tool', tool_call_id: 'a' },
        { role: 'assistant', content: '42' },
      ],
    });
    expect(await world.run('sessions', 'export', 'work', '--json')).toBe(0);
    expect(world.out()).toContain('"tool_call_id"');
  });
});

describe('who allows a tool', () => {
  const query: Call = { id: 'a', name: 'web_search', args: '{"query":"news"}' };
  const searching = ['--tool', 'web_search', '--no-stdin', 'News?'];

  test('without a terminal and without a limit, one that buys is not offered', async () => {
    const { code, world, server } = await ask(says('None'), searching, piped);
    expect(code).toBe(0);
    expect(server.requests[0]?.json).not.toHaveProperty('tools');
    expect(world.err()).toContain('warning: web_search is not offered to the model');
  });

  test('under a limit it runs, and what it buys is in the cost', async () => {
    const turns = inTurn(calls([query]), says('Found [1]', '0.0005'), says('There is news.'));
    let count = 0;
    const reply: Reply = (response, request) => {
      // The price list, which a budget looks into.
      if (request.method === 'GET') response.writeHead(404).end();
      else turns(response, request, ++count);
    };
    const config = { budget: { day: '5' } };
    const { code, world, server } = await ask(reply, ['--json', ...searching], {
      ...piped,
      home: { 'config.json': config },
    });
    expect(code).toBe(0);
    const bodies = server.requests.map(({ json }) => json?.enable_search);
    expect(bodies.filter((search) => search !== undefined)).toEqual([true]);
    expect(world.json()).toMatchObject({
      tool_results: [{ name: 'web_search', ok: true, cost: { amount: '0.0005' } }],
      cost: { amount: '0.0008' },
      steps: 2,
    });
  });

  test('deny leaves it out without a word, auto lets it run', async () => {
    const denied = await ask(says('None'), ['--tools-approve', 'deny', ...searching], piped);
    expect(denied.server.requests[0]?.json).not.toHaveProperty('tools');
    expect(denied.world.err()).not.toContain('warning');
    const reply = inTurn(calls([query]), says('Found', '0.0005'), says('News.'));
    expect(
      (await ask(reply, ['--tools-approve', 'auto', ...searching], piped)).server.requests,
    ).toHaveLength(3);
  });

  test.each<[string[], string]>([
    [['--tools-approve', 'ask', '--tool', 'web_search', 'Hi'], 'not_a_terminal'],
    [['--max-steps', '3', 'Hi'], 'bad_flag'],
    [['--tools-approve', 'auto', 'Hi'], 'bad_flag'],
    [['--mcp', 'files', '--tools-approve', 'auto', 'Hi'], 'unknown_mcp_server'],
    [['--tool', 'calculate', '--param', 'tools=[]', 'Hi'], 'param_twice'],
    [['--tool', 'rm', 'Hi'], 'invalid_argument'],
  ])('%j is a mistake, and nothing is sent', async (argv, code) => {
    const { code: exit, world, server } = await ask(says('no'), ['--json', ...argv], piped);
    expect(exit).toBe(2);
    expect(world.json()).toMatchObject({ error: { code } });
    expect(server.requests).toHaveLength(0);
  });

  test('a model that ignores the search flag: the tool is named', async () => {
    const { world } = await ask(
      says('no'),
      ['--json', '--search', '-m', 'claude-opus-4-7', 'Hi'],
      piped,
    );
    expect((world.json().error as { next: unknown[] }).next).toContainEqual(
      expect.objectContaining({ do: 'set-flag', flag: '--tool', value: 'web_search' }),
    );
  });
});

describe('the tools of an MCP server', () => {
  const script = fileURLToPath(new URL('../../helpers/mcp-server.mjs', import.meta.url));
  const server = (more: object = {}) => ({
    mcp: { servers: { odd: { command: process.execPath, args: [script, 'good'], ...more } } },
  });
  const echo: Call = { id: 'a', name: 'odd_echo', args: '{"text":"Hi"}' };

  test('run under --tools-approve auto, and are not started where nobody can be asked', async () => {
    const reply = inTurn(calls([echo]), says('It said Hi'));
    const home = { 'config.json': server({ allow: ['echo'] }) };
    const argv = ['--json', '--mcp', 'odd', '--no-stdin', 'Say Hi'];
    const auto = await ask(reply, ['--tools-approve', 'auto', ...argv], { ...piped, home });
    expect(auto.server.requests[0]?.json?.tools).toHaveLength(1);
    expect(auto.world.json()).toMatchObject({
      tool_results: [{ name: 'odd_echo', content: 'Hi', ok: true }],
    });
    const alone = await ask(says('no'), argv, { ...piped, home });
    expect(alone.server.requests[0]?.json).not.toHaveProperty('tools');
    expect(alone.world.err()).toContain('the tools of odd are not offered');
  });

  test('a server that cannot be started fails before anything is bought', async () => {
    const home = { 'config.json': { mcp: { servers: { odd: { command: '/no/such/program' } } } } };
    const { code, server: gateway } = await ask(
      says('no'),
      ['--mcp', 'odd', '--tools-approve', 'auto', '--no-stdin', 'Hi'],
      { ...piped, home },
    );
    expect(code).toBe(50);
    expect(gateway.requests).toHaveLength(0);
  });

  test.each<[string, object, number]>([
    ['the key of a gateway', { env: { A: `\${ALLTOKEN_API_KEY}` } }, 20],
    ['a variable that is not set', { env: { A: `\${NOT_SET_ANYWHERE}` } }, 2],
    ['both a program and an address', { url: 'https://example.com' }, 20],
  ])('its config may not have %s', async (_what, more, exit) => {
    const home = { 'config.json': server(more) };
    const { code, server: gateway } = await ask(
      says('no'),
      ['--mcp', 'odd', '--tools-approve', 'auto', '--no-stdin', 'Hi'],
      { ...piped, home },
    );
    expect(code).toBe(exit);
    expect(gateway.requests).toHaveLength(0);
  });

  test('an "always" is for the definition it was given for, and for thirty days', async () => {
    const gateway = await startServer((response, request) => {
      const roles = ((request.json?.messages ?? []) as { role: string }[]).map(({ role }) => role);
      const reply = roles.at(-1) === 'tool' ? says('Done') : calls([echo]);
      return reply(response, request, 1);
    });
    const config = server({ allow: ['echo'] });
    const reads = async (typed: string, home: string | null, now?: number) => {
      const world = worldAt(gateway, {
        stderrIsTerminal: true,
        home: { 'config.json': config },
        ...(now !== undefined && { now: () => now }),
      });
      if (home !== null) writeFileSync(join(world.home, 'tool-approvals.json'), home);
      const { stdin } = world.deps;
      const deps = {
        ...world.deps,
        stdin: {
          ...stdin,
          async *chunks() {
            // What is typed before the question is no reply to it.
            yield Buffer.from('a\n');
            await expect.poll(() => world.err(), { interval: 5 }).toContain('[y/N/a] ');
            yield Buffer.from(typed);
          },
        },
      };
      await run(['chat', '--mcp', 'odd', 'Say Hi'], deps);
      return world;
    };
    const first = await reads('a\n', null);
    expect(first.err()).toContain('run odd_echo {"text":"Hi"} (MCP server odd)? [y/N/a] ');
    expect(first.err()).toContain('[tool_result] odd_echo: Hi');
    const kept = readFileSync(join(first.home, 'tool-approvals.json'), 'utf8');
    expect((await reads('', kept)).err()).not.toContain('[y/N/a]');
    expect((await reads('n\n', kept, Date.parse('2027-03-01'))).err()).toContain('[y/N/a]');
    const other = await reads('n\n', kept.replace(/"hash": "[0-9a-f]{8}/, '"hash": "00000000'));
    expect(other.err()).toContain('its definition has changed since you allowed it');
    expect(other.err()).toContain('"error":"denied"');
  });
});
