/** Runs the built executable as a real process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const executable = join(root, 'bin/alltoken.js');

/** Shared by all processes of all tests: a third of their CPU. */
export const compileCache = join(root, 'node_modules/.cache/compiled');

export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  done: Promise<Finished>;
  /** Resolves when stdout (or stderr) holds the text; rejects when the process ends without it. */
  shows(text: string): Promise<void>;
  /** What is on stdout until now. */
  printed(): string;
}

export interface RunOptions {
  env?: Record<string, string>;
  /** Written to standard input, which is then closed; absent: /dev/null. */
  input?: string;
  home?: string;
  script?: string;
  cwd?: string;
  /** A program, with its arguments, that starts it. */
  within?: readonly string[];
  stdout?: 'pipe' | number;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'alltoken-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts it; it is killed with the test at the latest. */
export function start(argv: readonly string[], options: RunOptions = {}): Running {
  const { within = [], script = executable } = options;
  const [program = '', ...words] = [...within, process.execPath, script, ...argv];
  const child = spawn(program, words, {
    cwd: options.cwd ?? root,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: tmpdir(),
      ALLTOKEN_HOME: options.home ?? temporaryFolder(),
      // Most tests have a new home, and the program is the same.
      ALLTOKEN_COMPILE_CACHE: compileCache,
      ...options.env,
    },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', options.stdout ?? 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    child.emit('shown');
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    child.emit('shown');
  });
  if (options.input !== undefined) child.stdin?.end(options.input);
  const done = new Promise<Finished>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return {
    child,
    done,
    printed: () => stdout,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (stdout.includes(text) || stderr.includes(text)) resolve();
        };
        child.on('shown', look);
        look();
        void done.then(() =>
          reject(new Error(`ended without ${JSON.stringify(text)}: ${stdout}${stderr}`)),
        );
      }),
  };
}

export function runExecutable(
  argv: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  return start(argv, options).done;
}
