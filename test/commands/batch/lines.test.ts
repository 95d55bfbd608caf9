import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decimalSum } from '../../../src/money/total-cost.ts';
import { batchOutputSchema } from '../../../src/schemas/batch.ts';
import { files } from '../../../src/system/files.ts';
import { echo, openBatch, someLines } from '../../helpers/batch.ts';
import { goodStream, sendStream } from '../../helpers/server.ts';

describe('lines in', () => {
  test('a line of the OpenAI Batch API is sent as it is, but streamed', async () => {
    const world = await openBatch();
    const body = {
      model: 'gpt-5.4',
      messages: [{ role: 'user', content: 'one' }],
      max_tokens: 5,
      stream: false,
      user: 'u1',
    };
    world.input({ custom_id: 'a', method: 'POST', url: '/v1/chat/completions', body });
    expect((await world.batch()).code).toBe(0);
    expect(world.chats()[0]?.json).toEqual({
      model: 'gpt-5.4',
      messages: [{ role: 'user', content: 'one' }],
      max_tokens: 5,
      user: 'u1',
      stream: true,
      stream_options: { include_usage: true },
    });
    const [line] = world.lines();
    expect(batchOutputSchema.parse(line)).toEqual(line);
    expect(line).toMatchObject({
      custom_id: 'a',
      error: null,
      response: {
        status_code: 200,
        request_id: 'req-1',
        body: {
          object: 'chat.completion',
          choices: [
            {
              index: 0,
              message: { role: 'assistant', content: 'one', refusal: null },
              finish_reason: 'stop',
            },
          ],
          usage: { prompt_tokens: 19, completion_tokens: 12, total_tokens: 31 },
        },
      },
      alltoken: {
        line: 1,
        cost: { amount: '0.0000188000', currency: 'USD', source: 'gateway' },
        billed: 'yes',
        attempts: 1,
      },
    });
    expect(line?.alltoken.call).toBe(world.ledger()[0]?.call);
  });

  test('messages, prompts, and a model of their own', async () => {
    const world = await openBatch();
    world.input(
      {
        messages: [
          { role: 'system', content: 's' },
          { role: 'user', content: 'm' },
        ],
        model: 'x-1',
      },
      { custom_id: 'p', prompt: 'q' },
    );
    expect((await world.batch('--in-order')).code).toBe(0);
    expect(world.results()).toEqual({ 'line-1': 'm', p: 'q' });
    expect(
      world
        .chats()
        .map(({ json }) => json?.model)
        .sort(),
    ).toEqual(['gpt-5.4-mini', 'x-1']);
  });

  test('-m is the model of all lines, and --param of all bodies', async () => {
    const world = await openBatch();
    world.input({ body: { model: 'x-1', messages: [{ role: 'user', content: 'a' }], top_k: 3 } });
    expect((await world.batch('-m', 'y-2', '--param', 'top_k=9', '--param', 'seed=1')).code).toBe(
      0,
    );
    expect(world.chats()[0]?.json).toMatchObject({ model: 'y-2', top_k: 9, seed: 1 });
  });

  test('a prompt with gaps is filled from the fields of a line, once', async () => {
    const world = await openBatch();
    world.input({ custom_id: 'a', text: 'I like {{text}}', n: 3 }, { custom_id: 'b', text: 'x' });
    expect((await world.batch('--prompt', '{{n}} Classify: {{text}}')).code).toBe(40);
    expect(world.results()).toEqual({
      a: '3 Classify: I like {{text}}',
      b: 'missing_variable',
    });
  });

  test('a line without a prompt: the fields that it has, and how to use them', async () => {
    const world = await openBatch();
    world.input({ text: 'x', lang: 'pt' });
    const plain = await world.batch();
    expect(plain.code).toBe(2);
    expect(plain.err).toContain('none of body, messages and prompt; it has text, lang');
    expect(plain.err).toContain(
      "hint: put a field of the lines into a prompt: --prompt 'Classify: {{text}}'\n",
    );
    const mistyped = await world.batch('--prompt', 'Classify: {{txt}}');
    expect(mistyped.code).toBe(2);
    expect(mistyped.err).toContain('the line has no txt; it has text, lang');
    expect(mistyped.err).toContain(": --prompt 'Classify: {{text}}'\n");
  });

  test('a gap whose field is null is not said to be absent', async () => {
    const world = await openBatch();
    world.input({ text: null });
    const alone = await world.batch('--prompt', 'C: {{text}}');
    expect([alone.code, alone.err]).toEqual([2, expect.stringContaining('line 1: text is null')]);
    expect(alone.err).not.toContain('it has');
    expect(alone.err).not.toContain('hint: put a field');
    world.input({ text: null, other: 1 }, { custom_id: 'b', text: 'x' });
    expect((await world.batch('--prompt', '{{lang}}: {{text}}')).err).toContain(
      'line 1: the line has no lang; it has text, other; text is null',
    );
    expect((await world.batch('--prompt', 'C: {{text}}')).code).toBe(40);
    expect(world.results()).toEqual({ 'line-1': 'missing_variable', b: 'C: x' });
  });

  test('--text: a line is the prompt, whatever it looks like', async () => {
    const world = await openBatch();
    world.input('{"a":1}', '', '  ', 'plain words\r');
    expect((await world.batch('--text', '--in-order')).code).toBe(0);
    expect(world.lines().map(({ alltoken }) => alltoken.line)).toEqual([1, 4]);
    expect(world.results()).toEqual({ 'line-1': '{"a":1}', 'line-4': 'plain words' });
  });

  test('--text with --prompt fills {{text}}', async () => {
    const world = await openBatch();
    world.input('one', 'two');
    expect((await world.batch('--text', '--prompt', 'Say {{text}}!')).code).toBe(0);
    expect(world.prompts().sort()).toEqual(['Say one!', 'Say two!']);
  });

  test('a line that can be no request is a failed line, and the others are sent', async () => {
    const world = await openBatch();
    world.input(
      { custom_id: 'good', prompt: 'p' },
      '{"custom_id":',
      '[1]',
      { custom_id: '', prompt: 'p' },
      { custom_id: 'e', url: '/v1/embeddings', body: {} },
      { custom_id: 'g', method: 'GET', body: {} },
      { custom_id: 'm', messages: [] },
      { custom_id: 'n', body: { n: 2, messages: [{ role: 'user', content: 'x' }] } },
      { custom_id: 'x' },
    );
    const ran = await world.batch('--json');
    expect(ran.code).toBe(40);
    expect(world.results()).toEqual({
      good: 'p',
      'line-2': 'not_json',
      'line-3': 'not_an_object',
      'line-4': 'bad_custom_id',
      e: 'unsupported_url',
      g: 'unsupported_method',
      m: 'no_messages',
      n: 'unsupported_n',
      x: 'no_prompt',
    });
    expect(JSON.parse(ran.out)).toMatchObject({
      ok: false,
      exit: 40,
      lines: 9,
      succeeded: 1,
      failed: 8,
      error: { code: 'failed_lines' },
    });
  });

  test('where no line can be sent it is 2, and nothing is written', async () => {
    const world = await openBatch();
    world.input('no', 'json');
    const ran = await world.batch();
    expect(ran.code).toBe(2);
    expect(ran.err).toContain('line 1: the line is not JSON');
    expect(() => world.lines()).toThrow('ENOENT');
  });

  test.each([
    [
      'two of the input',
      [
        { custom_id: 'a', prompt: 'x' },
        { custom_id: 'a', prompt: 'y' },
      ],
    ],
    ['the name of a line without one', [{ prompt: 'x' }, { custom_id: 'line-1', prompt: 'y' }]],
  ])('a doubled custom_id is 2 before anything is sent: %s', async (_name, lines) => {
    const world = await openBatch();
    world.input(...lines);
    const ran = await world.batch();
    expect(ran.code).toBe(2);
    expect(ran.err).toContain('lines 1 and 2 have the same custom_id');
    expect(world.chats()).toEqual([]);
  });

  test('equal prompts are different lines', async () => {
    const world = await openBatch();
    world.input({ prompt: 'same' }, { prompt: 'same' }, { prompt: 'same' });
    expect((await world.batch()).code).toBe(0);
    expect(world.prompts()).toEqual(['same', 'same', 'same']);
    expect(Object.keys(world.results()).sort()).toEqual(['line-1', 'line-2', 'line-3']);
  });

  test('- reads standard input, and leaves no copy of it', async () => {
    const world = await openBatch(echo, { stdin: '{"prompt":"a"}\n{"prompt":"b"}' });
    const ran = await world.batch('-', '--in-order');
    expect(ran.code).toBe(0);
    expect(world.results()).toEqual({ 'line-1': 'a', 'line-2': 'b' });
    expect(readdirSync(world.home).filter((name) => name.startsWith('out'))).toEqual([
      'out.jsonl',
      'out.jsonl.state',
    ]);
  });

  test('a schema is asked for, and an answer that does not match it says so', async () => {
    const world = await openBatch();
    world.write('s.json', '{"type":"object"}');
    world.input({ custom_id: 'a', prompt: 'x' });
    expect((await world.batch('--schema', 's.json')).code).toBe(0);
    expect(world.chats()[0]?.json?.response_format).toBeDefined();
    expect(world.lines()[0]?.alltoken.warnings).toEqual([
      'the answer is not JSON, but --schema requires it',
    ]);
  });

  test('the instructions for a schema begin with no empty lines where those of the template are empty', async () => {
    const world = await openBatch();
    mkdirSync(join(world.home, 'templates'));
    world.write('templates/t.json', '{"system":"","prompt":"{{word}}","schema":{}}');
    world.input({ word: 'x' });
    expect((await world.batch('-t', 't')).code).toBe(0);
    const messages = world.chats()[0]?.json?.messages;
    expect(messages).toMatchObject([{ role: 'system' }, { role: 'user', content: 'x' }]);
    expect(JSON.stringify(messages)).not.toContain(String.raw`:"\n`);
  });
});

describe('a chat request without its envelope', () => {
  test('fields beside messages are sent as they are in a body', async () => {
    const world = await openBatch();
    const tools = [{ type: 'function', function: { name: 'f', parameters: {} } }];
    const fields = { max_tokens: 50, temperature: 0, seed: 7, tools, stop: null };
    const messages = [{ role: 'user', content: 'one' }];
    world.input({ custom_id: 'a', messages, ...fields, stream: false, n: 1 });
    expect((await world.batch()).code).toBe(0);
    expect(world.chats()[0]?.json).toEqual({
      model: 'gpt-5.4-mini',
      messages,
      ...fields,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test('fields beside a prompt are, too, and system is the system message', async () => {
    const world = await openBatch();
    world.input({ prompt: 'hi', max_tokens: 50, temperature: 0, system: 'be brief' });
    const ran = await world.batch('--param', 'temperature=1', '--json');
    expect([ran.code, JSON.parse(ran.out).warnings]).toEqual([0, []]);
    expect(world.chats()[0]?.json).toMatchObject({
      messages: [
        { role: 'system', content: 'be brief' },
        { role: 'user', content: 'hi' },
      ],
      max_tokens: 50,
      temperature: 1,
    });
    expect(world.chats()[0]?.json).not.toHaveProperty('system');
  });

  test.each([
    [{ prompt: 'x', system: [{ type: 'text', text: 's' }] }, 'system is not a text'],
    [{ prompt: 'x', n: 2 }, 'n is not 1'],
    [{ messages: [{ role: 'user', content: 'x' }], n: 2 }, 'n is not 1'],
  ])('that cannot be sent is no request: %j', async (line, reason) => {
    const world = await openBatch();
    world.input(line);
    const ran = await world.batch();
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining(reason)]);
    expect(world.chats()).toEqual([]);
  });

  test.each([
    '{"prompt":"x","seed":9007199254740993}',
    '{"messages":[{"role":"user","content":"x"}],"logit_bias":{"1":9007199254740993}}',
  ])('a number that would be another one fails its line: %s', async (line) => {
    const world = await openBatch();
    world.input({ custom_id: 'good', prompt: 'p', row: 1 }, line);
    expect((await world.batch()).code).toBe(40);
    expect(world.results()).toEqual({ good: 'p', 'line-2': 'inexact_number' });
  });

  test('other fields are not sent, and a warning names them', async () => {
    const world = await openBatch();
    world.input(
      { custom_id: 'a', prompt: 'x', max_output_tokens: 5, row: 9_007_199_254_740_992 },
      { custom_id: 'b', body: { messages: [{ role: 'user', content: 'y' }] }, max_tokens: 5 },
      { custom_id: 'c', prompt: 'z' },
    );
    const ran = await world.batch('--json');
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.out).warnings).toEqual([
      'fields of 2 lines are not sent: max_output_tokens, row, max_tokens (line 1 is the first); a field of the request is sent where it is in body',
    ]);
    for (const { json } of world.chats())
      expect(Object.keys(json ?? {}).sort()).toEqual([
        'messages',
        'model',
        'stream',
        'stream_options',
      ]);
  });

  test('the model beside a body counts where the body names none', async () => {
    const world = await openBatch();
    world.input({ model: 'x-1', body: { messages: [{ role: 'user', content: 'y' }] } });
    expect((await world.batch()).code).toBe(0);
    expect(world.chats()[0]?.json?.model).toBe('x-1');
  });

  test('with --prompt the fields of a line are data, and none is sent or warned of', async () => {
    const world = await openBatch();
    world.input({ text: 'x', max_tokens: 5, system: [1], n: 2, label: 'l' });
    const ran = await world.batch('--prompt', 'C: {{text}} {{n}}', '--json');
    expect([ran.code, JSON.parse(ran.out).warnings]).toEqual([0, []]);
    expect(world.prompts()).toEqual(['C: x 2']);
    expect(world.chats()[0]?.json).not.toHaveProperty('max_tokens');
  });

  test('--dry-run shows the fields, and its price is that of the limit of the line', async () => {
    const list = {
      data: [{ id: 'gpt-5.4-mini', input_price: '1', output_price: '10', max_output_tokens: 9000 }],
    };
    const world = await openBatch(echo, {}, list);
    world.input({ prompt: 'x', max_tokens: 100 });
    const dry = JSON.parse((await world.batch('--dry-run', '--json')).out);
    expect(dry.request.body).toMatchObject({ max_tokens: 100 });
    expect(dry.price).not.toHaveProperty('short');
    expect(Number(dry.price.max)).toBeGreaterThan(0.001);
    expect(Number(dry.price.max)).toBeLessThan(0.0015);
  });

  test('an output of before stays as it is, and a field that is changed changes the line', async () => {
    const world = await openBatch();
    world.input({ custom_id: 'a', prompt: 'x', max_tokens: 5 });
    await world.batch();
    expect((await world.batch()).code).toBe(0);
    world.input({ custom_id: 'a', prompt: 'x', max_tokens: 6 });
    const ran = await world.batch();
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('input_changed')]);
    expect(world.chats()).toHaveLength(1);
  });
});

describe('the command line', () => {
  test('without -o it is 2', async () => {
    const world = await openBatch();
    expect(await world.run('batch', 'in.jsonl')).toBe(2);
    expect(world.err()).toContain('batch needs -o');
  });

  test('a file that is not there, or has no lines, is 2', async () => {
    const world = await openBatch();
    expect((await world.batch()).err).toContain('no such file');
    world.input('', ' ');
    const ran = await world.batch();
    expect(ran.code).toBe(2);
    expect(ran.err).toContain('the input has no lines');
  });

  test.each(['EIO', 'EACCES'])('an input that cannot be read is 50: %s', async (code) => {
    const world = await openBatch(echo, {
      files: {
        openToRead: (path) =>
          path.endsWith('in.jsonl')
            ? Promise.reject(Object.assign(new Error(code), { code }))
            : files.openToRead(path),
      },
    });
    world.input(...someLines(2));
    const ran = await world.batch();
    expect([ran.code, ran.err]).toEqual([50, expect.stringContaining(`code=${code}`)]);
    expect(world.chats()).toHaveLength(0);
  });

  test('an output that is not ours is never written to', async () => {
    const world = await openBatch();
    world.write('out.jsonl', 'mine\n');
    world.input(...someLines(1));
    const ran = await world.batch();
    expect([ran.code, ran.err]).toEqual([50, expect.stringContaining('output_exists')]);
    expect(world.chats()).toEqual([]);
  });

  test('--dry-run sends and writes nothing, and shows the first request', async () => {
    const world = await openBatch();
    world.input(...someLines(3));
    const ran = await world.batch('--dry-run', '--json');
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.out)).toMatchObject({
      dry_run: true,
      lines: 3,
      to_send: 3,
      finished: 0,
      request: { body: { messages: [{ role: 'user', content: 'p0' }] } },
    });
    expect(world.chats()).toEqual([]);
    expect(() => world.lines()).toThrow('ENOENT');
  });

  test('text: the path on stdout, what it cost on stderr', async () => {
    const world = await openBatch();
    world.input(...someLines(2));
    const ran = await world.batch();
    expect(ran.out).toBe(`${world.home}/out.jsonl\n`);
    expect(ran.err).toContain('2 lines, 2 to send');
    expect(ran.err).toContain(
      '[batch] lines=2 succeeded=2 failed=0 unknown=0 skipped=0 cost=$0.0000376',
    );
  });

  test('the sum of the lines is that of the ledger and of the summary', async () => {
    const costs = ['0.000001234567890123', '0.1', '1e-7'];
    const world = await openBatch((response, _request, nth) =>
      sendStream(response, goodStream('x', costs[nth % 3])),
    );
    world.input(...someLines(9));
    const ran = await world.batch('--json');
    const sumOf = (amounts: unknown[]) => decimalSum(amounts as string[]).amount;
    const ofLines = sumOf(world.lines().map(({ alltoken }) => alltoken.cost.amount));
    const ofLedger = sumOf(
      world
        .ledger()
        .filter(({ event }) => event === 'outcome')
        .map(({ cost }) => (cost as { amount: string }).amount),
    );
    expect(ofLines).toBe('0.300004003703670369');
    expect([ofLedger, JSON.parse(ran.out).cost.amount]).toEqual([ofLines, ofLines]);
  });
});

test('a pipe into which nothing is written is waited for, and stderr says so', async () => {
  const world = await openBatch(echo, { stdin: 'silent' });
  const ending = world.run('batch', '-', '-o', join(world.home, 'out.jsonl'), '--timeout', '3');
  while (!world.err().includes('waiting for input: nothing has come from the pipe yet\n'))
    await new Promise((resolve) => setImmediate(resolve));
  world.signal('SIGINT');
  expect(await ending).toBe(130);
  expect(world.chats()).toHaveLength(0);
});
