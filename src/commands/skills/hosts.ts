/** The hosts that read skills, as data: where each looks, and what a person has to know there. It touches no disk. */
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import { variable } from '../../config/variable.ts';

export const hostNames = [
  ...['claude', 'codex', 'gemini', 'qwen', 'opencode'],
  ...['openclaw', 'hermes', 'pi', 'agents'],
] as const;
export type HostName = (typeof hostNames)[number];

interface Host {
  label: string;
  /** Below the home directory; `config`: below XDG_CONFIG_HOME, or .config in the home directory. */
  user: { below: 'home' | 'config'; folder: string };
  /** Below the working directory; `workspace`: below the home directory, for a host that has one workspace of its own. */
  project: string | { workspace: string };
  notes: readonly { text: string; only?: 'project' }[];
}

const shared = {
  user: { below: 'home', folder: '.agents/skills' },
  project: '.agents/skills',
} as const;

const hosts: Readonly<Record<HostName, Host>> = {
  claude: {
    label: 'Claude Code',
    user: { below: 'home', folder: '.claude/skills' },
    project: '.claude/skills',
    notes: [],
  },
  codex: {
    label: 'Codex CLI',
    ...shared,
    notes: [
      {
        text: 'its sandbox allows no network and no writing outside the workspace: in ~/.codex/config.toml, under [sandbox_workspace_write], set network_access = true and add the state directory to writable_roots (alltoken config path shows it)',
      },
    ],
  },
  gemini: { label: 'Gemini CLI', ...shared, notes: [] },
  qwen: { label: 'Qwen Code', ...shared, notes: [] },
  opencode: {
    label: 'OpenCode',
    user: { below: 'config', folder: 'opencode/skills' },
    project: '.opencode/skills',
    notes: [],
  },
  openclaw: {
    label: 'OpenClaw',
    user: { below: 'home', folder: '.openclaw/skills' },
    project: { workspace: '.openclaw/workspace/skills' },
    notes: [
      {
        text: 'its workspace is ~/.openclaw/workspace; if its config names another one, use --dir <workspace>/skills',
        only: 'project',
      },
    ],
  },
  hermes: {
    label: 'Hermes',
    user: { below: 'home', folder: '.hermes/skills' },
    project: '.hermes/skills',
    notes: [
      { text: 'skills of a project are read after: hermes skills trust', only: 'project' },
      {
        text: 'add ALLTOKEN_API_KEY to terminal.env_passthrough in its config, so that the key reaches its terminal',
      },
    ],
  },
  pi: { label: 'pi', ...shared, notes: [] },
  agents: { label: 'hosts that read .agents/skills', ...shared, notes: [] },
};

/** The absolute path of a host's folder of skills. Throws `CliError` usage when it is below an unknown home directory. */
export function folderOf(
  name: HostName,
  isProject: boolean,
  deps: Pick<Deps, 'env' | 'platform' | 'path' | 'homeDirectory' | 'workingDirectory'>,
): string {
  const { join, isAbsolute } = deps.path;
  const { user, project } = hosts[name];
  if (isProject && typeof project === 'string') return join(deps.workingDirectory, project);
  const config = user.below === 'config' ? variable(deps, 'XDG_CONFIG_HOME') : undefined;
  // The XDG specification: a relative value is invalid and is to be ignored.
  if (config !== undefined && isAbsolute(config)) return join(config, user.folder);
  if (!isAbsolute(deps.homeDirectory))
    throw new CliError('usage', 'no home directory is known, and the skills of a user are there', {
      code: 'no_home',
      next: [
        runStep(['skills', 'install', '--host', name, '--project']),
        { do: 'set-flag', flag: '--dir', value: './skills' },
      ],
    });
  if (isProject && typeof project === 'object') return join(deps.homeDirectory, project.workspace);
  return user.below === 'config'
    ? join(deps.homeDirectory, '.config', user.folder)
    : join(deps.homeDirectory, user.folder);
}

/** Whether its folder of a project is in the working directory, which may have come from anywhere. */
export function isInProject(name: HostName): boolean {
  return typeof hosts[name].project === 'string';
}

/** What to know after an install, each with the host it is about. */
export function notesOf(name: HostName, isProject: boolean): string[] {
  const { label, notes } = hosts[name];
  return notes
    .filter(({ only }) => only === undefined || isProject)
    .map(({ text }) => `${label}: ${text}`);
}
