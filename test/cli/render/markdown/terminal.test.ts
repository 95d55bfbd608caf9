/** An answer of `chat` and `search` on terminals, and in an emulator of one. */
import { Terminal } from '@xterm/headless';
import { describe, expect, test } from 'vitest';
import { type AskOptions, ask, cutStream, stream } from '../../../helpers/ask.ts';
import { unstyled } from '../../../helpers/markdown.ts';
import { chunk } from '../../../helpers/server.ts';

const answer = `# Pools

A **pool** keeps a few *open* connections, so that no request pays for a handshake; see [the manual](https://a.example/manual).

1. Choose a size, and remember that more connections than the database has workers make nothing faster.
2. Set it:

   \`\`\`python
   pool = make(size=10, name="a name that makes this line of code longer than any of the windows")

   \tpool.open()
   \`\`\`

> Quotes wrap, too, with their bar in front of each of the lines that they take.

| Name | Meaning |
|------|---------|
| \`size\` | how many connections are kept |

Done.
`;
const code =
  'pool = make(size=10, name="a name that makes this line of code longer than any of the windows")\n\n\tpool.open()';
const end = `${chunk({}, 'stop')}data: [DONE]\n\n`;
const reply = stream(chunk({ content: answer }), end);
const terminal = (columns: number, more: AskOptions = {}): AskOptions => ({
  stdoutIsTerminal: true,
  columns,
  ...more,
});

describe.each([100, 80, 40])('on a terminal of %i columns', (columns) => {
  test('prose is wrapped, and code is not', async () => {
    const { world } = await ask(reply, ['Hi'], terminal(columns));
    const shown = unstyled(world.out());
    expect(shown).toContain(`\n\n${code}\n\n`);
    const prose = shown.replace(code, '').split('\n');
    expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(Math.max(...prose.map((line) => line.length))).toBeGreaterThan(columns - 15);
  });

  test('scrollback holds the code as it was sent and all words of the prose', async () => {
    const piped = await ask(reply, ['Hi']);
    const { world } = await ask(reply, ['Hi'], terminal(columns));
    const seen = await scrollback(world.out(), columns);
    // A tab is cells there, as in every terminal.
    expect(seen).toContain(code.replace('\t', ' '.repeat(8)));
    expect(words(seen)).toEqual(words(withoutMarkup(piped.world.out())));
  });
});

test('a pipe gets it byte for byte', async () => {
  const { world } = await ask(reply, ['Hi']);
  expect(world.out()).toBe(answer);
});

describe('is laid out', () => {
  test.each<[string, string[], AskOptions, boolean]>([
    ['in a pipe with --markdown', ['--markdown', 'Hi'], {}, true],
    ['in a pipe, if the config says always', ['Hi'], config('always'), true],
    ['on a terminal, unless --no-markdown', ['--no-markdown', 'Hi'], terminal(80), false],
    ['on a terminal, unless the config says never', ['Hi'], terminal(80, config('never')), false],
    ['by a flag before the config', ['--markdown', 'Hi'], terminal(80, config('never')), true],
    ['on no dumb terminal', ['--markdown', 'Hi'], terminal(80, { env: { TERM: 'dumb' } }), false],
    ['unless JSON was asked for', ['--json-object', 'Hi'], terminal(80), false],
  ])('%s', async (_what, argv, options, isLaidOut) => {
    const { world } = await ask(reply, argv, options);
    if (isLaidOut) expect(world.out()).toContain('\u001b[1');
    else expect(world.out()).toBe(answer);
  });

  test('without colour in a pipe, and with NO_COLOR', async () => {
    const pipe = await ask(reply, ['--markdown', 'Hi']);
    const flag = await ask(reply, ['--no-color', 'Hi'], terminal(80));
    const variable = await ask(reply, ['Hi'], terminal(80, { env: { NO_COLOR: '1' } }));
    expect(pipe.world.out()).not.toContain('\u001b[36m');
    expect(flag.world.out()).toBe(pipe.world.out());
    expect(variable.world.out()).toBe(pipe.world.out());
  });

  test.each(['--json', '--jsonl'])('never with %s', async (flag) => {
    const { world } = await ask(reply, [flag, '--markdown', 'Hi'], terminal(80));
    expect(world.out()).not.toContain('\u001b');
    expect(world.out()).not.toContain('layout');
  });
});

test('control characters are gone before it is laid out', async () => {
  const { world } = await ask(
    stream(
      chunk({ content: '**a\u001b[2J\u009b31m' }),
      chunk({ content: 'b**\r\nc&#27;[2J' }),
      end,
    ),
    ['Hi'],
    terminal(80),
  );
  expect(world.out()).toBe('\u001b[1mab\u001b[0m\nc\ufffd[2J\n');
});

test('a style is closed where the answer breaks off', async () => {
  const { world, code: exit } = await ask(
    cutStream(chunk({ content: `**${'bold '.repeat(20)}` })),
    ['Hi'],
    terminal(40),
  );
  expect(exit).toBe(40);
  expect(world.out()).toMatch(/^.{4}bold bold/);
  expect(world.out().slice(-9)).toBe('bold\u001b[0m\n');
});

function config(markdown: string): AskOptions {
  return { home: { 'config.json': { render: { markdown } } } };
}

/** All that the terminal remembers, its own wraps joined, without spaces at the ends of lines. */
async function scrollback(text: string, columns: number): Promise<string> {
  const screen = new Terminal({
    cols: columns,
    rows: 24,
    allowProposedApi: true,
    convertEol: true,
  });
  await new Promise<void>((resolve) => screen.write(text, resolve));
  const lines: string[] = [];
  const { active } = screen.buffer;
  for (let row = 0; row < active.length; row += 1) {
    const line = active.getLine(row);
    const shown = line?.translateToString(false) ?? '';
    if (line?.isWrapped) lines.push(`${lines.pop() ?? ''}${shown}`);
    else lines.push(shown);
  }
  screen.dispose();
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** The answer as words: marks of markdown are none. */
function withoutMarkup(text: string): string {
  return text
    .replace(/^ *```.*$/gm, '')
    .replace(/^\|[-|]+$/gm, '')
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, '$1 ($2)')
    .replace(/[*`#|>]/g, ' ');
}

function words(text: string): string[] {
  return text.split(/[\s│─┼]+/).filter((word) => word !== '');
}
