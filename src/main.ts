/** The entry of the command line: runs the program on the real dependencies, and ends the process the way a shell expects. */

import { exitCodes, SignalReceived } from './base/errors.ts';
import { run } from './cli/program.ts';
import { realDeps } from './edge/real-deps.ts';
import type { ForegroundProgram } from './system/foreground.ts';
import type { HeldTerminal } from './system/terminal.ts';

/** What the script that starts us knows. */
interface Start {
  /** Absolute path of the skills in the package. */
  skillsDirectory: string;
  /** Absolute path of the templates in the package. */
  templatesDirectory: string;
  /** `import()` of a file URL. */
  importModule: (address: string) => Promise<unknown>;
}

/** The terminal of a conversation; null where there is none. */
let held: HeldTerminal | null = null;

/** The program that runs in the foreground; null where there is none. */
let program: ForegroundProgram | null = null;

/** `argv` without node and script; ends the process. */
export async function main(argv: readonly string[], start: Start): Promise<void> {
  const stop = new AbortController();
  listenForSignals(stop);
  process.once('beforeExit', failUnfinished);
  const code = await run(
    argv,
    realDeps({
      signal: stop.signal,
      skillsDirectory: start.skillsDirectory,
      onProgram: (running) => {
        program = running;
      },
      templatesDirectory: start.templatesDirectory,
      importModule: start.importModule,
      onTerminal: (terminal) => {
        held = terminal;
      },
    }),
  );
  // At a raw prompt Ctrl-C is a key, and no signal came.
  const reason: unknown =
    code === exitCodes.sigint.code ? new SignalReceived('SIGINT') : stop.signal.reason;
  if (reason instanceof SignalReceived && code === exitCodes[reason.exit].code) raise(reason);
  // Ctrl-C was typed in a conversation: no signal was sent.
  else if (code === exitCodes.sigint.code) raise(new SignalReceived('SIGINT'));
  // Every write was awaited, so nothing is cut; an open connection or a silent stdin must not keep us.
  else process.exit(code);
}

/** A command whose next step nobody will ever take leaves an empty loop, and Node would end with 0, as if all were done. */
function failUnfinished(): void {
  process.stderr.write(
    'alltoken: the command waits for something that cannot come; this is a bug [internal code=unfinished]\n',
  );
  process.exit(exitCodes.internal.code);
}

/** The first signal lets the command finish its books; a second one ends it at once. */
function listenForSignals(stop: AbortController): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      const received = new SignalReceived(name);
      if (name === 'SIGINT' && held?.interrupt()) return;
      if (program !== null) {
        program.pass(name, name === 'SIGINT' && process.stdin.isTTY === true);
        return;
      }
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
