/** Runs one program to its end, without a terminal, and collects what it prints. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock, CommandResult } from '../base/deps.ts';

const MAX_OUTPUT = 64 * 1024;

/** The pieces of the process that `main.ts` hands over. */
export interface Host {
  platform: string;
  /** Signal 0 only checks whether the process exists. */
  kill(pid: number, signal: NodeJS.Signals | 0): void;
  clock: Pick<Clock, 'after'>;
}

/**
 * `exitCode` is null when it could not be started, was killed, or took longer than `timeoutMs`. Rejects with the signal's
 * reason when this program is stopped. Its child processes are killed with it, and nothing that it left behind is waited for.
 */
export function runCommand(
  host: Host,
  command: string | readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const [program = '', ...rest] = typeof command === 'string' ? [command] : command;
    const child = spawn(program, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: typeof command === 'string',
      // A group of its own, so that the children of a shell can be killed with it; Windows has no such groups.
      detached: host.platform !== 'win32',
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        if (output[name].length < MAX_OUTPUT) output[name] += text;
      });
    const end = (): void => {
      stopWaiting();
      signal.removeEventListener('abort', stop);
      killGroup(child, host);
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const finish = (exitCode: number | null, more = output): void => {
      end();
      resolve({ exitCode, ...more });
    };
    const stop = (): void => {
      end();
      reject(signal.reason);
    };
    const stopWaiting = host.clock.after(timeoutMs, () => finish(null));
    signal.addEventListener('abort', stop, { once: true });
    child.on('error', (error) => finish(null, { stdout: '', stderr: error.message }));
    // 'close' waits for the pipes, which a grandchild may hold open; a moment after 'exit' is enough.
    child.on('close', (exitCode) => finish(exitCode));
    child.on('exit', (exitCode) => host.clock.after(200, () => finish(exitCode), 'background'));
  });
}

function killGroup(child: ChildProcess, host: Host): void {
  try {
    if (host.platform === 'win32' || child.pid === undefined) child.kill('SIGKILL');
    else host.kill(-child.pid, 'SIGKILL');
  } catch {
    // it is gone already
  }
}
