/** The list of commands, in the order of the help. Adding one is a file and a line here. */
import { registerChat } from './chat/command.ts';
import { registerConfig } from './config.ts';
import type { RegisterCommand } from './context.ts';
import { registerHelp } from './help.ts';
import { registerSandbox } from './sandbox.ts';
import { registerSchema } from './schema.ts';

export const commands: readonly RegisterCommand[] = [
  registerChat,
  registerSandbox,
  registerConfig,
  registerSchema,
  registerHelp,
];
