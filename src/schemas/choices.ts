/** The values that an option and the input of a tool share, and the names of the executables. Plain lists: parsing a command line loads no schema for them. */

/** Which models to list. */
export const modelTypes = ['chat', 'image', 'video', 'all'] as const;

/** By what a list of models is sorted. */
export const modelSorts = ['id', 'input', 'output', 'context'] as const;

/** What the rows of a cost report are. */
export const costGroupings = ['model', 'command', 'day', 'gateway', 'tag', 'session'] as const;

/** The six that the suite is: each is an executable, too, and may be named in a chat message. */
export const mainCommands = ['chat', 'image', 'video', 'search', 'models', 'cost'] as const;

/** Those of them that buy something: a call, or a job. */
export const buyingCommands = [
  'chat',
  'image',
  'video',
  'search',
] as const satisfies readonly (typeof mainCommands)[number][];

/** What `alltoken schema` prints. */
export const schemaNames = [
  'chat',
  'search',
  'image',
  'video',
  'models',
  'cost',
  'batch',
  'batch-output',
  'serve',
  'budget',
  'slash',
  'tasks',
  'sessions',
  'login',
  'logout',
  'init',
  'skills',
  'commands',
  'mcp',
  'mcp-install',
  'config',
  'error',
] as const;

/** Tools for models, which every gateway can have. */
export const builtInToolNames = [
  'get_current_time',
  'calculate',
  'web_search',
  'generate_image',
  'submit_video',
  'fetch_video',
] as const;

export type BuiltInToolName = (typeof builtInToolNames)[number];

/** Who allows a tool that buys, or that comes from a server. */
export const toolApprovals = ['ask', 'auto', 'deny'] as const;

export type ToolApproval = (typeof toolApprovals)[number];
