/** What a command gets from the program, and what a command is. Types only. */
import type { Command } from 'commander';
import type { Deps } from '../base/deps.ts';
import type { OutputEvent } from '../schemas/events.ts';
import type { AskFlags } from './ask-flags.ts';
import type { GatewayChoice, OutputFlags } from './common-flags.ts';

export interface Context {
  readonly deps: Deps;
  /** All commands, by name, in the order of the help. */
  readonly commands: ReadonlyMap<string, CommandEntry>;
  /** One command with its flags, declared on a program of its own; it runs nothing. null when there is none of that name. */
  declare(name: string): Promise<Command | null>;
  /** Shows the events of a command in the format that its flags choose. Resolves to the exit code, which becomes ours. */
  execute(
    command: string,
    flags: OutputFlags & GatewayChoice,
    events: () => AsyncIterable<OutputEvent>,
  ): Promise<number>;
  /**
   * Runs another command line on `deps`, shown as its own flags say. Resolves to its exit code, which becomes ours.
   * `change` gets each event before it is shown, and returns the one that is.
   */
  run(
    argv: readonly string[],
    deps: Deps,
    change?: (event: OutputEvent) => OutputEvent,
  ): Promise<number>;
  /** Runs another command line on `deps` and shows nothing: `onEvent` receives its events as they happen. Resolves to its exit code. */
  listen(
    argv: readonly string[],
    deps: Deps,
    onEvent: (event: OutputEvent) => void | Promise<void>,
  ): Promise<number>;
  /** A conversation at the terminal, with the flags of `chat` for each message, and its words as the first one. Resolves to the exit code, which becomes ours. */
  converse(words: readonly string[], flags: AskFlags): Promise<number>;
}

/**
 * Adds itself to the program: flags, help, and an action that calls `context.execute`. `next`: the word behind its name, where it
 * is surely not asked for help; of several subcommands only that one is then needed.
 */
export type RegisterCommand = (program: Command, context: Context, next?: string) => void;

/** Under which heading of the help a command stands. */
export type CommandGroup = 'main' | 'helper' | 'more';

/** A command in the list: what the help says of it, and how it is declared. */
export interface CommandEntry {
  group: CommandGroup;
  summary: string;
  /** As the list of commands shows it. */
  usage: string;
  /** Declares the flags. A command line needs only its own command's. */
  load(): Promise<RegisterCommand>;
}
