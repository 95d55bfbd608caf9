/** The built executable on a pseudo terminal, and the screen that a person would see. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import unicode from '@xterm/addon-unicode11';
import xterm from '@xterm/headless';
import { onTestFinished } from 'vitest';
import { compileCache, root, temporaryFolder } from './executable.ts';

export interface Session {
  /** Types these characters. */
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** Lines of scrollback and screen, wraps joined, without blank ends. */
  lines(): string[];
  /** Where the cursor is: its column, and the text of its line up to there. */
  cursor(): { column: number; before: string };
  /** Resolves once the screen shows the text so often; fails with the screen when it does not in 20 s. */
  shows(text: string | RegExp, times?: number): Promise<void>;
  /** All bytes that came. */
  raw(): string;
  kill(signal: string): void;
  readonly pid: number;
  ended: Promise<{ code: number; signal: number }>;
  home: string;
}

export interface SessionOptions {
  columns?: number;
  rows?: number;
  env?: Record<string, string>;
  home?: string;
  /** A program that starts the executable, with its arguments. */
  within?: readonly string[];
  /** Another program than the executable; `argv` are its arguments. */
  program?: string;
  cwd?: string;
}

const pty = await import('@lydell/node-pty').catch(() => null);
/** There is a pseudo terminal for tests on this machine. */
export const hasPty = pty !== null && process.platform === 'linux';

export function startOnTerminal(argv: readonly string[], options: SessionOptions = {}): Session {
  if (pty === null) throw new Error('no pseudo terminal here');
  const { columns = 80, rows = 24, home = temporaryFolder(), within = [] } = options;
  const own = [process.execPath, join(root, 'bin/alltoken.js')];
  const started = options.program === undefined ? own : [options.program];
  const words = [...within, ...started, ...argv];
  const child = pty.spawn(words[0] ?? '', words.slice(1), {
    name: options.env?.TERM ?? 'xterm-256color',
    cols: columns,
    rows,
    cwd: options.cwd ?? root,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: tmpdir(),
      TERM: 'xterm-256color',
      NO_COLOR: '1',
      ALLTOKEN_HOME: home,
      ALLTOKEN_GATEWAY: 'sandbox',
      ALLTOKEN_COMPILE_CACHE: compileCache,
      ...options.env,
    },
  });
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    scrollback: 20_000,
    allowProposedApi: true,
  });
  terminal.loadAddon(new unicode.Unicode11Addon());
  // Emoji are two columns wide, as in terminals of this decade.
  terminal.unicode.activeVersion = '11';
  let raw = '';
  let hasEnded = false;
  let watchers: (() => void)[] = [];
  const changed = (): void => {
    const now = watchers;
    watchers = [];
    for (const watch of now) watch();
  };
  child.onData((data) => {
    raw += data;
    terminal.write(data, changed);
  });
  const ended = new Promise<{ code: number; signal: number }>((resolve) =>
    child.onExit(({ exitCode, signal }) => {
      hasEnded = true;
      resolve({ code: exitCode, signal: signal ?? 0 });
      changed();
    }),
  );
  onTestFinished(() => {
    if (!hasEnded) child.kill('SIGKILL');
    terminal.dispose();
  });

  function lines(): string[] {
    const { active } = terminal.buffer;
    const found: string[] = [];
    for (let row = 0; row < active.length; row += 1) {
      const line = active.getLine(row);
      if (line === undefined) continue;
      const isContinued = active.getLine(row + 1)?.isWrapped === true;
      const text = line.translateToString(!isContinued);
      if (line.isWrapped) found.push((found.pop() ?? '') + text);
      else found.push(text);
    }
    while (found.at(-1)?.trim() === '') found.pop();
    return found.map((line) => line.trimEnd());
  }

  return {
    type: (text) => child.write(text),
    resize(newColumns, newRows) {
      terminal.resize(newColumns, newRows);
      child.resize(newColumns, newRows);
    },
    lines,
    cursor() {
      const { active } = terminal.buffer;
      const row = active.baseY + active.cursorY;
      const line = active.getLine(row);
      return {
        column: active.cursorX,
        before: line?.translateToString(false, 0, active.cursorX) ?? '',
      };
    },
    async shows(text, times = 1) {
      const count = (): number => {
        const all = lines().join('\n');
        return typeof text === 'string'
          ? all.split(text).length - 1
          : [...all.matchAll(new RegExp(text, 'gm'))].length;
      };
      const end = AbortSignal.timeout(20_000);
      const late = new Promise<void>((resolve) =>
        end.addEventListener('abort', () => resolve(), { once: true }),
      );
      while (count() < times) {
        if (end.aborted)
          throw new Error(`never ${times} × ${String(text)} on the screen:\n${lines().join('\n')}`);
        const change = new Promise<void>((resolve) => watchers.push(resolve));
        await Promise.race([change, late]);
      }
    },
    raw: () => raw,
    kill: (signal) => child.kill(signal),
    pid: child.pid,
    ended,
    home,
  };
}
