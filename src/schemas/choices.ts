/** The words that an option takes and a tool's input names, too. And the names that the suite goes by. Words only: whoever reads a command line needs no schema for them. */

/** Which models to list. */
export const modelTypes = ['chat', 'image', 'video', 'all'] as const;

/** By what a list of models is sorted. */
export const modelSorts = ['id', 'input', 'output', 'context'] as const;

/** What the rows of a cost report are. */
export const costGroupings = ['model', 'command', 'day', 'gateway', 'tag', 'session'] as const;

/** The six that the suite is: each is an executable, too, and may be asked for in a message. */
export const mainCommands = ['chat', 'image', 'video', 'search', 'models', 'cost'] as const;

/** Those of them that buy something: a call, or a job. */
export const buyingCommands = [
  'chat',
  'image',
  'video',
  'search',
] as const satisfies readonly (typeof mainCommands)[number][];
