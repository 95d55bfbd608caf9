/** A conversation on a pseudo terminal: what a person sees, and what is sent. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { start } from '../helpers/executable.ts';
import {
  chunk,
  goodStream,
  pointedAt,
  type Received,
  sendError,
  sendStream,
  startServer,
} from '../helpers/server.ts';
import { isTurnOf } from '../helpers/share.ts';
import { hasPty, type Session, startOnTerminal } from '../helpers/terminal.ts';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const MARKS_ON = '\u001b[?2004h';
const MARKS_OFF = '\u001b[?2004l';
/** Each comes once in three days. */
const widths = [100, 80, 40].filter((_, index) => isTurnOf(index, 3));
const paste = (text: string): string => `\u001b[200~${text.replaceAll('\n', '\r')}\u001b[201~`;

const longAnswer = Array.from(
  { length: 60 },
  (_, index) =>
    `Line ${index} of a long answer, with 日本語 and 👍 in it, and words enough to wrap it.`,
).join('\n');

/** What the model was told: the text of the newest message. */
function said(request: Received | undefined): unknown {
  const messages = request?.json?.messages;
  return Array.isArray(messages) ? messages.at(-1)?.content : undefined;
}

async function conversation(
  reply: Parameters<typeof startServer>[0],
  options: Parameters<typeof startOnTerminal>[1] & { argv?: string[] } = {},
) {
  const server = await startServer(reply);
  const { argv = [], ...rest } = options;
  const session = startOnTerminal(['chat', ...argv], {
    ...rest,
    env: { ...pointedAt(server), ALLTOKEN_GATEWAY: 'alltoken', ...rest.env },
  });
  await session.shows(/^>$/);
  return { session, server };
}

const answers: Parameters<typeof startServer>[0] = (response, _request, count) =>
  sendStream(response, goodStream(`Answer ${count}.`));

/** The renderer of markdown waits for the end of a word, of a line at most. */
const asItComes = { argv: ['--no-markdown'] };

async function leave(session: Session): Promise<void> {
  session.type(CTRL_D);
  expect(await session.ended).toEqual({ code: 0, signal: 0 });
  expect(session.raw().split(MARKS_ON)).toHaveLength(2);
  // The last sequence of all.
  expect(session.raw().lastIndexOf('\u001b')).toBe(session.raw().lastIndexOf(MARKS_OFF));
}

describe.skipIf(!hasPty)('a conversation on a terminal', () => {
  test('shows answers, what they cost and what all of it cost', async () => {
    const { session, server } = await conversation(answers, { columns: 100 });
    session.type('Hi\r');
    await session.shows('conversation=$0.0000188');
    session.type('More\r');
    await session.shows('conversation=$0.0000376');
    await session.shows(/^>$/);
    expect(session.lines().slice(1)).toEqual([
      '> Hi',
      'Answer 1.',
      '[usage] prompt=19 completion=12 total=31 model=gpt-5.4-mini cost=$0.0000188000 (gateway)',
      'conversation=$0.0000188',
      '> More',
      'Answer 2.',
      '[usage] prompt=19 completion=12 total=31 model=gpt-5.4-mini cost=$0.0000188000 (gateway)',
      'conversation=$0.0000376',
      '>',
    ]);
    expect(server.requests[1]?.json?.messages).toEqual([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Answer 1.' },
      { role: 'user', content: 'More' },
    ]);
    await leave(session);
  });

  test.each(widths)(
    'at %i columns the scrollback is what a pipe got, also after a resize in the answer',
    async (columns) => {
      // The terminal of these tests cuts the line that the cursor is in, whoever wrote it.
      const cut = longAnswer.indexOf('Line 30');
      let goOn = (): void => {};
      const { session, server } = await conversation(
        (response, _request, count) => {
          if (count > 1) return sendStream(response, goodStream(longAnswer));
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write(chunk({ content: longAnswer.slice(0, cut) }));
          goOn = () => {
            response.write(chunk({ content: longAnswer.slice(cut) }));
            response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
          };
        },
        // Markdown is wrapped at words, by line ends of its own.
        { columns, argv: ['--no-markdown'] },
      );
      session.type('Tell me\r');
      await session.shows(/^Line 29 .*wrap it\.$/);
      session.resize(columns - 13, 18);
      goOn();
      await session.shows('[usage]');
      await session.shows(/^>$/);
      const piped = start(['chat', 'Tell me'], { env: pointedAt(server) });
      const { stdout } = await piped.done;
      const lines = session.lines();
      const first = lines.indexOf('> Tell me') + 1;
      const last = lines.findIndex((line) => line.startsWith('[usage]'));
      expect(lines.slice(first, last).join('\n')).toBe(stdout.trimEnd());
      await leave(session);
    },
  );

  test.each(widths)(
    'at %i columns 2,000 pasted lines come in whole, and are sent by Enter alone',
    async (columns) => {
      const { session, server } = await conversation(answers, { columns });
      const text = Array.from(
        { length: 2000 },
        (_, index) => `${index}: \u001b[2010~ [201~ \\ "日本語" \u001b[20 /quit`,
      ).join('\n');
      session.type('Before ');
      await session.shows('> Before');
      session.type(paste(text));
      await session.shows('[pasted 2,000 lines]');
      session.type(' after');
      await session.shows('> Before [pasted 2,000 lines] after');
      expect(server.requests).toEqual([]);
      session.type('\r');
      await session.shows('[usage]');
      expect(said(server.requests[0])).toBe(`Before ${text} after`);
      // From the history it is the same text.
      await session.shows(/^>$/);
      session.type('\u001b[A');
      await session.shows('2,000 lines]', 2);
      session.type('\r');
      await session.shows('[usage]', 2);
      expect(said(server.requests[1])).toBe(`Before ${text} after`);
      await leave(session);
    },
  );

  test('a short paste is shown line by line, and sends nothing', async () => {
    const { session, server } = await conversation(answers);
    session.type(paste('one\n  two\\\n'));
    await session.shows('  two\\');
    await session.shows(/^…$/);
    session.type('three\r');
    await session.shows('[usage]');
    expect(session.lines().slice(1, 4)).toEqual(['> one', '…   two\\', '… three']);
    expect(said(server.requests[0])).toBe('one\n  two\\\nthree');
    await leave(session);
  });

  test.each(widths)('at %i columns an input method writes in mid-line', async (columns) => {
    const { session, server } = await conversation(answers, { columns });
    session.type('abc def ghi 終わり');
    await session.shows('終わり');
    // Before the g, over seven characters, three of them wide.
    session.type('\u001b[D'.repeat(7));
    await session.shows('abc');
    const bytes = Buffer.from('日本語かな変換👍');
    session.type(bytes.toString());
    await session.shows('abc def 日本語かな変換👍ghi 終わり');
    expect(session.cursor().before).toBe('> abc def 日本語かな変換👍');
    session.type('\u007f');
    await session.shows('変換ghi');
    session.type('\r');
    await session.shows('[usage]');
    expect(said(server.requests[0])).toBe('abc def 日本語かな変換ghi 終わり');
    await leave(session);
  });

  test('a resize in the input redraws nothing above it', async () => {
    const { session, server } = await conversation(answers, { columns: 80 });
    session.type('Hi\r');
    await session.shows('conversation=');
    await session.shows(/^>$/);
    const above = session.lines().slice(0, -1);
    const words = Array.from({ length: 30 }, (_, index) => `word${index}`).join(' ');
    session.type(words);
    await session.shows('word29');
    for (const [index, columns] of [40, 100, 57].entries()) {
      session.resize(columns, 24);
      session.type('\u001b[D\u001b[Cx');
      await session.shows(`> ${words}${'x'.repeat(index + 1)}`);
      expect(session.lines().slice(0, above.length)).toEqual(above);
    }
    session.type('\r');
    await session.shows('[usage]', 2);
    expect(said(server.requests[1])).toBe(`${words}xxx`);
    await leave(session);
  });

  test('Ctrl-C clears a line, and twice on an empty one ends with 130', async () => {
    const { session, server } = await conversation(answers);
    session.type('half a line');
    await session.shows('> half a line');
    session.type(CTRL_C);
    await session.shows('> half a line^C');
    await session.shows(/^>$/);
    session.type(CTRL_C);
    await session.shows('Ctrl-C again');
    session.type(CTRL_C);
    const { code, signal } = await session.ended;
    expect(signal === 2 || code === 130).toBe(true);
    expect(session.raw()).toContain(MARKS_OFF);
    expect(server.requests).toEqual([]);
  });

  test('Ctrl-C stops an answer; the part is kept, marked, and in the next request', async () => {
    const { session, server } = await conversation((response, request, count) => {
      if (count > 1) return answers(response, request, count);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'A part of' }));
    }, asItComes);
    session.type('Tell me\r');
    await session.shows('A part of');
    session.type(`typed ahead\r${CTRL_C}`);
    await session.shows('stopped; what came of the answer is kept');
    await session.shows(/^>$/);
    expect(session.lines()).toContain('A part of');
    session.type('Go on\r');
    await session.shows('[usage]');
    expect(server.requests[1]?.json?.messages).toEqual([
      { role: 'user', content: 'Tell me' },
      { role: 'assistant', content: 'A part of' },
      { role: 'user', content: 'Go on' },
    ]);
    const saved = readFileSync(join(session.home, 'sessions/last.jsonl'), 'utf8').split('\n');
    expect(JSON.parse(saved[0] ?? '')).toMatchObject({ cut: true });
    expect(JSON.parse(saved[1] ?? '')).not.toHaveProperty('cut');
    await leave(session);
  });

  test('Ctrl-C before the first word, and in a command, comes back to the prompt', async () => {
    const { session } = await conversation(() => {});
    session.type('Tell me\r');
    await session.shows('waiting for gpt-5.4-mini');
    session.type(CTRL_C);
    await session.shows('stopped before an answer');
    await session.shows(/^>$/);
    session.type('/image a cat\r');
    await session.shows(/^\W*waiting for/);
    session.type(CTRL_C);
    await session.shows('[sigint', 2);
    await session.shows(/^>$/);
    // The spinner is gone.
    expect(session.lines().join('\n')).not.toContain('waiting for');
    await leave(session);
  });

  test('what is typed during an answer is kept for the next line and not sent', async () => {
    let goOn = (): void => {};
    let end = (): void => {};
    const { session, server } = await conversation((response, request, count) => {
      if (count > 1) return answers(response, request, count);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'The begin ' }));
      goOn = () => response.write(chunk({ content: 'and more ' }));
      end = () => response.end(`${chunk({ content: 'and the end.' }, 'stop')}data: [DONE]\n\n`);
    });
    session.type('Tell me\r');
    await session.shows('The begin');
    session.type('the next');
    session.type('\r');
    // Once what was sent after the keys is on the screen, the keys have been read.
    goOn();
    await session.shows('and more');
    end();
    await session.shows('> the next');
    expect(session.lines()).toContain('The begin and more and the end.');
    expect(server.requests).toHaveLength(1);
    session.type('\r');
    await session.shows('Answer 2.');
    expect(said(server.requests[1])).toBe('the next');
    await leave(session);
  });

  test.each(['SIGTERM', 'SIGHUP'])(
    '%s ends it, saves what came and restores the terminal',
    async (name) => {
      const { session } = await conversation((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(chunk({ content: 'A part of' }));
      }, asItComes);
      session.type('Tell me\r');
      await session.shows('A part of');
      process.kill(session.pid, name);
      const { code, signal } = await session.ended;
      expect(signal === 15 || code === 129 || signal === 1).toBe(true);
      expect(session.raw()).toContain(MARKS_OFF);
      expect(session.raw()).not.toContain('your next message');
      expect(readFileSync(join(session.home, 'sessions/last.jsonl'), 'utf8')).toContain(
        'A part of',
      );
    },
  );

  test('Ctrl-Z gives the terminal back, and fg goes on with the line', async () => {
    const server = await startServer(answers);
    const session = startOnTerminal(['chat'], {
      within: ['bash', '--norc', '-ic', '"$@"; echo "was stopped"; fg; echo "ended $?"', 'bash'],
      env: { ...pointedAt(server), ALLTOKEN_GATEWAY: 'alltoken' },
    });
    await session.shows(/^>$/);
    session.type('half a');
    await session.shows('> half a');
    session.type('\u001a');
    await session.shows('was stopped');
    await session.shows('> half a', 2);
    session.type(' line\r');
    await session.shows('[usage]');
    await session.shows(/^>$/);
    expect(said(server.requests[0])).toBe('half a line');
    session.type(CTRL_D);
    await session.shows('ended 0');
    expect(session.raw().split(MARKS_ON)).toHaveLength(3);
    expect(session.raw().split(MARKS_OFF)).toHaveLength(3);
  });

  test('a refused call shows error and hint, and the conversation stays', async () => {
    const { session, server } = await conversation((response, request, count) => {
      if (count > 1) return answers(response, request, count);
      sendError(response, 402, 'insufficient_balance');
    });
    session.type('Hi\r');
    await session.shows('[balance');
    await session.shows('hint: ');
    session.type('/retry\r');
    await session.shows('Answer 2.');
    expect(said(server.requests[1])).toBe('Hi');
    expect(server.requests[1]?.json?.messages).toHaveLength(1);
    await leave(session);
  });

  test('the history goes over runs, in a file that only its owner reads', async () => {
    const { session, server } = await conversation(answers);
    session.type('first line\n');
    await session.shows(/^…$/);
    session.type('second line\r');
    await session.shows('Answer 1.');
    await leave(session);
    const file = join(session.home, 'chat-history.jsonl');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = startOnTerminal(['chat'], {
      home: session.home,
      env: { ...pointedAt(server), ALLTOKEN_GATEWAY: 'alltoken' },
    });
    await again.shows(/^>$/);
    again.type('\u0012sec');
    await again.shows('(history) sec: first line↵second line');
    again.type('\r');
    await again.shows(/^> first line↵second line/);
    again.type('\r');
    await again.shows('Answer 2.');
    expect(said(server.requests[1])).toBe('first line\nsecond line');
    await leave(again);
  });

  test('TERM=dumb: not one escape byte', async () => {
    const { session, server } = await conversation(answers, { env: { TERM: 'dumb' } });
    session.type('one \\\r');
    await session.shows(/^…/);
    session.type('two\r');
    await session.shows('conversation=');
    await session.shows(/^>$/);
    expect(said(server.requests[0])).toBe('one \ntwo');
    session.type(CTRL_D);
    expect(await session.ended).toEqual({ code: 0, signal: 0 });
    expect(session.raw()).not.toContain('\u001b');
  });

  test('-i begins with its prompt; where no person can type it is a usage error', async () => {
    const server = await startServer(answers);
    const env = { ...pointedAt(server), ALLTOKEN_GATEWAY: 'alltoken' };
    const session = startOnTerminal(['chat', '-i', 'Hello'], { env });
    await session.shows('Answer 1.');
    await session.shows(/^>$/);
    expect(said(server.requests[0])).toBe('Hello');
    await leave(session);
    const piped = await start(['chat', '-i', 'Hello'], { env }).done;
    expect(piped.code).toBe(2);
    expect(server.requests).toHaveLength(1);
  });
});
