/** A whole outside world for one test: real files in a temporary home, everything else in memory. Nothing global is touched. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { CommandResult, Deps, Files, Output } from '../../src/base/deps.ts';
import { SignalReceived } from '../../src/base/errors.ts';
import { run } from '../../src/cli/program.ts';
import { files as realFiles } from '../../src/system/files.ts';
import { openNetwork } from '../../src/transport/network.ts';
import { type FakeClock, type FakeClockOptions, fakeClock } from './fake-clock.ts';

export interface FakeOptions {
  env?: Record<string, string>;
  /** What is piped in; absent: standard input is a terminal. 'silent': open, and nothing ever comes. */
  stdin?: string | Uint8Array | 'silent';
  /** A person sits at a terminal, which is standard input and both outputs, and types each of these once the terminal is taken. */
  atTerminal?: readonly string[];
  /** What is typed at the terminal, a chunk each; a rejection of the signal ends the wait for more. */
  typed?: readonly string[];
  stdoutIsTerminal?: boolean;
  stderrIsTerminal?: boolean;
  columns?: number;
  /** Thrown by the nth write to stdout (from 1) and all after it. */
  stdoutError?: { code: string; at: number };
  files?: Partial<Files>;
  runProgram?: Deps['runProgram'];
  loadModule?: Deps['loadModule'];
  runCommand?: (command: string | readonly string[]) => CommandResult;
  now?: () => number;
  /** When the machine was started, by the clock as it is set in this test, in ms since 1970; NaN: the system does not say. */
  bootedAt?: number;
  /** Who moves timers; the real time, unless said. */
  timers?: FakeClockOptions['timers'];
  platform?: string;
  nodeVersion?: string;
  /** Absent: the skills of this repository. */
  skillsDirectory?: string;
  /** Absent: the templates of this repository. */
  templatesDirectory?: string;
  /** Other processes that run, by number, and what tells them from others. */
  processes?: Record<number, string>;
  /** As `host_boot_container`; '' is like every other that does not say. */
  processSpace?: string;
}

export interface FakeWorld {
  deps: Deps;
  clock: FakeClock;
  home: string;
  /** What was printed. */
  out: () => string;
  err: () => string;
  /** How the terminal of standard input was switched: raw or not. */
  rawModes: boolean[];
  /** What was slept, in ms. */
  sleeps: number[];
  /** Asks the program to stop, as Ctrl-C does. */
  signal(name: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void;
  run(...argv: string[]): Promise<number>;
  /** The one JSON document on stdout. */
  json(): Record<string, unknown>;
  /** Ledger lines of all months, in order. */
  ledger(): Record<string, unknown>[];
  write(name: string, content: string | Uint8Array): string;
}

const ownTemplates = fileURLToPath(new URL('../../templates', import.meta.url));
const ownSkills = fileURLToPath(new URL('../../skills', import.meta.url));

/** The disk of this test under Windows' names: a path with backslashes means the file that it means there. */
const windowsFiles = new Proxy(realFiles, {
  get(target, name, receiver) {
    const method: unknown = Reflect.get(target, name, receiver);
    if (typeof method !== 'function') return method;
    return (...words: unknown[]) =>
      Reflect.apply(
        method,
        target,
        words.map((word) => (typeof word === 'string' ? word.replaceAll('\\', '/') : word)),
      );
  },
  ownKeys: (target) => Reflect.ownKeys(target),
});

export function fakeDeps(options: FakeOptions = {}): FakeWorld {
  const home = mkdtempSync(join(tmpdir(), 'alltoken-test-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const stop = new AbortController();
  const stdout = memoryOutput(
    options.stdoutIsTerminal ?? options.atTerminal !== undefined,
    options.columns,
    options.stdoutError,
  );
  const stderr = memoryOutput(
    options.stderrIsTerminal ?? options.atTerminal !== undefined,
    options.columns,
  );
  const clock = fakeClock({
    now: options.now ?? Date.parse('2026-11-22T12:00:00Z'),
    ...(options.bootedAt !== undefined && { bootedAt: options.bootedAt }),
    ...(options.timers && { timers: options.timers }),
  });
  let uuids = 0;
  const rawModes: boolean[] = [];
  const env = { ALLTOKEN_HOME: home, ...options.env };
  const deps: Deps = {
    env,
    platform: options.platform ?? 'linux',
    path: options.platform === 'win32' ? win32 : posix,
    homeDirectory: home,
    workingDirectory: home,
    version: '0.0.0-test',
    skillsDirectory: options.skillsDirectory ?? ownSkills,
    templatesDirectory: options.templatesDirectory ?? ownTemplates,
    nodeVersion: options.nodeVersion ?? '22.0.0',
    processId: 4711,
    processMark: (pid) => (pid === 4711 ? 'this' : (options.processes?.[pid] ?? null)),
    processSpace: () => options.processSpace ?? '',
    addresses: () => ['127.0.0.1', '::1', '192.0.2.9'],
    stdin:
      options.atTerminal === undefined
        ? memoryInput(options.stdin, options.typed, rawModes)
        : typedInput(options.atTerminal, options.columns),
    stdout: stdout.output,
    stderr: stderr.output,
    files: { ...(options.platform === 'win32' ? windowsFiles : realFiles), ...options.files },
    clock,
    keepMemoryFlat: () => {},
    secrets: new Set(),
    freeBuffers: () => {},
    random: () => 0.5,
    uuid: () => {
      uuids += 1;
      return `00000000-0000-4000-8000-${String(uuids).padStart(12, '0')}`;
    },
    openNetwork: (network) => openNetwork({ env, clock: deps.clock }, network),
    runProgram: async (command, variables) =>
      (await options.runProgram?.(command, variables)) ?? { kind: 'not_started', code: 'ENOENT' },
    loadModule: async (file, variables) => {
      if (options.loadModule === undefined) throw new Error('no such module');
      return options.loadModule(file, variables);
    },
    runCommand: async (command) =>
      options.runCommand?.(command) ?? { exitCode: 127, stdout: '', stderr: 'no such program' },
    signal: stop.signal,
  };
  const argvRun = (...argv: string[]): Promise<number> => run(argv, deps);
  return {
    deps,
    home,
    out: stdout.text,
    err: stderr.text,
    clock,
    rawModes,
    sleeps: clock.sleeps,
    signal: (name) => stop.abort(new SignalReceived(name)),
    run: argvRun,
    json: () => JSON.parse(stdout.text()) as Record<string, unknown>,
    ledger: () => readLedger(home),
    write: (name, content) => {
      const path = join(home, name);
      writeFileSync(path, content);
      return path;
    },
  };
}

function memoryOutput(
  isTerminal: boolean,
  columns: number | undefined,
  failure?: { code: string; at: number },
): { output: Output; text: () => string } {
  let text = '';
  let writes = 0;
  return {
    text: () => text,
    output: {
      isTerminal,
      columns: isTerminal ? (columns ?? 80) : undefined,
      async write(more) {
        writes += 1;
        if (failure && writes >= failure.at)
          throw Object.assign(new Error(failure.code), { code: failure.code });
        text += typeof more === 'string' ? more : Buffer.from(more).toString('latin1');
      },
    },
  };
}

function memoryInput(
  stdin: FakeOptions['stdin'],
  typed: FakeOptions['typed'],
  rawModes: boolean[],
): Deps['stdin'] {
  return {
    isTerminal: stdin === undefined,
    ...(stdin === undefined ? { setRaw: (on: boolean) => void rawModes.push(on) } : {}),
    async *chunks() {
      for (const keys of typed ?? []) yield Buffer.from(keys);
      if (typed !== undefined) await new Promise(() => {});
      if (stdin === 'silent') await new Promise(() => {});
      else if (stdin !== undefined && stdin.length > 0)
        yield typeof stdin === 'string' ? Buffer.from(stdin) : stdin;
    },
  };
}

function typedInput(typed: readonly string[], columns = 80): Deps['stdin'] {
  return {
    ...memoryInput(undefined, undefined, []),
    takeTerminal(use) {
      let isOurs = true;
      void (async () => {
        for (const chunk of typed) {
          await new Promise<void>((resolve) => setImmediate(resolve));
          if (isOurs) use.onBytes(Buffer.from(chunk));
        }
      })();
      return {
        columns,
        rows: 24,
        suspend: () => {},
        edit: async () => 0,
        giveBack: () => {
          isOurs = false;
        },
      };
    },
  };
}

function readLedger(home: string): Record<string, unknown>[] {
  const directory = join(home, 'ledger');
  let names: string[] = [];
  try {
    names = readdirSync(directory).sort();
  } catch {
    return [];
  }
  return names
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
