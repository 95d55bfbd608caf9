import { describe, expect, test } from 'vitest';
import { type AskOptions, answerWell, ask, errLines } from '../../helpers/ask.ts';

/** What the user said, as the server got it. */
async function said(argv: readonly string[], options: AskOptions = {}): Promise<unknown> {
  const { code, server, world } = await ask(answerWell, argv, options);
  expect(code, world.err()).toBe(0);
  const messages = server.requests[0]?.json?.messages as { content: unknown }[];
  return messages.at(-1)?.content;
}

async function refused(argv: readonly string[], options: AskOptions = {}): Promise<string[]> {
  const { code, server, world } = await ask(answerWell, argv, options);
  expect(code, world.err()).toBe(2);
  expect(server.requests).toEqual([]);
  expect(world.out()).toBe('');
  return errLines(world);
}

describe('the prompt of chat', () => {
  test('is one argument, or several with a blank between', async () => {
    expect(await said(['Why is it blue?'])).toBe('Why is it blue?');
    expect(await said(['Why', 'is it', 'blue?'])).toBe('Why is it blue?');
  });

  test('is what is piped in', async () => {
    expect(await said([], { stdin: 'Line 1\nLine 2\n' })).toBe('Line 1\nLine 2\n');
  });

  test('is both, with a blank line between', async () => {
    expect(await said(['Review this'], { stdin: 'diff --git\n' })).toBe(
      'Review this\n\ndiff --git\n',
    );
  });

  test('is standard input where a - stands', async () => {
    expect(await said(['-'], { stdin: 'piped' })).toBe('piped');
    expect(await said(['Review', '-'], { stdin: 'piped' })).toBe('Review\n\npiped');
  });

  test('is the arguments alone with --no-stdin, or when nothing is piped', async () => {
    expect(await said(['--no-stdin', 'Hi'], { stdin: 'piped' })).toBe('Hi');
    expect(await said(['--no-stdin', 'Hi'], { stdin: 'silent' })).toBe('Hi');
    expect(await said(['Hi'], { stdin: '' })).toBe('Hi');
    expect(await said(['Hi'], { stdin: ' \n' })).toBe('Hi');
  });

  test('keeps what stands in it: quotes, newlines, other scripts, a BOM not', async () => {
    const text = '"a" \'b\' $HOME\n\tGrüße 漢字 👍🏽 \\n';
    expect(await said([text])).toBe(text);
    expect(await said([], { stdin: `\ufeff${text}` })).toBe(text);
  });

  test.each([
    ['nothing on a terminal', [], {}],
    ['an empty argument', [''], {}],
    ['blanks', ['  ', '\n'], {}],
    ['an empty pipe', [], { stdin: '' }],
    ['a pipe of blanks', [], { stdin: ' \n\n' }],
    ['--no-stdin alone', ['--no-stdin'], { stdin: 'piped' }],
    ['an empty -', ['-'], { stdin: '' }],
    ['only a model', ['-m', 'gpt-5.4'], {}],
  ] as [string, string[], AskOptions][])('must be there: not %s', async (_what, argv, options) => {
    const lines = await refused(argv, options);
    expect(lines[0]).toBe('alltoken: no prompt [usage code=no_prompt]');
    expect(lines[1]).toBe('hint: alltoken chat "your question"');
  });

  test('that is missing is told before anything about a key', async () => {
    const env = { ALLTOKEN_API_KEY: '' };
    expect((await refused([], { env }))[0]).toContain('no prompt');
  });

  test('must be text in a pipe', async () => {
    const lines = await refused(['What?'], { stdin: Buffer.from('89504e470d0a1a0aff', 'hex') });
    expect(lines[0]).toMatch(/standard input is not UTF-8 text/);
    expect(lines[1]).toMatch(/^hint: .*-f -/);
  });

  test('may not be asked for twice', async () => {
    expect((await refused(['-', '-'], { stdin: 'x' }))[0]).toMatch(/standard input/);
    expect((await refused(['-', '-f', '-'], { stdin: 'x' }))[0]).toMatch(/standard input/);
    expect((await refused(['-', '--no-stdin'], { stdin: 'x' }))[0]).toMatch(/--no-stdin/);
  });

  test('of more than 32 MB is refused', async () => {
    const lines = await refused([], { stdin: Buffer.alloc(33 * 1024 * 1024, 97) });
    expect(lines[0]).toMatch(/larger than 32 MB/);
  });
});

describe('a pipe that stays silent', () => {
  test('beside a prompt: a note after 2 s, exit 2 after 10 s, nothing sent', async () => {
    const { code, server, world } = await ask(answerWell, ['Hi'], { stdin: 'silent' });
    expect(code).toBe(2);
    expect(server.requests).toEqual([]);
    expect(world.ledger()).toEqual([]);
    const [note, line, hint, ...rest] = errLines(world);
    expect(note).toMatch(/waiting for standard input/);
    expect(line).toMatch(/^alltoken: .*no data arrived within 10 s \[usage code=stdin_silent\]$/);
    expect(hint).toMatch(/^hint: .*--no-stdin.*<\/dev\/null/);
    expect(hint).toMatch(/(^| )-( |$|,)/);
    expect(rest).toEqual([]);
    expect(world.sleeps).toEqual([2000, 8000]);
  });

  test('with --json: the document says so', async () => {
    const { code, world } = await ask(answerWell, ['--json', 'Hi'], { stdin: 'silent' });
    expect(code).toBe(2);
    expect(world.json().error).toMatchObject({ code: 'stdin_silent', billed: 'no' });
  });
});
