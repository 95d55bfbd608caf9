/** The list of commands, in the order of the help. Adding one is a file and an entry here. */
import type { CommandEntry, CommandGroup } from '../flags/context.ts';

/** The headings of the help, in their order. */
export const groupTitles: Readonly<Record<CommandGroup, string>> = {
  main: 'Commands:',
  helper: 'Helpers:',
  more: 'More:',
};

/** What people type for a command that is called otherwise: suggested, never run. Words of a subcommand stand after its command. */
export const otherNames: ReadonlyMap<string, readonly string[]> = new Map([
  ['auth', ['login']],
  ['setup', ['login']],
  ['version', ['--version']],
  ['man', ['help', 'man']],
  ['ask', ['chat']],
  ['usage', ['cost']],
  ['limit', ['budget']],
  ['history', ['sessions']],
  ['conversation', ['sessions']],
  ['conversations', ['sessions']],
  ['jobs', ['tasks']],
  ['proxy', ['serve']],
  ['budget set', ['config', 'set', 'budget.day', '5']],
]);

/** Flags of gh, curl, llm, the openai command and the APIs, and ours that do the same; the first that the command has is meant. */
export const otherFlags: ReadonlyMap<string, readonly string[]> = new Map([
  ['--no-wait', ['--async']],
  ['--detach', ['--async']],
  ['--max-output-tokens', ['--max-tokens']],
  ['--max-completion-tokens', ['--max-tokens']],
  ['--instructions', ['--system']],
  ['--attachment', ['--file', '--image', '--reference']],
  ['--output', ['--out']],
  ['--json-schema', ['--schema']],
  ['--response-format', ['--schema']],
  ['--conversation', ['--session']],
  ['--seconds', ['--duration']],
  ['--aspect-ratio', ['--ratio', '--size']],
  ['--max-time', ['--timeout']],
  ['--silent', ['--quiet']],
  ['--api-base', ['--base-url']],
  ['--endpoint', ['--base-url']],
  ['--provider', ['--gateway']],
]);

/** By name. */
export const commands: ReadonlyMap<string, CommandEntry> = new Map([
  [
    'chat',
    {
      group: 'main',
      summary: 'one streamed answer, or a conversation',
      usage: '[options] [model] [prompt...]',
      load: async () => (await import('../commands/chat/command.ts')).registerChat,
    },
  ],
  [
    'image',
    {
      group: 'main',
      summary: 'create or edit an image',
      usage: '[options] <prompt...>',
      load: async () => (await import('../commands/image/command.ts')).registerImage,
    },
  ],
  [
    'video',
    {
      group: 'main',
      summary: 'make a video, wait, download it',
      usage: '[options] <prompt...>',
      load: async () => (await import('../commands/video/command.ts')).registerVideo,
    },
  ],
  [
    'search',
    {
      group: 'main',
      summary: 'an answer from a model that searches the web',
      usage: '[options] <query...>',
      load: async () => (await import('../commands/search/command.ts')).registerSearch,
    },
  ],
  [
    'models',
    {
      group: 'main',
      summary: 'what can be used, and what it costs',
      usage: '[options] [id]',
      load: async () => (await import('../commands/models/command.ts')).registerModels,
    },
  ],
  [
    'cost',
    {
      group: 'main',
      summary: 'what the last call cost, a call will cost, all calls cost',
      usage: '[options] [model prompt_tokens completion_tokens]',
      load: async () => (await import('../commands/cost/command.ts')).registerCost,
    },
  ],
  [
    'batch',
    {
      group: 'helper',
      summary: 'thousands of prompts from a file, each sent once',
      usage: '[options] <in.jsonl|-> -o <out.jsonl>',
      load: async () => (await import('../commands/batch/command.ts')).registerBatch,
    },
  ],
  [
    'tasks',
    {
      group: 'helper',
      summary: 'jobs that were paid for: list, resume, cancel',
      usage: '[command]',
      load: async () => (await import('../commands/tasks/command.ts')).registerTasks,
    },
  ],
  [
    'sessions',
    {
      group: 'helper',
      summary: 'saved conversations: list, show, search, export',
      usage: '[command]',
      load: async () => (await import('../commands/sessions/command.ts')).registerSessions,
    },
  ],
  [
    'budget',
    {
      group: 'helper',
      summary: 'what is left of each spending limit',
      usage: '[command]',
      load: async () => (await import('../commands/budget/command.ts')).registerBudget,
    },
  ],
  [
    'login',
    {
      group: 'helper',
      summary: 'store the key of a gateway',
      usage: '[options]',
      load: async () => (await import('../commands/login/command.ts')).registerLogin,
    },
  ],
  [
    'logout',
    {
      group: 'helper',
      summary: 'remove a stored key',
      usage: '[options]',
      load: async () => (await import('../commands/logout/command.ts')).registerLogout,
    },
  ],
  [
    'config',
    {
      group: 'helper',
      summary: 'the config file, and a check of everything',
      usage: '[command]',
      load: async () => (await import('../commands/config/command.ts')).registerConfig,
    },
  ],
  [
    'serve',
    {
      group: 'helper',
      summary: 'a proxy for programs with an OpenAI client: exact costs, strict budgets',
      usage: '[options]',
      load: async () => (await import('../commands/serve/command.ts')).registerServe,
    },
  ],
  [
    'run',
    {
      group: 'helper',
      summary: 'run one program behind such a proxy',
      usage: '[options] -- <program> [arguments...]',
      load: async () => (await import('../commands/run/command.ts')).registerRun,
    },
  ],
  [
    'sandbox',
    {
      group: 'helper',
      summary: 'a gateway on this machine: no key, no charge, no model',
      usage: '[options]',
      load: async () => (await import('../commands/sandbox/command.ts')).registerSandbox,
    },
  ],
  [
    'init',
    {
      group: 'helper',
      summary: 'begin a project: an agent, with a test, that runs without a key',
      usage: '[options] [directory]',
      load: async () => (await import('../commands/init/command.ts')).registerInit,
    },
  ],
  [
    'slash',
    {
      group: 'more',
      summary: 'run a command found in a chat message',
      usage: '[options] [message]',
      load: async () => (await import('../frontends/slash/command.ts')).registerSlash,
    },
  ],
  [
    'skills',
    {
      group: 'more',
      summary: 'teach an agent to use alltoken',
      usage: '[command]',
      load: async () => (await import('../commands/skills/command.ts')).registerSkills,
    },
  ],
  [
    'mcp',
    {
      group: 'more',
      summary: 'the same as tools for agents, over MCP',
      usage: '[options]',
      load: async () => (await import('../frontends/mcp/command.ts')).registerMcp,
    },
  ],
  [
    'completion',
    {
      group: 'more',
      summary: 'complete words with the Tab key: bash, zsh, fish, PowerShell',
      usage: '[options] <shell>',
      load: async () => (await import('./completion/command.ts')).registerCompletion,
    },
  ],
  [
    'schema',
    {
      group: 'more',
      summary: 'the JSON Schema of what a command prints',
      usage: '[options] <name>',
      load: async () => (await import('../commands/schema/command.ts')).registerSchema,
    },
  ],
  [
    'help',
    {
      group: 'more',
      summary: 'help for a command, or: exit-codes, environment, man',
      usage: '[options] [topic]',
      load: async () => (await import('./help.ts')).registerHelp,
    },
  ],
]);
