/** The sandboxes that agent hosts run commands in, as data: how each is recognised, and the settings that open it. It checks nothing itself. */
import type { NextStep } from './next-step.ts';

type Env = Readonly<Record<string, string | undefined>>;

export type SandboxHost = 'codex' | 'claude';

interface HostSandbox {
  /** Set for each command that runs in it. */
  variables: readonly string[];
  /** `~` is the home directory, or what the host was told instead. */
  file: string;
  network: { setting: string; value: string };
  /** The setting takes a list of directories. */
  write: { setting: string };
}

/** Codex sets it to 1 where it lets no command connect or listen. */
const NETWORK_OFF_VARIABLE = 'CODEX_SANDBOX_NETWORK_DISABLED';

/** Settings of 2026. */
const sandboxes: Readonly<Record<SandboxHost, HostSandbox>> = {
  codex: {
    variables: ['CODEX_SANDBOX', NETWORK_OFF_VARIABLE, 'CODEX_THREAD_ID'],
    file: '~/.codex/config.toml',
    network: { setting: 'sandbox_workspace_write.network_access', value: 'true' },
    write: { setting: 'sandbox_workspace_write.writable_roots' },
  },
  claude: {
    variables: ['CLAUDECODE'],
    file: '~/.claude/settings.json',
    network: { setting: 'sandbox.network.allowedDomains', value: '["<host>"]' },
    write: { setting: 'sandbox.filesystem.allowWrite' },
  },
};

/** What a system says that lets nobody write. */
const writeCodes: ReadonlySet<string> = new Set(['EROFS', 'EACCES', 'EPERM']);

/** The host whose sandbox a command may run in; null for none that is known. */
export function sandboxHost(env: Env): SandboxHost | null {
  for (const [id, { variables }] of Object.entries(sandboxes))
    if (variables.some((name) => env[name] !== undefined && env[name] !== ''))
      return id === 'claude' ? 'claude' : 'codex';
  return null;
}

/** The host says itself that nothing here may connect or listen. */
export function isNetworkOff(env: Env): boolean {
  return env[NETWORK_OFF_VARIABLE] === '1';
}

/** `target`: the name of the server to allow. */
export function allowNetwork(host: SandboxHost, target: string): NextStep {
  const { file, network } = sandboxes[host];
  const value = network.value.replace('<host>', target);
  return { do: 'host-setting', host, file, setting: network.setting, value };
}

/** What lets a command write to a directory of ours; [] unless the system refuses that and a sandbox is known. */
export function allowWriting(directory: string, code: string | undefined, env: Env): NextStep[] {
  const host = sandboxHost(env);
  if (host === null || code === undefined || !writeCodes.has(code)) return [];
  const { file, write } = sandboxes[host];
  const value = JSON.stringify([directory]);
  return [{ do: 'host-setting', host, file, setting: write.setting, value }];
}
