/** A whole conversation in memory: what is typed, what is sent, what is shown and saved. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { files as realFiles } from '../../../src/system/files.ts';
import { readSession } from '../../../src/work/ask/conversations.ts';
import { type AskOptions, type Reply, worldAt } from '../../helpers/ask.ts';
import {
  goodStream,
  type Received,
  sendError,
  sendStream,
  startServer,
} from '../../helpers/server.ts';

const CTRL_D = '\u0004';
/** As readline draws it. */
const PROMPT = '> \u001b[3G';

/** Each line is typed when the one before it is answered; the end is Ctrl-D. */
async function talk(reply: Reply, lines: string[], options: AskOptions & { argv?: string[] } = {}) {
  const { argv = [], ...rest } = options;
  const server = await startServer(reply);
  const world = worldAt(server, { ...rest, atTerminal: [], env: { NO_COLOR: '1' } });
  let prompts = 0;
  const left = [...lines];
  const { stdin, stdout } = world.deps;
  let type = (_text: string): void => {};
  const deps = {
    ...world.deps,
    stdin: {
      ...stdin,
      takeTerminal: (use: Parameters<NonNullable<typeof stdin.takeTerminal>>[0]) => {
        type = (text) => use.onBytes(Buffer.from(text));
        const taken = stdin.takeTerminal?.(use);
        if (taken === undefined) throw new Error('no terminal');
        return taken;
      },
    },
    stdout: {
      ...stdout,
      isTerminal: true,
      columns: 80,
      async write(text: string | Uint8Array) {
        await stdout.write(text);
        // It is our turn.
        if (!String(text).includes(PROMPT)) return;
        prompts += 1;
        const next = left.shift() ?? CTRL_D;
        setImmediate(() => {
          for (const part of next.split(/(?<=\r)|(?=\r)/)) type(part);
          if (next !== CTRL_D && !next.includes('\u0003')) type('\r');
        });
      },
    },
  };
  const { run } = await import('../../../src/cli/program.ts');
  const code = await run(['chat', ...argv], deps);
  const messages = (index: number): unknown => server.requests[index]?.json?.messages;
  return { code, world, server, messages, prompts };
}

const numbered: Reply = (response, _request, count) =>
  sendStream(response, goodStream(`Answer ${count}.`, `0.000${count}`));

const user = (content: unknown) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const modelOf = (request: Received | undefined): unknown => request?.json?.model;

describe('a conversation', () => {
  test('/retry and /edit put an answer in the place of the last one, and both were paid for', async () => {
    const lines = ['One', '/retry', '/edit', ' more', 'Two', '/cost'];
    const { code, messages, world } = await talk(numbered, lines);
    expect(code).toBe(0);
    expect(messages(1)).toEqual([user('One')]);
    // The text was on the line.
    expect(messages(2)).toEqual([user('One more')]);
    expect(messages(3)).toEqual([user('One more'), assistant('Answer 3.'), user('Two')]);
    expect(world.out()).toContain('this conversation: $0.001 for 4 messages');
    // Nor does the file have what was replaced.
    const { turns } = await readSession(join(world.home, 'sessions'), 'last', world.deps);
    expect(turns.map(({ messages: [first] }) => first?.content)).toEqual(['One more', 'Two']);
  });

  test.each(['/exit', '/bye', '/q', 'exit', 'quit', ' Exit '])(
    '%s leaves, as /quit does',
    async (word) => {
      const { code, server } = await talk(numbered, ['One', word, 'Two']);
      expect(code).toBe(0);
      expect(server.requests).toHaveLength(1);
    },
  );

  test('exit in a message is a part of it', async () => {
    const { server } = await talk(numbered, ['exit the loop', 'quit?', '/quit']);
    expect(server.requests).toHaveLength(2);
  });

  test('/new says how the one before is kept, where it has no name', async () => {
    const { world } = await talk(numbered, ['One', '/new', '/quit']);
    const said = world.err().replace(/\s+/g, ' ');
    expect(said).toContain('alltoken sessions rename last NAME');
    const named = await talk(numbered, ['/session work', 'One', '/new', '/quit']);
    expect(named.world.err()).not.toContain('rename');
  });

  test('/model, /system and the flags of the start hold for each message', async () => {
    const { server, messages } = await talk(
      numbered,
      ['One', '/model gpt-5.4-nano', '/system Be brief', 'Two', '/system none', 'Three'],
      { argv: ['-s', 'Be kind', '--temperature', '0.5', '-m', 'gpt-5.4'] },
    );
    expect(server.requests.map(modelOf)).toEqual(['gpt-5.4', 'gpt-5.4-nano', 'gpt-5.4-nano']);
    expect(server.requests.map(({ json }) => json?.temperature)).toEqual([0.5, 0.5, 0.5]);
    expect(messages(0)).toEqual([{ role: 'system', content: 'Be kind' }, user('One')]);
    expect((messages(1) as unknown[])[0]).toEqual({ role: 'system', content: 'Be brief' });
    expect((messages(2) as unknown[])[0]).toEqual(user('One'));
  });

  test.each([
    ['a model alone', ['gpt-5.4'], ['One'], 'One'],
    ['-i and a first message', ['-i', 'gpt-5.4', 'Hi'], [], 'Hi'],
    ['-i and a model alone', ['-i', 'gpt-5.4'], ['One'], 'One'],
  ])('begins with the model that comes first: %s', async (_what, argv, lines, first) => {
    const { code, server, messages } = await talk(numbered, lines, { argv });
    expect([code, server.requests.map(modelOf)]).toEqual([0, ['gpt-5.4']]);
    expect(messages(0)).toEqual([user(first)]);
  });

  test('what is wrong with a file says what to type here', async () => {
    const { world, server } = await talk(numbered, ['/file nope.png', '/model a b']);
    expect(world.err()).toMatch(/alltoken: \/file nope\.png: no such file .*\nhint: \/help file\n/);
    expect(world.err()).toContain('\nhint: /help\n');
    expect(server.requests).toEqual([]);
  });

  test('/help NAME, and what is not a command names the nearest one and /help', async () => {
    const { world, server } = await talk(numbered, [
      '/help save',
      '/help keys',
      '/help sav',
      '/serch x',
      '/foo',
      '/save',
      '/save new/',
    ]);
    expect(world.out()).toContain('A name that ends in .json gets the messages as JSON');
    expect(world.out()).toContain('Ctrl-X Ctrl-E');
    const hints = world.err().match(/^hint: .*/gm);
    expect(hints).toEqual([
      `hint: did you mean /save? Or /help, or // for a message that begins with /`,
      `hint: did you mean /search? Or /help, or // for a message that begins with /`,
      'hint: /help, or // for a message that begins with /',
      'hint: /help save',
      'hint: /help save',
    ]);
    expect(server.requests).toEqual([]);
  });

  test('/file goes with the next message alone', async () => {
    const { messages } = await talk(numbered, ['/file notes.md', 'One', 'Two'], {
      home: { 'notes.md': 'NOTES' },
    });
    expect(JSON.stringify((messages(0) as unknown[])[0])).toContain('NOTES');
    expect((messages(1) as unknown[]).at(-1)).toEqual(user('Two'));
  });

  test('/search asks a model that searches, and the conversation keeps its own', async () => {
    const { server, messages } = await talk(numbered, ['One', '/search news', 'Two']);
    expect(server.requests.map(modelOf)).toEqual([
      'gpt-5.4-mini',
      'deepseek-v4-pro',
      'gpt-5.4-mini',
    ]);
    expect(server.requests[1]?.json?.enable_search).toBe(true);
    expect((messages(2) as unknown[]).slice(2)).toEqual([
      user('news'),
      assistant('Answer 2.'),
      user('Two'),
    ]);
  });

  test('/image takes -m first, and refuses any other flag before money is spent', async () => {
    const typed = ['/image -n 4 cat', '/image cat -m x', '/image --ar 16:9 cat', '/image -m x'];
    const { server, world } = await talk(numbered, typed);
    expect(server.requests).toEqual([]);
    expect(world.err().match(/^alltoken: .*/gm)).toEqual([
      expect.stringContaining('/image has no flag -n; nothing was sent'),
      expect.stringContaining('/image has no flag -m; nothing was sent'),
      expect.stringContaining('/image has no flag --ar; nothing was sent'),
      expect.stringContaining('/image needs a prompt'),
    ]);
    const sent = await talk(numbered, [
      '/image -m wan2.7-image a -5 degrees day',
      '/image -- -m x',
    ]);
    expect(sent.server.requests.map(({ json }) => [json?.model, json?.prompt])).toEqual([
      ['wan2.7-image', 'a -5 degrees day'],
      [expect.any(String), '-m x'],
    ]);
  });

  test('words that a command would leave out or send as text are refused', async () => {
    const typed = ['/search -m gpt-5.4 news', '/retry -m gpt-5.4', '/save -o x.md', '/model -x'];
    const { server, world } = await talk(numbered, ['One', ...typed]);
    expect(server.requests).toHaveLength(1);
    expect(world.err().match(/code=\w+/g)).toEqual([
      'code=bad_flag',
      'code=bad_arguments',
      'code=no_argument',
      'code=bad_model',
    ]);
  });

  test('a model that is not there leads to /model, on the gateway of a flag too', async () => {
    const refuse: Reply = (response) => sendError(response, 404, 'model_not_found');
    for (const argv of [[], ['-g', 'alltoken']]) {
      const { world } = await talk(refuse, ['/model nonsuch', 'Hi'], { argv });
      expect(world.err()).toMatch(/^hint: \/model \S+, then \/retry$/m);
    }
  });

  test.each([
    [401, 'invalid_api_key'],
    [402, 'insufficient_quota'],
    [403, 'forbidden'],
    [404, 'model_not_found'],
    [429, 'insufficient_quota'],
    [400, 'bad_request'],
    [500, 'server_error'],
  ])('no hint at the prompt is a bare command line: %i %s', async (status, code) => {
    const refuse: Reply = (response) => sendError(response, status, code);
    const { world } = await talk(refuse, ['Hi', '/search x', '/image cat'], {
      argv: ['-g', 'alltoken'],
    });
    const hints =
      world
        .err()
        .replace(/\n(?!hint|alltoken)/g, ' ')
        .match(/^hint: .*/gm) ?? [];
    expect(hints.length).toBeGreaterThan(0);
    for (const hint of hints)
      for (const [, before] of hint.matchAll(
        /(.*?)alltoken (?:chat|models|config|login|cost|image|search)/g,
      ))
        expect(before).toMatch(/(in another terminal|\/quit, then): $/);
  });

  test('/model takes one id, and not the words behind it', async () => {
    const { server, world } = await talk(numbered, ['/model gpt-5.4 please', 'One']);
    expect(server.requests.map(modelOf)).toEqual(['gpt-5.4-mini']);
    expect(world.err()).toContain('code=bad_model');
  });

  test('a message that begins with / needs //; an unknown command sends nothing', async () => {
    const { server, messages, world } = await talk(numbered, ['/modle x', '//etc/hosts', '-']);
    expect(server.requests).toHaveLength(2);
    expect(messages(0)).toEqual([user('/etc/hosts')]);
    expect((messages(1) as unknown[]).at(-1)).toEqual(user('-'));
    expect(world.err()).toContain('there is no command /modle; nothing was sent');
    expect(world.err()).toContain(
      'did you mean /model? Or /help, or // for a message that begins with /',
    );
    expect(world.err()).toContain('/model');
  });

  test('an unknown cost is not 0', async () => {
    const { world } = await talk(
      (response, _request, count) => {
        const text = goodStream('Yes.', '0.0001');
        sendStream(
          response,
          count === 2 ? text.replace(/^: .*$/m, '').replace(/^data: .*usage.*$/m, '') : text,
        );
      },
      ['One', 'Two'],
    );
    expect(world.err()).toContain('conversation=$0.0001\n');
    expect(world.err()).toContain('conversation=at least $0.0001\n');
  });

  test('a refused call stays, and /retry sends it again', async () => {
    const { code, messages, world } = await talk(
      (response, request, count) => {
        if (count === 1) return sendError(response, 402, 'insufficient_balance');
        return numbered(response, request, count);
      },
      ['One', '/retry'],
    );
    expect(code).toBe(0);
    expect(messages(1)).toEqual([user('One')]);
    expect(world.err()).toContain('[balance code=insufficient_balance');
  });

  test('--no-save writes neither the conversation nor the history, and it goes on all the same', async () => {
    const { messages, world } = await talk(numbered, ['One', 'Two'], { argv: ['--no-save'] });
    expect(messages(1)).toEqual([user('One'), assistant('Answer 1.'), user('Two')]);
    expect(existsSync(join(world.home, 'sessions'))).toBe(false);
    expect(existsSync(join(world.home, 'chat-history.jsonl'))).toBe(false);
  });

  test('/session goes on with a saved one, /new begins another, /save writes it', async () => {
    const { messages, world } = await talk(numbered, [
      '/session work',
      'One',
      '/new',
      'Two',
      '/session work',
      'Three',
      '/save out.md',
      '/save out.md',
      '/save missing/out.md',
      '/session',
    ]);
    expect(messages(1)).toEqual([user('Two')]);
    expect(messages(2)).toEqual([user('One'), assistant('Answer 1.'), user('Three')]);
    expect(world.err()).toContain('new conversation work');
    expect(world.err()).toContain('continuing work: 1 turn');
    const markdown = readFileSync(join(world.home, 'out.md'), 'utf8');
    expect(markdown).toBe(
      '# Conversation\n\n## User\n\nOne\n\n## Assistant\n\nAnswer 1.\n\n## User\n\nThree\n\n## Assistant\n\nAnswer 3.\n',
    );
    expect(world.err()).toContain('out.md exists; nothing was written');
    expect(world.err()).toMatch(/no\s+such\s+file or directory \(ENOENT\)/);
    expect(world.out()).toMatch(/^work/m);
  });

  test('a template opens it, and its model and instructions stay', async () => {
    const { server, messages } = await talk(numbered, ['More'], {
      argv: ['-i', '-t', 'greet', '--var', 'who=Ada'],
      files: {
        read: async (path, ...rest) =>
          path.endsWith('templates/greet.json')
            ? Buffer.from('{"system":"Be kind","prompt":"Greet {{who}}","model":"gpt-5.4"}')
            : realFiles.read(path, ...rest),
      },
    });
    expect(server.requests.map(modelOf)).toEqual(['gpt-5.4', 'gpt-5.4']);
    expect(messages(1)).toEqual([
      { role: 'system', content: 'Be kind' },
      user('Greet Ada'),
      assistant('Answer 1.'),
      user('More'),
    ]);
  });

  test('without a key says so before a message is typed, with a line for the shell', async () => {
    const { code, world, prompts } = await talk(numbered, ['Hi'], { argv: ['-g', 'tokenhub'] });
    expect(code).toBe(20);
    expect(prompts).toBe(0);
    expect(world.err()).toMatch(/^alltoken: no key for TokenHub/);
    expect(world.err()).toContain('hint: alltoken login -g tokenhub');
  });

  test('a file that is not there is named as it was typed', async () => {
    const { world } = await talk(numbered, ['/file nope.png']);
    expect(world.err()).toContain('alltoken: /file nope.png: ');
  });

  test('a hint with a command says where it is typed', async () => {
    const { world } = await talk(numbered, ['Hi'], { argv: ['--max-cost', '0.1'] });
    expect(world.err()).toContain('hint: in another terminal: alltoken models --refresh');
    // Lines end between words.
    for (const line of world.err().split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('a refusal in the middle leads back to it', async () => {
    const reply: Reply = (response, request, count) =>
      count === 1 ? numbered(response, request, count) : sendError(response, 400, 'bad_request');
    const { world } = await talk(reply, ['/session work', 'One', 'Two'], {
      argv: ['-g', 'alltoken'],
    });
    expect(world.err()).toContain(
      'hint: /quit, then: alltoken chat --session work -g alltoken --dry-run',
    );
  });

  test('lines of a saved one that cannot be read are said at its opening', async () => {
    const damaged = Buffer.from('{"v":1,"messages":[{"role":"us\n{"v":2}\n');
    const files = {
      read: async (path: string, limit: number) =>
        path.endsWith('work.jsonl') ? damaged : realFiles.read(path, limit),
    };
    for (const how of [{ argv: ['--session', 'work'] }, { lines: ['/session work'] }]) {
      const { world } = await talk(numbered, how.lines ?? [], { files, argv: how.argv ?? [] });
      expect(world.err()).toContain('warning: session work: 2 lines of it cannot be read');
    }
  });

  test('/copy sends the answer to the clipboard of the terminal', async () => {
    const { world } = await talk(numbered, ['One', '/copy']);
    expect(world.out()).toContain(
      `\u001b]52;c;${Buffer.from('Answer 1.').toString('base64')}\u0007`,
    );
  });

  test('another conversation without a name does not mix with this one in its file', async () => {
    const file = 'sessions/last.jsonl';
    let looks = 0;
    const { world } = await talk(numbered, ['One', 'Two'], {
      home: {},
      files: {
        // Before the second turn is saved, somebody else has saved theirs.
        async status(path) {
          looks += path.endsWith(file) ? 1 : 0;
          if (path.endsWith(file) && looks === 3) writeFileSync(path, '{"v":1,"messages":[]}\n');
          return realFiles.status(path);
        },
      },
    });
    const saved = readFileSync(join(world.home, file), 'utf8').trim().split('\n');
    expect(saved.map((line) => (JSON.parse(line) as { messages: unknown[] }).messages[0])).toEqual([
      user('One'),
      user('Two'),
    ]);
  });
});
