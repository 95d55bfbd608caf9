/** The edge: makes real dependencies of the process, runs the program, and ends the process the way a shell expects. Only this file touches `process`. */

import path from 'node:path';
import type { Clock, Deps, Input, Output } from './base/deps.ts';
import { exitCodes, SignalReceived } from './base/errors.ts';
import { run } from './cli/program.ts';
import type { Host } from './system/command.ts';
import { openFileOutput } from './system/file-output.ts';
import { files } from './system/files.ts';
import { processMark, processSpace } from './system/processes.ts';
import { type HeldTerminal, holdTerminal } from './system/terminal.ts';
import { openNetwork } from './transport/network.ts';

/** Put in by the build. */
declare const ALLTOKEN_VERSION: string;

/** What the script that starts us knows. */
interface Start {
  /** Absolute path of the skills in the package. */
  skillsDirectory: string;
  /** Absolute path of the templates in the package. */
  templatesDirectory: string;
}

/** `argv` without node and script; ends the process. */
export async function main(argv: readonly string[], start: Start): Promise<void> {
  const stop = new AbortController();
  listenForSignals(stop);
  const code = await run(argv, realDeps(stop.signal, start));
  // At a raw prompt Ctrl-C is a key, and no signal came.
  const reason: unknown =
    code === exitCodes.sigint.code ? new SignalReceived('SIGINT') : stop.signal.reason;
  if (reason instanceof SignalReceived && code === exitCodes[reason.exit].code) raise(reason);
  // Ctrl-C was typed in a conversation: no signal was sent.
  else if (code === exitCodes.sigint.code) raise(new SignalReceived('SIGINT'));
  // Every write was awaited, so nothing is cut; an open connection or a silent stdin must not keep us.
  else process.exit(code);
}

function realDeps(signal: AbortSignal, { skillsDirectory, templatesDirectory }: Start): Deps {
  const stdout = onFirstUse(() => openFileOutput(1) ?? outputTo(process.stdout, signal));
  const stderr = onFirstUse(() => openFileOutput(2) ?? outputTo(process.stderr, signal));
  return {
    env: process.env,
    platform: process.platform,
    path,
    get homeDirectory() {
      return homeDirectory();
    },
    workingDirectory: workingDirectory(),
    version: ALLTOKEN_VERSION,
    skillsDirectory,
    templatesDirectory,
    nodeVersion: process.versions.node,
    processId: process.pid,
    processMark: (pid) => processMark(pid, host),
    processSpace: () =>
      processSpace({ ...host, hostname: process.getBuiltinModule('node:os').hostname }),
    // Getters: opening a standard stream costs time, and may be for nothing.
    get stdin() {
      return inputFrom(process.stdin);
    },
    get stdout() {
      return stdout();
    },
    get stderr() {
      return stderr();
    },
    files,
    clock,
    keepMemoryFlat,
    freeBuffers,
    random: () => Math.random(),
    uuid,
    openNetwork: (options) => openNetwork({ env: process.env, clock }, options),
    runCommand: async (command, timeoutMs) =>
      (await import('./system/command.ts')).runCommand(host, command, timeoutMs, signal),
    signal,
  };
}

export const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep,
  after,
};

const host: Host = {
  platform: process.platform,
  kill: (pid, name) => void process.kill(pid, name),
  clock,
};

function onFirstUse<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** V8 doubles the heap for new objects while many of them live on; it need not, and the pages are never given back. */
const smallYoungHeap = '--semi-space-growth-factor=1';

function keepMemoryFlat(): void {
  process.getBuiltinModule('node:v8').setFlagsFromString(smallYoungHeap);
}

/** A gigabyte comes in pieces of 64 KB, each in a buffer of its own; V8 lets 30 MB of them pile up before it looks. */
const freeBuffers = ((): (() => void) => {
  type Collect = (options: { type: 'minor' }) => void;
  let collect: Collect | null | undefined;
  return () => {
    if (collect === undefined) {
      process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc');
      const found: unknown = process.getBuiltinModule('node:vm').runInNewContext('gc');
      collect = typeof found === 'function' ? (found as Collect) : null;
    }
    collect?.({ type: 'minor' });
  };
})();

/** How long a write that nobody takes may hold us up once we are asked to stop, in ms. */
const LAST_WRITE_MS = 250;

function outputTo(stream: NodeJS.WriteStream, signal: AbortSignal): Output {
  // Each write reports its own error; without a listener the stream would throw it a second time.
  stream.on('error', () => {});
  return {
    isTerminal: stream.isTTY === true,
    get columns() {
      // Some pseudo terminals say 0: their width is not known.
      return stream.isTTY && stream.columns > 0 ? stream.columns : undefined;
    },
    write: (data) =>
      new Promise((resolve, reject) => {
        let timer: NodeJS.Timeout | undefined;
        const giveUpSoon = (): void => {
          timer = setTimeout(() => reject(signal.reason), LAST_WRITE_MS);
        };
        if (signal.aborted) giveUpSoon();
        else signal.addEventListener('abort', giveUpSoon, { once: true });
        stream.write(data, (error) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUpSoon);
          if (error) reject(error);
          else resolve();
        });
      }),
    ...(stream.isTTY ? { terminal: stream } : {}),
  };
}

/** The terminal of a conversation; null where there is none. */
let held: HeldTerminal | null = null;

function inputFrom(stream: NodeJS.ReadStream): Input {
  return {
    ...(stream.isTTY && {
      takeTerminal: (use) => {
        held = holdTerminal({ host: process, stdin: stream, stdout: process.stdout }, use);
        return held;
      },
    }),
    isTerminal: stream.isTTY === true,
    async *chunks() {
      try {
        for await (const chunk of stream) yield chunk as Uint8Array;
      } finally {
        stream.destroy();
      }
    },
    ...(stream.isTTY ? { setRaw: (on: boolean) => void stream.setRawMode(on) } : {}),
  };
}

/** The longest wait of a timer: above this one fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function after(milliseconds: number, work: () => void, kind?: 'background'): () => void {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    timer =
      left > LONGEST_TIMER_MS
        ? setTimeout(() => wait(left - LONGEST_TIMER_MS), LONGEST_TIMER_MS)
        : setTimeout(work, left);
    if (kind === 'background') timer.unref();
  };
  wait(milliseconds);
  return () => clearTimeout(timer);
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      cancel();
      reject(signal.reason);
    };
    const end = (): void => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    const cancel = milliseconds === 0 ? nextTurn(end) : after(milliseconds, end);
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
}

function nextTurn(work: () => void): () => void {
  const turn = setImmediate(work);
  return () => clearImmediate(turn);
}

/** The first signal lets the command finish its books; a second one ends it at once. */
function listenForSignals(stop: AbortController): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      const received = new SignalReceived(name);
      if (name === 'SIGINT' && held?.interrupt()) return;
      if (stop.signal.aborted) raise(received);
      else stop.abort(received);
    });
  }
}

/** Ends by the signal itself, so that a loop in a shell stops too; where that cannot be, by its code. */
function raise(received: SignalReceived): void {
  held?.giveBack();
  process.removeAllListeners(received.signalName);
  process.exitCode = exitCodes[received.exit].code;
  if (process.platform === 'win32') process.exit();
  process.kill(process.pid, received.signalName);
  // The signal comes with the next turn of the loop; should it be blocked, the code speaks.
  setTimeout(() => process.exit(), 1000);
}

/** Version 4. Straight from the system, since `node:crypto` takes 4 ms to load; elsewhere than on a POSIX system from there. */
function uuid(): string {
  const { closeSync, openSync, readSync } = process.getBuiltinModule('node:fs');
  const bytes = Buffer.alloc(16);
  try {
    const file = openSync('/dev/urandom', 'r');
    const count = readSync(file, bytes);
    closeSync(file);
    if (count < bytes.length) throw new RangeError('too few random bytes');
  } catch {
    return process.getBuiltinModule('node:crypto').randomUUID();
  }
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** '' where the system knows none. */
function homeDirectory(): string {
  try {
    return process.getBuiltinModule('node:os').homedir();
  } catch {
    return '';
  }
}

/** '/' when the directory was removed under us: only relative paths of flags then fail, with their own message. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}
