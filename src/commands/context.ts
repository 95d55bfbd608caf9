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
}

/** Adds itself to the program: flags, help, and an action that calls `context.execute`. */
export type RegisterCommand = (program: Command, context: Context) => void;
