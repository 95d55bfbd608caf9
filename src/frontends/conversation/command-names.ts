/** The commands of a conversation as data: what they are called, what they take, what they do. */

import { wrapWords } from '../../base/wrap-words.ts';

type Argument = 'model' | 'text or @file' | 'path' | 'text' | 'session' | 'tool';

interface CommandFacts {
  /** As the help shows it. */
  usage: string;
  /** A line of /help, which is one screen of 80 columns. */
  summary: string;
  /** More of it, for `/help NAME`. */
  details?: string;
  argument?: Argument;
}

const commandFacts = {
  help: { usage: '[name|keys]', summary: 'this list; more on one command; the keys' },
  model: {
    usage: '[id]',
    summary: 'the model from here on; without an id: which it is',
    details: 'An id of the gateway, an alias of the config, or auto:cheap|fast|code|best.',
    argument: 'model',
  },
  system: {
    usage: '[text|@file]',
    summary: 'instructions for the model; none takes them away',
    details: 'They count from the next message on. Without a text it shows those that count now.',
    argument: 'text or @file',
  },
  file: {
    usage: '<path|url>',
    summary: 'attach a text, an image or its URL to the next message',
    details: 'PNG, JPEG, GIF or WebP, or text in UTF-8. Each /file adds one.',
    argument: 'path',
  },
  image: {
    usage: '<prompt>',
    summary: 'create an image',
    details:
      'Saved in the working directory. /image -m MODEL PROMPT chooses the model; other flags are refused, except behind --, where all is prompt.',
    argument: 'text',
  },
  search: {
    usage: '<query>',
    summary: 'ask a model that searches the web',
    details: 'The answer is a part of the conversation, which keeps its own model.',
    argument: 'text',
  },
  new: { usage: '', summary: 'begin another conversation' },
  session: {
    usage: '[name]',
    summary: 'the saved ones; with a name: go on with it, or begin it',
    argument: 'session',
  },
  tools: {
    usage: '[name]',
    summary: 'what the model may call; with a name: on or off',
    details: 'A built-in tool, or an MCP server of the config.',
    argument: 'tool',
  },
  retry: {
    usage: '',
    summary: 'send the last message again; its answer is replaced',
    details: 'The old answer was paid for and stays in the cost.',
  },
  edit: {
    usage: '',
    summary: 'change the last message and send it in its place',
    details: 'The old answer was paid for and stays in the cost.',
  },
  save: {
    usage: '<path>',
    summary: 'write the conversation to a new file',
    details: 'A name that ends in .json gets the messages as JSON, any other Markdown.',
    argument: 'path',
  },
  copy: {
    usage: '',
    summary: 'put the last answer on the clipboard',
    details: 'The terminal has to allow it (OSC 52).',
  },
  cost: { usage: '', summary: 'what this conversation and its last message cost' },
  budget: { usage: '', summary: 'what is left of each spending limit' },
  quit: { usage: '', summary: 'leave; so do exit, quit and Ctrl-D' },
} as const satisfies Record<string, CommandFacts>;

export type CommandName = keyof typeof commandFacts;

export const commandNames = Object.keys(commandFacts) as readonly CommandName[];

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commandFacts, name);
}

/** Nothing may be behind it: it would be left out without a word. */
export function takesNothing(name: CommandName): boolean {
  return commandFacts[name].usage === '' && name !== 'quit';
}

/** null where it takes none, or there is no such command. */
export function kindOfArgument(name: string): Argument | null {
  if (!isCommandName(name)) return null;
  const facts: CommandFacts = commandFacts[name];
  return facts.argument ?? null;
}

const keys = [
  ['Enter', 'send'],
  ['Alt+Enter, Ctrl-J, \\ at the end', 'a new line; """ … """ is around several'],
  ['Up, Down, Ctrl-R', 'earlier messages; search in them'],
  ['Ctrl-X Ctrl-E', 'write the message in $VISUAL or $EDITOR'],
  ['Tab', 'complete commands, models, paths, names'],
  ['Ctrl-C', 'stop the answer, clear the line; twice on an empty line: end'],
  ['Ctrl-D', 'end'],
] as const;

/** The text of /help. `columns`: of the terminal. */
export function helpText(columns: number): string {
  const rows = commandNames.map(rowOf);
  rows.push(['//…', 'a message that begins with /']);
  return listed(rows, columns);
}

/** The text of `/help keys`, or of one command. */
export function helpOn(topic: CommandName | 'keys', columns: number): string {
  if (topic === 'keys') return listed(keys, columns);
  const { details }: CommandFacts = commandFacts[topic];
  const more = details === undefined ? '' : wrapWords(details, columns - 1).join('\n');
  return `${listed([rowOf(topic)], columns)}${more === '' ? '' : `${more}\n`}`;
}

function rowOf(name: CommandName): [string, string] {
  const { usage, summary }: CommandFacts = commandFacts[name];
  return [`/${name} ${usage}`.trim(), summary];
}

function listed(rows: readonly (readonly [string, string])[], columns: number): string {
  const width = Math.max(...rows.map(([term]) => term.length)) + 2;
  const fits = rows.every(([, words]) => width + words.length < columns);
  return rows
    .map(([term, words]) =>
      fits ? `${term.padEnd(width)}${words}\n` : `${term}\n${folded(words, columns)}`,
    )
    .join('');
}

const INDENT = '    ';

/** Below a term, each line shorter than the terminal is wide. */
function folded(words: string, columns: number): string {
  const lines = wrapWords(words, columns - INDENT.length - 1);
  return lines.map((line) => `${INDENT}${line}\n`).join('');
}
