import xterm from '@xterm/headless';
import { describe, expect, test } from 'vitest';
import { KeyReader } from '../../../src/frontends/conversation/keys.ts';
import { LineEditor } from '../../../src/frontends/conversation/line-editor.ts';
import type { Entry } from '../../../src/frontends/conversation/prompter.ts';
import { fakeClock } from '../../helpers/fake-clock.ts';

const paste = (text: string): string => `\u001b[200~${text}\u001b[201~`;
const LEFT = '\u001b[D';
const UP = '\u001b[A';
const BACKSPACE = '\u007f';

function editor({
  history = [] as string[],
  columns = 60,
  rows = 20,
  edited = null as string | null,
  commands = ['/model ', '/more '],
} = {}) {
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    allowProposedApi: true,
    convertEol: true,
  });
  const seen = { interrupts: 0, suspensions: 0, given: '' };
  const clock = fakeClock({ timers: 'by hand' });
  const line = new LineEditor({
    size: () => ({ columns, rows }),
    write: (text) => terminal.write(text),
    history,
    remember: (text) => void history.unshift(text),
    complete: async (text) => [commands.filter((name) => name.startsWith(text)), text],
    onInterrupt: () => {
      seen.interrupts += 1;
    },
    suspend: () => {
      seen.suspensions += 1;
    },
    endsOnControlZ: false,
    clock,
    edit: async (text) => {
      seen.given = text;
      return edited;
    },
  });
  const keys = new KeyReader((key) => line.key(key), clock);
  const type = (...chunks: string[]): void => {
    for (const chunk of chunks) keys.feed(Buffer.from(chunk));
  };
  return {
    line,
    type,
    seen,
    /** Reads one entry while these chunks are typed. */
    async read(...chunks: string[]): Promise<Entry> {
      const entry = line.read();
      type(...chunks);
      return entry;
    },
    async screen(): Promise<string[]> {
      await new Promise<void>((resolve) => terminal.write('', resolve));
      const { active } = terminal.buffer;
      const lines = Array.from(
        { length: active.length },
        (_, row) => active.getLine(row)?.translateToString(true) ?? '',
      );
      while (lines.at(-1) === '') lines.pop();
      return lines;
    },
  };
}

const message = (text: string, literal = false): Entry => ({ kind: 'message', text, literal });

describe('the line of a conversation', () => {
  test.each<[string, string[], Entry]>([
    ['a line', ['Hi', '\r'], message('Hi')],
    ['Ctrl-J', ['a', '\n', 'b', '\r'], message('a\nb')],
    ['Alt+Enter', ['a', '\u001b\r', 'b', '\r'], message('a\nb')],
    ['Ctrl-J in mid-line', ['ab', LEFT, '\n', 'x', '\r'], message('a\nxb')],
    ['a backslash at the end', ['a\\', '\r', 'b', '\r'], message('a\nb')],
    ['two backslashes at the end', ['a\\\\', '\r'], message('a\\\\')],
    ['quotes', ['"""', '\r', ' /a', '\r', '"""', '\r'], message(' /a', true)],
    ['quotes in one line', ['"""/x"""', '\r'], message('/x', true)],
    ['quotes for a command', ['/system """a', '\r', 'b"""', '\r'], message('/system a\nb')],
    ['a paste in mid-line', ['ab', LEFT, paste('1\r2'), '\r'], message('a1\n2b')],
    [
      'a paste of several lines is text',
      [paste('/quit\r/new'), '\r'],
      message('/quit\n/new', true),
    ],
    ['a paste of one line may be a command', [paste('/quit'), '\r'], message('/quit')],
    ['a paste that ends with a backslash', [paste('a\\'), '\r'], message('a\\')],
    ['a paste that ends with a line end', [paste('a\r'), '\r'], message('a\n', true)],
    [
      'control characters in a paste',
      [paste('a\u001b[31mb\u0003'), '\r'],
      message('a\u001b[31mb\u0003'),
    ],
    [
      'the characters that stand for others',
      [paste('\ue00a\ue00b\ue00c'), '\r'],
      message('\ue00a\ue00b\ue00c'),
    ],
    ['Backspace at the begin of a line', ['ab', '\n', BACKSPACE, 'c', '\r'], message('abc')],
    ['Ctrl-D', ['\u0004'], { kind: 'end' }],
    ['Ctrl-D deletes in a line', ['ab', LEFT, '\u0004', '\r'], message('a')],
    ['Ctrl-C on an empty line', ['\u0003'], { kind: 'interrupt' }],
    ['Ctrl-C on a line', ['ab', '\n', 'c', '\u0003', 'd', '\r'], message('d')],
  ])('%s', async (_name, chunks, wanted) => {
    expect(await editor().read(...chunks)).toEqual(wanted);
  });

  test('long pastes are labels, which go as a whole', async () => {
    const long = Array.from({ length: 30 }, (_, index) => `line ${index}`).join('\n');
    const { read, type, screen, line } = editor();
    const entry = line.read();
    type('a', paste(long), paste(long), 'b');
    expect(await screen()).toEqual(['> a[pasted 30 lines][pasted 30 lines #2]b']);
    type(LEFT, BACKSPACE);
    expect(await screen()).toEqual(['> a[pasted 30 lines]b']);
    // Over the label in one step, and a word's end does not break it.
    type(LEFT, 'c', '\r');
    expect(await entry).toEqual(message(`ac${long}b`));
    expect(await read(paste(long), '\u0017', 'gone', '\r')).toEqual(message('gone'));
  });

  test('a line that is taller than the window becomes a label', async () => {
    const { type, screen, line } = editor({ columns: 20, rows: 8 });
    const entry = line.read();
    const words = Array.from({ length: 40 }, (_, index) => `word${index} `);
    type(...words, '\r');
    expect(await entry).toEqual(message(words.join('')));
    expect((await screen()).length).toBeLessThan(8);
  });

  test('what is typed while nobody reads is on the next line, and not sent', async () => {
    const { type, screen, line } = editor();
    type('one', '\r', 'two', '\r');
    const entry = line.read();
    expect(await screen()).toEqual(['> one', '… two']);
    type('\r');
    expect(await entry).toEqual(message('one\ntwo'));
  });

  test('Ctrl-C while nobody reads stops, and drops what was typed ahead', async () => {
    const { type, seen, read } = editor();
    type('one', '\u0003', '\u001a');
    expect(seen).toMatchObject({ interrupts: 1, suspensions: 1 });
    expect(await read('two', '\r')).toEqual(message('two'));
  });

  test('the history has whole messages, newest first, and what was begun', async () => {
    const history = ['a\nb', 'old'];
    const { read } = editor({ history });
    expect(await read(UP, '!', '\r')).toEqual(message('a\nb!'));
    expect(await read(UP, UP, UP, '\r')).toEqual(message('old'));
    expect(history[0]).toBe('old');
  });

  test('Ctrl-R finds, goes further back, and sends nothing by itself', async () => {
    const { line, type, screen } = editor({ history: ['blue sky', 'red sky', 'sea'] });
    const entry = line.read();
    type('begun', '\u0012', 'sky');
    expect((await screen()).at(-1)).toBe('(history) sky: blue sky');
    type('\u0012');
    expect((await screen()).at(-1)).toBe('(history) sky: red sky');
    type('\u0007');
    expect((await screen()).at(-1)).toBe('> begun');
    type('\u0012', 'red', '\r');
    expect((await screen()).at(-1)).toBe('> red sky');
    type('\r');
    expect(await entry).toEqual(message('red sky'));
  });

  test('Ctrl-X Ctrl-E takes the whole message to an editor and back', async () => {
    const { read, seen } = editor({ edited: 'one\ntwo' });
    const entry = read('a', '\n', 'b', '\u0018', '\u0005');
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(seen.given).toBe('a\nb');
    expect(await Promise.race([entry, 'open'])).toBe('open');
  });

  test('Tab completes', async () => {
    const { line, type } = editor();
    const entry = line.read();
    type('/mod', '\t');
    await new Promise<void>((resolve) => setImmediate(resolve));
    type('x', '\r');
    expect(await entry).toEqual(message('/model x'));
  });

  test.each([
    ['/a\u001b]0;taken\u0007b'],
    ['/a\u001b[2Jb'],
    ['/a\nb'],
    ['/a\tb'],
    ['/a\u009b2J'],
    ['/a\u202eb'],
    ['/a\ue00bb\ue00c'],
  ])('Tab offers no name that would move the cursor: %j', async (name) => {
    const { line, type, screen } = editor({ commands: [name, `${name}c`] });
    const entry = line.read();
    type('/a', '\t', '\t');
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(await screen()).toEqual(['> /a']);
    type('\r');
    expect(await entry).toEqual(message('/a'));
  });

  test('an end ends a read that is going on, and every later one', async () => {
    const { line } = editor();
    const entry = line.read();
    line.end();
    expect(await entry).toEqual({ kind: 'end' });
    expect(await line.read()).toEqual({ kind: 'end' });
  });
});
