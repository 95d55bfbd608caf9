/** From a message to a command line that may run: every check is made here, and nothing runs. */
import { Option } from 'commander';
import { exitCodes } from '../../base/errors.ts';
import type { Context } from '../../flags/context.ts';
import type { SlashDocument } from '../../schemas/slash.ts';
import { checkPaths } from './check-paths.ts';
import { commandLine } from './command-line.ts';
import { findCommand } from './find-command.ts';
import { type Flag, nameOf } from './flag-reader.ts';
import { readRequest } from './read-request.ts';
import type { CommandName } from './rules.ts';

export interface Caller {
  flags: readonly Flag[];
  allowPaths: boolean;
}

/** Throws `CliError` usage. */
export async function makePlan(
  whole: string,
  caller: Caller,
  context: Context,
): Promise<SlashDocument> {
  const found = findCommand(whole);
  const { command, phrase } = found.trigger;
  const options = await optionsOf(command, context);
  const request = readRequest(found, options);
  const { argv, flags, notes } = commandLine(request, caller.flags, options);
  await checkPaths(request.flags, caller.allowPaths, context.deps);
  return {
    schema: 'alltoken.slash.v1',
    ok: true,
    exit: exitCodes.ok.code,
    command: 'slash',
    trigger: { phrase, command },
    argv,
    flags: flags.map((flag) => ({ name: nameOf(flag), value: flag.value, from: flag.from })),
    text: request.text,
    before: request.before,
    notes: [...notes, ...request.notes],
  };
}

/** All flags of a command, from its own declaration. */
async function optionsOf(name: CommandName, context: Context): Promise<readonly Option[]> {
  const command = await context.declare(name);
  return [...(command?.options ?? []), new Option('-h, --help', 'show help')];
}
