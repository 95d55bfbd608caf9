/** What a command gets from the program, and what a command is. Types only. */
import type { Command } from 'commander';
import type { Deps } from '../deps.ts';
import type { OutputEvent } from '../events.ts';
import type { OutputFlags } from './common-flags.ts';

export interface Context {
  readonly deps: Deps;
  /** Shows the events of a command in the format that its flags choose, and keeps the exit code. */
  execute(
    command: string,
    flags: OutputFlags,
    events: () => AsyncIterable<OutputEvent>,
  ): Promise<void>;
  /** Runs another command line on `deps`, shown as its own flags say; its exit code becomes ours. */
  run(argv: readonly string[], deps: Deps): Promise<void>;
  /** Runs another command line on `deps` and shows nothing: `hear` gets its events, as they happen. Resolves to its exit code. */
  listen(
    argv: readonly string[],
    deps: Deps,
    hear: (event: OutputEvent) => void | Promise<void>,
  ): Promise<number>;
}

/** Adds itself to the program: flags, help, and an action that calls `context.execute`. */
export type RegisterCommand = (program: Command, context: Context) => void;
