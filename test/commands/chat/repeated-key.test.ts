/** A gateway that writes the key into what it sends: it is in nothing that is shown or written. `ask` looks for it everywhere. */
import { describe, expect, test } from 'vitest';
import { ask, chat, expectNoKey, secretKey, stream, whole, worldAt } from '../../helpers/ask.ts';
import { key as batchKey, openBatch } from '../../helpers/batch.ts';
import { unstyled } from '../../helpers/markdown.ts';
import { chunk, sendStream, startServer } from '../../helpers/server.ts';

const ends = `${chunk({}, 'stop')}data: [DONE]\n\n`;
const forms = [[], ['--json'], ['--jsonl'], ['--no-stream'], ['--markdown'], ['-v'], ['-q']];

describe('the key in an answer', () => {
  test.each(forms.map((form) => [form]))('%j: is not shown', async (form) => {
    for (const size of [1, 3, 4, 5, 100]) {
      const text = `Your key is ${secretKey}, isn't it?`;
      const pieces: string[] = [];
      for (let at = 0; at < text.length; at += size) pieces.push(text.slice(at, at + size));
      const body = pieces.map((content) => chunk({ content })).join('') + ends;
      const { code, world } = await ask(stream(body), ['Hi', ...form]);
      expect(code, world.err()).toBe(0);
      expect(world.out()).toContain("***, isn't it?");
      expect(world.out()).not.toContain(secretKey.slice(4));
    }
  });

  test('in reasoning, a tool call, the model, the id and the usage is not shown', async () => {
    const call = {
      index: 0,
      id: secretKey,
      function: { name: 'f', arguments: `{"a":"${secretKey}"}` },
    };
    const odd = { model: secretKey, id: secretKey, usage: { prompt_tokens: 1, [secretKey]: 2 } };
    const body =
      chunk({ reasoning_content: secretKey, content: 'x', tool_calls: [call] }) +
      `data: ${JSON.stringify({ ...odd, choices: [{ delta: {}, finish_reason: secretKey }] })}\n\n` +
      ends;
    for (const form of forms) {
      const { world } = await ask(stream(body), ['Hi', ...form]);
      expect(world.out()).toContain('x');
    }
  });

  test('in the headers of limits is not shown', async () => {
    const server = await startServer((response) => {
      response.setHeader('x-ratelimit-limit', secretKey);
      response.setHeader('x-ratelimit-remaining', `${'x'.repeat(90)}${secretKey}`);
      sendStream(response, chunk({ content: 'Hi' }) + ends);
    });
    const world = worldAt(server);
    expect(await chat(world, '--json', 'Hi')).toBe(0);
    expect(world.json().rate_limit).toEqual({ limit: '***', remaining: null, reset: null });
  });

  test.each(['\u200b', '\u001b[1m', '\u00ad'])(
    'with %j in it is in no ledger either',
    async (unseen) => {
      const odd = secretKey.slice(0, 8) + unseen + secretKey.slice(8);
      const choices = [{ delta: { content: odd }, finish_reason: 'stop' }];
      const body = `data: ${JSON.stringify({ model: odd, choices })}\n\ndata: [DONE]\n\n`;
      const { world } = await ask(stream(body), ['Hi', '--json']);
      expect(world.json()).toMatchObject({ model: '***', text: '***' });
      expect(world.ledger().at(-1)).toMatchObject({ model: '***' });
      expect(await world.run('cost', '--calls')).toBe(0);
      expect(world.out()).not.toContain(secretKey.slice(8));
      expect(await world.run('sessions', 'show', 'last', '--json')).toBe(0);
      expect(world.out()).not.toContain(secretKey.slice(8));
    },
  );

  test('the first word is shown before the second has come', async () => {
    let first = '';
    const server = await startServer(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'Yes' }));
      while (world.out() === '') await new Promise((resolve) => setImmediate(resolve));
      first = world.out();
      response.end(ends);
    });
    const world = worldAt(server);
    expect(await chat(world, 'Hi')).toBe(0);
    expect(first).toBe('Yes');
  });

  test('is not in the output of a batch', async () => {
    const world = await openBatch((response) =>
      sendStream(response, chunk({ content: `a ${batchKey} b` }) + ends),
    );
    world.input(JSON.stringify({ prompt: 'one' }));
    expect((await world.batch()).code).toBe(0);
    expect(JSON.stringify(world.lines())).not.toContain(batchKey);
    expect(JSON.stringify(world.lines())).toContain('a *** b');
  });
});

describe('the key in the message of an error', () => {
  const begin = secretKey.slice(0, 13);
  const end = secretKey.slice(13);
  const between = [
    '\u001b[1m',
    '\u0007',
    '\u001b]0;x\u0007',
    '\u009f',
    '\r',
    '\u2028',
    '\ufeff',
    '\u{e0100}',
  ];
  const refused = (message: string) =>
    whole(400, 'application/json', JSON.stringify({ error: { message } }));
  const shown = (world: { out(): string; err(): string }) => world.out() + world.err();

  test.each(between)('with %j between its halves is not shown', async (mark) => {
    const message = `bad ${begin}${mark}${end} here`;
    for (const form of [[], ['--json'], ['--jsonl'], ['-v'], ['--debug']])
      for (const reply of [
        refused(message),
        whole(400, 'text/plain', message),
        whole(400, 'application/json', JSON.stringify({ detail: [{ msg: message }] })),
        stream(`data: ${JSON.stringify({ error: { message } })}\n\n`),
      ]) {
        const { world } = await ask(reply, ['Hi', ...form]);
        expect(shown(world)).toContain('bad *** here');
        expect(shown(world)).not.toContain(end);
      }
  });

  test('of which its shortening has left the first half is not shown', async () => {
    for (let before = 470; before < 500; before += 1) {
      const message = `${'x'.repeat(before - 1)} ${odd}`;
      const world = worldAt(await startServer(refused(message)), {
        env: { ALLTOKEN_API_KEY: odd },
      });
      await world.run('chat', 'Hi', '--json');
      expect(shown(world)).not.toContain(odd.slice(0, 8));
    }
  });
  const odd = 'Zq8vN3xLw7RtY5uP2mKd';

  test('is not in the output of a batch', async () => {
    const message = `bad ${batchKey.slice(0, 12)}\u001b[1m${batchKey.slice(12)} here`;
    const world = await openBatch(refused(message));
    world.input(JSON.stringify({ prompt: 'one' }));
    const { code } = await world.batch();
    expect(code).not.toBe(0);
    expect(JSON.stringify(world.lines())).toContain('bad *** here');
    expect(world.err()).not.toContain(batchKey.slice(12));
  });
});

describe('the key in the lines of --debug', () => {
  const escaped = [...secretKey].map((char) => `\\u00${char.charCodeAt(0).toString(16)}`).join('');
  const event = (content: string) =>
    `data: {"choices":[{"index":0,"delta":{"content":"${content}"}}]}\n\n`;
  const contentOf = (err: string) =>
    [...err.matchAll(/\[debug\] < data: (\{.*\})/g)]
      .map(([, json = '']) => JSON.parse(json).choices[0]?.delta?.content ?? '')
      .join('');

  test.each([1, 2, 3, 4, 13, 22])('in pieces of %i characters is not shown', async (size) => {
    const text = `Your key is ${secretKey}, isn't it?`;
    const pieces = text.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];
    const { world } = await ask(stream(pieces.map(event).join('') + ends), ['Hi', '--debug']);
    expect(contentOf(world.err())).toMatch(/^Your key is s?k?-?(\*{3})+, isn't it\?$/);
  });

  test('escaped by JSON is not shown', async () => {
    for (const reply of [
      stream(event(`a ${escaped} b`) + ends),
      stream(event(`a ${escaped.slice(0, 60)}`) + event(`${escaped.slice(60)} b`) + ends),
      whole(
        200,
        'application/json',
        `{"choices":[{"message":{"content":"a ${escaped}"}, "finish_reason":"stop"}]}`,
      ),
      whole(
        200,
        'application/json',
        `{\n"choices":[{"message":{"content":"a ${escaped}"},\n "finish_reason":"stop"}]}`,
      ),
      whole(400, 'application/json', `{"error":{"message":"a ${escaped} b"}}`),
    ]) {
      const { world } = await ask(reply, ['Hi', '--debug']);
      expect(world.err()).toContain('a ***');
      expect(world.err()).not.toContain(escaped.slice(-30));
    }
  });

  test('lines without it stay as they came', async () => {
    const odd = 'data: {"choices": [ {"delta":{"content":"\\u0041 sk"} } ]}';
    const { world } = await ask(stream(`${odd}\n\n${ends}`), ['Hi', '--debug']);
    expect(world.err()).toContain(`[debug] < ${odd}\n`);
  });
});

describe('the key in what the layout of markdown makes of an answer', () => {
  const at = (place: number, mark: string) =>
    secretKey.slice(0, place) + mark + secretKey.slice(place);
  const around = (from: number, to: number, mark: string) =>
    `${secretKey.slice(0, from)}${mark}${secretKey.slice(from, to)}${mark}${secretKey.slice(to)}`;
  const disguised = [
    secretKey.replaceAll('-', '\\-'),
    secretKey.replace('s', '&#115;'),
    secretKey.replace('k', '&#x6b;'),
    around(3, 5, '**'),
    around(6, 10, '*'),
    around(0, secretKey.length, '**'),
    around(12, secretKey.length, '`'),
    around(0, 10, '~~'),
    at(9, '<b></b>'),
    at(9, '\u001bc'),
    at(9, `\u001b]0;${'x'.repeat(300)}\u0007`),
    `[${secretKey.slice(0, 9)}](#)`.replace('](#)', ']') + secretKey.slice(9),
  ];
  const places = [
    (key: string) => `Your key is ${key}, isn't it?\n`,
    (key: string) => `# ${key}\n`,
    (key: string) => `- a ${key}\n> b ${key}\n`,
    (key: string) => `[the ${key}](https://a.example/x) and <https://a.example/${secretKey}>\n`,
    (key: string) =>
      `| Name | Key |\n|---|---|\n| a | ${key} |\n| ${key} | and words that fill the line |\n\n`,
    (key: string) => `\`\`\`\n${secretKey}\n\`\`\`\n${key}\n`,
  ];
  const forms = [
    { argv: ['--markdown'], options: {} },
    { argv: [], options: { stdoutIsTerminal: true, columns: 80 } },
    { argv: ['--no-color'], options: { stdoutIsTerminal: true, columns: 80 } },
    { argv: [], options: { stdoutIsTerminal: true, columns: 20 } },
    { argv: ['--no-markdown'], options: { stdoutIsTerminal: true, columns: 80 } },
  ];

  test.each(disguised.map((key) => [key]))('%j is not shown', async (key) => {
    const answer = places.map((place) => place(key)).join('\n');
    // In HTML, a link and code without colour a mark stays between the halves.
    const isWhole = !/[<[`]/.test(key);
    for (const { argv, options } of forms)
      for (const size of [3, 1000]) {
        const pieces = answer.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [];
        const body = pieces.map((content) => chunk({ content })).join('') + ends;
        const { world } = await ask(stream(body), ['Hi', ...argv], options);
        const seen = unstyled(world.out()).replace(/[\s│]/g, '');
        expect(seen, argv.join()).not.toContain(secretKey);
        if (isWhole && argv[0] !== '--no-markdown')
          expect(seen.split('***').length, argv.join()).toBeGreaterThan(9);
      }
  });

  test('a style that ends within it ends behind it', async () => {
    const content = `a **b ${secretKey.slice(0, 9)}**${secretKey.slice(9)} c\n`;
    const { world } = await ask(stream(chunk({ content }) + ends), ['Hi'], {
      stdoutIsTerminal: true,
      columns: 80,
    });
    expect(unstyled(world.out())).toBe('a b *** c\n');
    expect(world.out().lastIndexOf('\u001b[0m')).toBeLessThan(world.out().indexOf('c\n'));
  });

  test.each(['', '- ', '> ', '**', '_', 'a\n'])(
    '`***` stands where it was, behind %j',
    async (before) => {
      for (const { argv, options } of forms) {
        const content = `${before}${secretKey}${/[*_]/.test(before) ? before : ''}\n\nend\n`;
        const { world } = await ask(stream(chunk({ content }) + ends), ['Hi', ...argv], options);
        expect(unstyled(world.out())).toContain('***');
        expect(world.out()).not.toContain('─');
        expect(world.out()).not.toContain('\ufdd0');
      }
    },
  );

  test('in reasoning on a terminal is not shown', async () => {
    for (const reasoning_content of [at(9, '\u001bc'), secretKey])
      for (const size of [3, 1000]) {
        const pieces = reasoning_content.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [];
        const thought = pieces.map((piece) => chunk({ reasoning_content: piece })).join('');
        const { world } = await ask(stream(thought + chunk({ content: 'Yes' }) + ends), ['Hi'], {
          stderrIsTerminal: true,
        });
        expect(unstyled(world.err())).toContain('***');
        expect(unstyled(world.err())).not.toContain(secretKey.slice(9));
      }
  });
});

test.each([
  ['chat', 'Hi', '--tag', secretKey],
  ['chat', 'Hi', '--session', `a-${secretKey}`],
  ['serve', '--tag', secretKey],
  ['image', 'A boat', '--tag', secretKey],
  ['image', 'A boat', '-o', `${secretKey}.png`],
  ['batch', 'in.jsonl', '-o', 'out.jsonl', '--tag', secretKey],
])('the key as a name is refused: %s %s %s', async (...argv) => {
  const server = await startServer((response) => sendStream(response, ends));
  const world = worldAt(server, { home: { 'in.jsonl': '{"prompt":"Hi"}\n' } });
  expect(await world.run(...argv, '--json')).toBe(2);
  expect(world.json()).toMatchObject({ error: { code: 'key_in_name', billed: 'no' } });
  expect(server.requests).toEqual([]);
  expectNoKey(world);
});
