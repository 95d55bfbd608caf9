/** The list of commands, in the order of the help. Adding one is a file and an entry here. */
import type { RegisterCommand } from './context.ts';

export interface CommandEntry {
  summary: string;
  /** As the list of commands shows it. */
  usage: string;
  /** Declares the flags. A command line needs only its own command's. */
  load(): Promise<RegisterCommand>;
}

/** By name. */
export const commands: ReadonlyMap<string, CommandEntry> = new Map([
  [
    'chat',
    {
      summary: 'one streamed answer, or a conversation',
      usage: '[options] [model] [prompt...]',
      load: async () => (await import('./chat/command.ts')).registerChat,
    },
  ],
  [
    'sandbox',
    {
      summary: 'a gateway on this machine: no key, no charge, no model',
      usage: '[options]',
      load: async () => (await import('./sandbox.ts')).registerSandbox,
    },
  ],
  [
    'config',
    {
      summary: 'the config file, and a check of everything',
      usage: '[command]',
      load: async () => (await import('./config.ts')).registerConfig,
    },
  ],
  [
    'schema',
    {
      summary: 'the JSON Schema of what a command prints',
      usage: '[options] <name>',
      load: async () => (await import('./schema.ts')).registerSchema,
    },
  ],
  [
    'help',
    {
      summary: 'help for a command, or: exit-codes, environment',
      usage: '[topic]',
      load: async () => (await import('./help.ts')).registerHelp,
    },
  ],
]);
