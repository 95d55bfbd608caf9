import { describe, expect, test } from 'vitest';
import { answerWell, ask, events, type Reply, stream } from '../../helpers/ask.ts';
import { chunk } from '../../helpers/server.ts';

describe('chat --json', () => {
  test('prints one document with all that is known of the answer', async () => {
    const { code, world } = await ask(answerWell, ['--json', 'Hi']);
    expect(code).toBe(0);
    expect(world.out().match(/\n/g)).toHaveLength(1);
    expect(world.json()).toEqual({
      schema: 'alltoken.chat.v1',
      ok: true,
      exit: 0,
      command: 'chat',
      gateway: 'alltoken',
      model: 'gpt-5.4-mini',
      requested_model: 'gpt-5.4-mini',
      auto_choice: null,
      id: 'chatcmpl-1',
      request_id: 'req-1',
      text: 'Hello wörld',
      reasoning: null,
      tool_calls: [],
      citations: [],
      files: [],
      urls: [],
      finish_reason: 'stop',
      usage: { prompt_tokens: 19, completion_tokens: 12, total_tokens: 31 },
      cost: { amount: '0.0000188000', currency: 'USD', source: 'gateway' },
      cap: null,
      rate_limit: null,
      service_tier: null,
      timing: { first_token_ms: expect.any(Number), total_ms: expect.any(Number) },
      attempts: 1,
      session: null,
      warnings: [],
      content_trust: 'untrusted',
      searched: null,
    });
  });

  test('keeps the usage line on stderr', async () => {
    const { world } = await ask(answerWell, ['--json', 'Hi']);
    expect(world.err()).toMatch(/^\[usage\] .*\n$/);
  });

  test('keeps usage fields that nobody knows here', async () => {
    const usage = {
      prompt_tokens: 1,
      completion_tokens_details: { reasoning_tokens: 7 },
      new: null,
    };
    const body = `${chunk({ content: 'x' }, 'stop')}data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`;
    const { world } = await ask(stream(body), ['--json', 'Hi']);
    expect(world.json().usage).toEqual(usage);
  });

  test('takes usage from the chunk with the finish reason too, and from no null', async () => {
    const usage = { prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 };
    const last = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage };
    const after = 'data: {"choices":[],"usage":null}\n\ndata: [DONE]\n\n';
    const body = `${chunk({ content: 'x' })}data: ${JSON.stringify(last)}\n\n${after}`;
    const { world } = await ask(stream(body), ['--json', 'Hi']);
    expect(world.json().usage).toEqual(usage);
  });

  test('keeps the text exact, and shows no control character to a terminal', async () => {
    const text = 'a\u001b[31m\u009b\u202e\u0007b';
    const { world } = await ask(stream(chunk({ content: text }, 'stop')), ['--json', 'Hi'], {
      stdoutIsTerminal: true,
    });
    expect(world.json().text).toBe(text);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
    expect(world.out()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  test('names the model that answered and the one that was asked', async () => {
    const reply = stream(
      chunk({ content: 'x' }, 'stop').replace('gpt-5.4-mini', 'gpt-5.4-nano-2026-03-17'),
    );
    const { world } = await ask(reply, ['--json', '-m', 'gpt-5.4-nano', 'Hi']);
    expect(world.json()).toMatchObject({
      model: 'gpt-5.4-nano-2026-03-17',
      requested_model: 'gpt-5.4-nano',
    });
    expect(world.err()).toContain('model=gpt-5.4-nano-2026-03-17');
  });

  test('works with -q: the document, and not a word beside it', async () => {
    const { code, world } = await ask(answerWell, ['--json', '-q', 'Hi']);
    expect(code).toBe(0);
    expect(world.json().text).toBe('Hello wörld');
    expect(world.err()).toBe('');
  });
});

describe('chat --jsonl', () => {
  test('prints what happens in the order it happens', async () => {
    const { world } = await ask(answerWell, ['--jsonl', 'Hi']);
    const types = events(world).map(({ type }) => type);
    expect(types.filter((type, index) => type !== types[index - 1])).toEqual([
      'start',
      'delta',
      'usage',
      'cost',
      'result',
    ]);
  });

  test('begins with the model that is asked', async () => {
    const { world } = await ask(answerWell, ['--jsonl', 'Hi']);
    expect(events(world)[0]).toEqual({
      type: 'start',
      command: 'chat',
      gateway: 'alltoken',
      model: 'gpt-5.4-mini',
    });
  });

  test('ends with the document of --json', async () => {
    const { world } = await ask(answerWell, ['--jsonl', 'Hi']);
    const last = events(world).at(-1);
    expect(last).toMatchObject({ type: 'result', ok: true, text: 'Hello wörld', exit: 0 });
    const deltas = events(world).filter(({ type }) => type === 'delta');
    expect(deltas.map(({ text }) => text).join('')).toBe('Hello wörld');
  });

  test('mixes no debug lines into the events', async () => {
    const { world } = await ask(answerWell, ['--jsonl', '--debug', 'Hi']);
    expect(events(world).map(({ type }) => type)).not.toContain('trace');
    expect(world.err()).toContain('[debug] ');
  });

  test('tells an answer that breaks off as it was, then why', async () => {
    const { world } = await ask(stream(chunk({ content: 'Once' })), ['--jsonl', 'Hi']);
    expect(events(world).map(({ type }) => type)).toEqual(['start', 'delta', 'error']);
    expect(events(world).at(-1)).toMatchObject({ text: 'Once', error: { exit: 40 } });
  });
});

describe('reasoning', () => {
  const reply = (field: string): Reply =>
    stream(
      chunk({ role: 'assistant', [field]: 'Let me ' }),
      chunk({ [field]: 'think.' }),
      chunk({ content: 'Yes' }),
      chunk({}, 'stop'),
    );

  test.each(['reasoning_content', 'reasoning'])('in %s is no part of the text', async (field) => {
    const { world } = await ask(reply(field));
    expect(world.out()).toBe('Yes\n');
    expect(world.err()).not.toContain('think');
    const json = await ask(reply(field), ['--json', 'Hi']);
    expect(json.world.json()).toMatchObject({ text: 'Yes', reasoning: 'Let me think.' });
  });

  test('has events of its own', async () => {
    const lines = await ask(reply('reasoning_content'), ['--jsonl', 'Hi']);
    const pieces = events(lines.world).filter(({ type }) => type === 'reasoning');
    expect(pieces.map(({ text }) => text).join('')).toBe('Let me think.');
  });

  test('is shown on stderr when that is a terminal, apart from what follows', async () => {
    const { world } = await ask(reply('reasoning_content'), ['Hi'], {
      stderrIsTerminal: true,
      env: { NO_COLOR: '1' },
    });
    expect(world.err()).toMatch(/^Let me think\.\n\n\[usage\] /);
    const quiet = await ask(reply('reasoning_content'), ['-q', 'Hi'], { stderrIsTerminal: true });
    expect(quiet.world.err()).toBe('');
  });

  test('alone is an answer that is empty', async () => {
    const { code, world } = await ask(
      stream(chunk({ reasoning_content: 'Hm' }), chunk({}, 'stop')),
      ['--json', 'Hi'],
    );
    expect(code).toBe(0);
    expect(world.json()).toMatchObject({ text: '', reasoning: 'Hm' });
    expect(world.json().warnings).toEqual(['the answer is empty']);
  });
});
