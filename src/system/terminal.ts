/** Holds the terminal of this process: its modes, its keys and its size. It gives the terminal back however the process ends, SIGKILL aside, and reads no meaning into a key. */
import type { TakenTerminal, TerminalUse } from '../base/deps.ts';

/** The pieces of the process that `main.ts` hands over. */
interface TerminalStreams {
  host: Pick<NodeJS.Process, 'platform' | 'pid' | 'kill' | 'on' | 'removeListener'>;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
}

export interface HeldTerminal extends TakenTerminal {
  /** SIGINT was sent; false when the terminal is given back, and the signal means what it means elsewhere. */
  interrupt(): boolean;
}

export function holdTerminal(
  { host, stdin, stdout }: TerminalStreams,
  use: TerminalUse,
): HeldTerminal {
  /** `lent`: to an editor. */
  let state: 'ours' | 'lent' | 'given back' = 'ours';
  const canSuspend = host.platform !== 'win32';

  const onData = (bytes: Uint8Array): void => use.onBytes(bytes);
  const onEnd = (): void => use.onEnd();
  const onResize = (): void => use.onResize();

  function begin(): void {
    if (use.raw) {
      // A shell may have set other modes meanwhile, and Node does nothing where it thinks that it is raw already.
      stdin.setRawMode(false);
      stdin.setRawMode(true);
    }
    if (use.modes.on !== '') stdout.write(use.modes.on);
    stdin.resume();
  }

  function restore(): void {
    if (use.modes.off !== '') stdout.write(use.modes.off);
    // A terminal that is gone cannot be set, and need not be.
    if (use.raw && !stdin.destroyed) stdin.setRawMode(false);
  }

  function end(): void {
    stdin.pause();
    restore();
  }

  function suspend(): void {
    if (!canSuspend) return;
    host.removeListener('SIGTSTP', suspend);
    // Standard input stays open: with nothing to wait for, the process would end when it goes on.
    if (state === 'ours') restore();
    // The group, as the terminal itself does it: a script that waits for us would keep the shell waiting. An editor has done it.
    host.kill(state === 'lent' ? host.pid : 0, 'SIGTSTP');
  }

  function resume(): void {
    host.removeListener('SIGTSTP', suspend);
    host.on('SIGTSTP', suspend);
    if (state !== 'ours') return;
    begin();
    use.onResume();
  }

  function giveBack(): void {
    if (state === 'given back') return;
    if (state === 'ours') end();
    state = 'given back';
    stdin.removeListener('data', onData);
    stdin.removeListener('end', onEnd);
    stdin.removeListener('error', onEnd);
    stdout.removeListener('resize', onResize);
    host.removeListener('SIGTSTP', suspend);
    host.removeListener('SIGCONT', resume);
    host.removeListener('exit', giveBack);
  }

  stdin.on('data', onData);
  stdin.on('end', onEnd);
  // A terminal that was closed: EIO.
  stdin.on('error', onEnd);
  stdout.on('resize', onResize);
  host.on('exit', giveBack);
  if (canSuspend) {
    host.on('SIGTSTP', suspend);
    host.on('SIGCONT', resume);
  }
  begin();

  return {
    get columns() {
      return stdout.columns > 0 ? stdout.columns : 80;
    },
    get rows() {
      return stdout.rows > 0 ? stdout.rows : 24;
    },
    suspend,
    giveBack,
    interrupt() {
      // What is typed in an editor is for the editor.
      if (state === 'ours') use.onInterrupt();
      return state !== 'given back';
    },
    async edit(command, file) {
      end();
      state = 'lent';
      const code = await inForeground(command, file, canSuspend);
      state = 'ours';
      begin();
      return code;
    },
  };
}

async function inForeground(
  command: string,
  file: string,
  isPosix: boolean,
): Promise<number | null> {
  // Not at the top: every start would load it, for milliseconds.
  const { spawn } = await import('node:child_process');
  return new Promise((resolve) => {
    // The words of the variable are the shell's to read, the file name is not.
    const child = isPosix
      ? spawn('/bin/sh', ['-c', `${command} "$@"`, command, file], { stdio: 'inherit' })
      : spawn(`${command} "${file}"`, { stdio: 'inherit', shell: true });
    child.on('error', () => resolve(null));
    child.on('exit', (code) => resolve(code));
  });
}
