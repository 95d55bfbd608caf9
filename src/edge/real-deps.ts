/** The edge: makes real `Deps` of this process, for the command line and for the library. It starts nothing, and listens for no signal. */

import path from 'node:path';
import type { Deps, Input, Output, Send } from '../base/deps.ts';
import { innerDeps, noInput } from '../base/inner-deps.ts';
import { appenderOf } from '../system/append-together.ts';
import type { Host } from '../system/command.ts';
import { openFileOutput } from '../system/file-output.ts';
import { files, readerOf } from '../system/files.ts';
import type { ForegroundHost, ForegroundProgram } from '../system/foreground.ts';
import { processMark, processSpace } from '../system/processes.ts';
import { type HeldTerminal, holdTerminal } from '../system/terminal.ts';
import { openNetwork } from '../transport/network.ts';
import { clock } from './clock.ts';

/** Put in by the build. */
declare const ALLTOKEN_VERSION: string;

/** What is different where the process is ours. */
interface Own {
  /** Aborted, with a `SignalReceived` as reason, when the user or the system stops us. */
  signal: AbortSignal;
  /** Absolute path of the skills in the package. */
  skillsDirectory: string;
  /** Gets each program that is started in the foreground, and null when it has ended. */
  onProgram(program: ForegroundProgram | null): void;
  /** Absolute path of the templates in the package. */
  templatesDirectory: string;
  /** `import()` of a file URL. */
  importModule(address: string): Promise<unknown>;
  /** Gets each terminal that is taken, so that it can be given back however the process ends. */
  onTerminal(held: HeldTerminal): void;
}

/** For a process that is ours alone: its streams, and what may be set for all of it. */
export function realDeps({
  signal,
  skillsDirectory,
  templatesDirectory,
  importModule,
  onProgram,
  onTerminal,
}: Own): Deps {
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
    addresses: () =>
      Object.values(process.getBuiltinModule('node:os').networkInterfaces()).flatMap((all) =>
        (all ?? []).map(({ address }) => address),
      ),
    processSpace: () =>
      processSpace({ ...host, hostname: process.getBuiltinModule('node:os').hostname }),
    // Getters: opening a standard stream costs time, and may be for nothing.
    get stdin() {
      return inputFrom(process.stdin, onTerminal);
    },
    get stdout() {
      return stdout();
    },
    get stderr() {
      return stderr();
    },
    files: { ...files, read: readerOf(clock), appendLine: appenderOf(clock) },
    clock,
    keepMemoryFlat,
    secrets: new Set(),
    freeBuffers,
    random: () => Math.random(),
    uuid,
    openNetwork: (options) => openNetwork({ env: process.env, clock }, options),
    runCommand: async (command, timeoutMs) =>
      (await import('../system/command.ts')).runCommand(host, command, timeoutMs, signal),
    runProgram: async (command, variables) =>
      (await import('../system/foreground.ts')).runInForeground(
        foregroundHost,
        command,
        variables,
        onProgram,
      ),
    loadModule: async (file, variables) => {
      setVariables(variables);
      return importModule(process.getBuiltinModule('node:url').pathToFileURL(file).href);
    },
    signal,
  };
}

/**
 * For a process that belongs to somebody else, who has imported us: its streams are not touched, no V8 flag of it is
 * changed, and nothing stops us but the signals of single calls.
 */
export function guestDeps(): Deps {
  const own = realDeps({
    signal: new AbortController().signal,
    // No call of the library reads one.
    skillsDirectory: '',
    onProgram: () => {},
    templatesDirectory: '',
    importModule: () => Promise.reject(new Error('no call of the library loads one')),
    onTerminal: () => {},
  });
  const networks = new Map<string, Promise<Send>>();
  return innerDeps(own, {
    // One pool of connections for all calls with the same limits.
    openNetwork: (options) => {
      const name = JSON.stringify(options);
      const open = networks.get(name) ?? own.openNetwork(options);
      if (networks.size < MAX_NETWORKS) networks.set(name, open);
      return open;
    },
    stdin: noInput,
    stdout: nowhere,
    stderr: nowhere,
    // Here it makes one for each step, and loads what makes them fast once.
    uuid: () => process.getBuiltinModule('node:crypto').randomUUID(),
    keepMemoryFlat: () => {},
    freeBuffers: () => {},
  });
}

/** Pools of connections that are kept. */
const MAX_NETWORKS = 16;

const nowhere: Output = { isTerminal: false, columns: undefined, write: async () => {} };

const host: Host = {
  platform: process.platform,
  kill: (pid, name) => void process.kill(pid, name),
  clock,
};

const foregroundHost: ForegroundHost = {
  env: process.env,
  on: (signal, listener) => process.on(signal, listener),
  off: (signal, listener) => process.off(signal, listener),
  numberOf(signal) {
    const { signals } = process.getBuiltinModule('node:os').constants;
    return Object.entries(signals).find(([name]) => name === signal)?.[1] ?? null;
  },
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

function inputFrom(stream: NodeJS.ReadStream, onTerminal: Own['onTerminal']): Input {
  return {
    ...(stream.isTTY && {
      takeTerminal: (use) => {
        const held = holdTerminal({ host: process, stdin: stream, stdout: process.stdout }, use);
        onTerminal(held);
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

/** A process that needs more of them than these needs `node:crypto`, which makes each for a hundredth of the price. */
const FIRST_UUIDS = 8;
let uuids = 0;

/** Version 4. The first ones straight from the system, since `node:crypto` takes 4 ms to load; elsewhere than on a POSIX system from there. */
function uuid(): string {
  uuids += 1;
  if (uuids > FIRST_UUIDS) return process.getBuiltinModule('node:crypto').randomUUID();
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

/** For all of this process: modules of the user read them, too. */
function setVariables(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
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
