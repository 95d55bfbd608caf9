/** The list of commands, in the order of the help. Adding one is a file and a line here. */
import { registerChat } from './chat/command.ts';
import { registerConfig } from './config.ts';
import type { RegisterCommand } from './context.ts';
import { registerHelp } from './help.ts';
import { registerSandbox } from './sandbox.ts';
import { registerSchema } from './schema.ts';

/** By name: a command line needs only its own command declared, and the help needs all. */
export const commands: ReadonlyMap<string, RegisterCommand> = new Map([
  ['chat', registerChat],
  ['sandbox', registerSandbox],
  ['config', registerConfig],
  ['schema', registerSchema],
  ['help', registerHelp],
]);
