/** Runs a program on our own terminal or pipes, as a shell would: it gets the signals that are meant for it. It reads nothing of what it does. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { ProgramEnd } from '../base/deps.ts';

/** A program that runs. */
export interface ForegroundProgram {
  /** A signal that came to us. `isTyped`: the terminal has sent it to all of its processes, so the program has it already. */
  pass(signal: NodeJS.Signals, isTyped: boolean): void;
}

export interface ForegroundHost {
  env: Readonly<Record<string, string | undefined>>;
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
  /** null: there is no such signal. */
  numberOf(signal: string): number | null;
}

/** These would end us while the program may live on; the others have listeners. */
const passedOn: readonly NodeJS.Signals[] = ['SIGQUIT', 'SIGUSR2'];

/** Resolves when it has ended. `onStart` gets it before that, with null when it has ended. */
export function runInForeground(
  host: ForegroundHost,
  [program = '', ...words]: readonly string[],
  changes: Readonly<Record<string, string | undefined>>,
  onStart: (running: ForegroundProgram | null) => void,
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const all = Object.entries({ ...host.env, ...changes });
    const env = Object.fromEntries(all.filter(([, value]) => value !== undefined));
    let child: ChildProcess;
    try {
      child = spawn(program, words, { stdio: 'inherit', env });
    } catch (error) {
      resolve({ kind: 'not_started', code: codeOf(error) });
      return;
    }
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    const listeners = passedOn.map((signal) => [signal, () => pass(signal)] as const);
    for (const [signal, listener] of listeners) host.on(signal, listener);
    const end = (ended: ProgramEnd): void => {
      for (const [signal, listener] of listeners) host.off(signal, listener);
      onStart(null);
      resolve(ended);
    };
    child.on('error', (error) => {
      // Of a program that runs, an error says that a signal did not reach it.
      if (child.pid === undefined) end({ kind: 'not_started', code: codeOf(error) });
    });
    child.on('exit', (code, signal) =>
      end({ kind: 'ended', code, signal: signal === null ? null : host.numberOf(signal) }),
    );
    onStart({ pass: (signal, isTyped) => (isTyped ? undefined : pass(signal)) });
  });
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'unknown';
}
