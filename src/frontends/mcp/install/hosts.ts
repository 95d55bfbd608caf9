/** The hosts that start MCP servers, as data: the file of each, what it wants there, and what a person has to know. It touches no disk. */
import type { Deps } from '../../../base/deps.ts';
import { variable } from '../../../config/variable.ts';

export const mcpHosts = [
  'claude',
  'codex',
  'gemini',
  'qwen',
  'opencode',
  'openclaw',
  'hermes',
  'cursor',
  'vscode',
] as const;
export type McpHost = (typeof mcpHosts)[number];

type Scope = 'user' | 'project';

/** How a server is started, and the names of the variables that it needs. */
export interface Server {
  command: string;
  args: readonly string[];
  /** Of the key; null for a gateway without one. */
  keyVariable: string | null;
}

type PlaceDeps = Pick<Deps, 'env' | 'platform' | 'path' | 'homeDirectory' | 'workingDirectory'>;

export interface HostFile {
  format: 'json' | 'toml' | 'yaml';
  /** The keys that lead to the entry. */
  keys: readonly string[];
}

interface Host extends HostFile {
  label: string;
  /** Absolute; null: this host has no file of that scope. */
  file(scope: Scope, deps: PlaceDeps): string | null;
  entry(server: Server): Record<string, unknown>;
  /** The host's own command, for the user's scope; it is used where it is on PATH. */
  command?: { program: string; argv(entry: Record<string, unknown>): readonly string[] };
  notes: readonly string[];
}

/** The name of the server in every host. */
const SERVER_NAME = 'alltoken';

/** Longer than a call may take. */
const CALL_MS = 120_000;

const home =
  (...words: string[]) =>
  ({ path, homeDirectory }: PlaceDeps): string =>
    path.join(homeDirectory, ...words);

/** The path that a variable of a host gives, as that host reads it: from the working directory, `~` is the home directory. */
function placed(name: string, deps: PlaceDeps): string | null {
  const given = variable(deps, name);
  if (given === undefined) return null;
  const { path, homeDirectory, workingDirectory } = deps;
  const whole = /^~(?=$|[/\\])/.test(given) ? path.join(homeDirectory, given.slice(1)) : given;
  if (path.isAbsolute(whole)) return whole;
  // By its specification, a relative one of these is none.
  return name.startsWith('XDG_') ? null : path.resolve(workingDirectory, whole);
}

/** Below the directory that the variable `name` gives, else below `usual` in the home directory. */
const below =
  (name: string, usual: readonly string[], ...words: string[]) =>
  (deps: PlaceDeps): string =>
    deps.path.join(placed(name, deps) ?? home(...usual)(deps), ...words);

/** `user` below the home directory, `project` below the working directory. */
function files(user: (deps: PlaceDeps) => string, project: readonly string[] | null): Host['file'] {
  return (scope, deps) => {
    if (scope === 'user') return user(deps);
    return project === null ? null : deps.path.join(deps.workingDirectory, ...project);
  };
}

const plain = ({ command, args }: Server) => ({ command, args: [...args] });

/** Some hosts pass no variable whose name looks like a secret, unless it is named. */
function byName({ keyVariable }: Server, form: (name: string) => string) {
  return keyVariable === null ? {} : { env: { [keyVariable]: form(keyVariable) } };
}

const restart = 'start it anew, so that it sees the server';

export const hosts: Readonly<Record<McpHost, Host>> = {
  claude: {
    label: 'Claude Code',
    format: 'json',
    keys: ['mcpServers', SERVER_NAME],
    file: files(below('CLAUDE_CONFIG_DIR', [], '.claude.json'), ['.mcp.json']),
    entry: (server) => ({ type: 'stdio', ...plain(server) }),
    command: {
      program: 'claude',
      argv: (entry) => [
        ...['claude', 'mcp', 'add-json', '--scope', 'user'],
        ...[SERVER_NAME, JSON.stringify(entry)],
      ],
    },
    notes: [],
  },
  codex: {
    label: 'Codex CLI',
    format: 'toml',
    keys: ['mcp_servers', SERVER_NAME],
    file: files(below('CODEX_HOME', ['.codex'], 'config.toml'), ['.codex', 'config.toml']),
    // It passes no variable that is not named, and waits one second for a server that is not required.
    entry: (server) => ({
      ...plain(server),
      env_vars: [
        ...(server.keyVariable === null ? [] : [server.keyVariable]),
        ...['ALLTOKEN_HOME', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME'],
      ],
      required: true,
      startup_timeout_sec: 20,
      tool_timeout_sec: CALL_MS / 1000,
    }),
    notes: [
      'codex exec refuses tools that cost money until you allow them: default_tools_approval_mode = "approve" in the same table',
    ],
  },
  gemini: {
    label: 'Gemini CLI',
    format: 'json',
    keys: ['mcpServers', SERVER_NAME],
    file: files(below('GEMINI_CLI_HOME', [], '.gemini', 'settings.json'), [
      '.gemini',
      'settings.json',
    ]),
    // It takes variables that look like secrets out of the environment of a server.
    entry: (server) => ({
      ...plain(server),
      ...byName(server, (name) => `$${name}`),
      timeout: CALL_MS,
    }),
    notes: [restart],
  },
  qwen: {
    label: 'Qwen Code',
    format: 'json',
    keys: ['mcpServers', SERVER_NAME],
    file: files(home('.qwen', 'settings.json'), ['.qwen', 'settings.json']),
    entry: (server) => ({
      ...plain(server),
      ...byName(server, (name) => `$${name}`),
      timeout: CALL_MS,
    }),
    notes: [restart],
  },
  opencode: {
    label: 'OpenCode',
    format: 'json',
    keys: ['mcp', SERVER_NAME],
    file: files(below('XDG_CONFIG_HOME', ['.config'], 'opencode', 'opencode.json'), [
      'opencode.json',
    ]),
    entry: ({ command, args }) => ({
      type: 'local',
      command: [command, ...args],
      enabled: true,
      timeout: CALL_MS,
    }),
    notes: [restart],
  },
  openclaw: {
    label: 'OpenClaw',
    format: 'json',
    keys: ['mcp', 'servers', SERVER_NAME],
    file: files(clawFile, null),
    entry: plain,
    notes: [restart],
  },
  hermes: {
    label: 'Hermes',
    format: 'yaml',
    keys: ['mcp_servers', SERVER_NAME],
    file: files(below('HERMES_HOME', ['.hermes'], 'config.yaml'), null),
    entry: (server) => ({
      ...plain(server),
      ...byName(server, (name) => `\${${name}}`),
      timeout: CALL_MS / 1000,
    }),
    notes: [restart],
  },
  cursor: {
    label: 'Cursor',
    format: 'json',
    keys: ['mcpServers', SERVER_NAME],
    file: files(home('.cursor', 'mcp.json'), ['.cursor', 'mcp.json']),
    entry: (server) => ({
      ...plain(server),
      ...byName(server, (name) => `\${env:${name}}`),
    }),
    notes: [],
  },
  vscode: {
    label: 'VS Code',
    format: 'json',
    keys: ['servers', SERVER_NAME],
    file: files(codeFile, ['.vscode', 'mcp.json']),
    entry: (server) => ({
      type: 'stdio',
      ...plain(server),
      ...byName(server, (name) => `\${env:${name}}`),
    }),
    notes: [],
  },
};

function codeFile(deps: PlaceDeps): string {
  const { platform, path, homeDirectory } = deps;
  const words = ['Code', 'User', 'mcp.json'];
  if (platform === 'darwin')
    return path.join(homeDirectory, 'Library', 'Application Support', ...words);
  if (platform === 'win32')
    return path.join(
      variable(deps, 'APPDATA') ?? path.join(homeDirectory, 'AppData', 'Roaming'),
      ...words,
    );
  return below('XDG_CONFIG_HOME', ['.config'], ...words)(deps);
}

/** The file itself, else the directory of the state, else another home. */
function clawFile(deps: PlaceDeps): string {
  const file = placed('OPENCLAW_CONFIG_PATH', deps);
  if (file !== null) return file;
  const root = placed('OPENCLAW_HOME', deps) ?? deps.homeDirectory;
  return deps.path.join(
    placed('OPENCLAW_STATE_DIR', deps) ?? deps.path.join(root, '.openclaw'),
    'openclaw.json',
  );
}
