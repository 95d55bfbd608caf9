/** The page `alltoken help environment`: every variable that changes what we do, from the same data that we read. */
import type { Help } from 'commander';
import { builtInGateways } from '../gateways/index.ts';
import type { Gateway } from '../gateways/types.ts';

export interface Variable {
  name: string;
  what: string;
}

export function environmentVariables(
  gateways: ReadonlyMap<string, Gateway> = builtInGateways,
): Variable[] {
  const keys = [...gateways.values()].flatMap(({ keyVariable, label }): [string, string][] =>
    keyVariable === null ? [] : [[keyVariable, `the key for ${label}`]],
  );
  const bases = [...gateways.values()].flatMap(({ baseUrlEnv, label }): [string, string][] =>
    baseUrlEnv === null ? [] : [[baseUrlEnv, `replaces the base URL of ${label}`]],
  );
  const rows: [string, string][] = [
    ...keys,
    ...bases,
    ['ALLTOKEN_GATEWAY', 'the gateway when -g names none'],
    ['ALLTOKEN_TAG', 'tags for the ledger and the budgets, with commas between, as --tag'],
    ['ALLTOKEN_HOME', 'one directory for config, state and cache; an absolute path'],
    [
      'ALLTOKEN_RUN',
      'the address of a proxy, as run and serve set it: our commands below it leave money to the proxy',
    ],
    [
      'ALLTOKEN_RUN_SANDBOX',
      'the process whose sandbox is behind that proxy and ends with it, as run sets it',
    ],
    ['ALLTOKEN_SERVE_TOKEN', 'the token of serve (default: a random one)'],
    [
      'ALLTOKEN_SANDBOX_FAULT',
      'how -g sandbox misbehaves: <name>[:<count>][,…]; the names: alltoken sandbox --list-faults',
    ],
    ['XDG_CONFIG_HOME', 'where alltoken/config.json is (default: ~/.config)'],
    [
      'XDG_STATE_HOME',
      'where alltoken/ledger, alltoken/budget, alltoken/tasks and alltoken/sessions are (default: ~/.local/state)',
    ],
    ['XDG_CACHE_HOME', 'where the cached model lists and compiled code are (default: ~/.cache)'],
    ['ALLTOKEN_COMPILE_CACHE', 'a directory for compiled code, or 0: neither read nor write it'],
    ['NODE_DISABLE_COMPILE_CACHE', '1: as ALLTOKEN_COMPILE_CACHE=0'],
    ['VISUAL', 'the editor of Ctrl-X Ctrl-E in a conversation; else EDITOR, else vi'],
    ['EDITOR', 'the editor where VISUAL is not set'],
    [
      'SLURM_ARRAY_TASK_ID',
      'the part of batch --shard auto (with SLURM_ARRAY_TASK_COUNT, _MIN and _STEP)',
    ],
    ['CI_NODE_INDEX', 'the same in GitLab (with CI_NODE_TOTAL)'],
    ['CIRCLE_NODE_INDEX', 'the same in CircleCI (with CIRCLE_NODE_TOTAL)'],
    ['JOB_COMPLETION_INDEX', 'the same in Kubernetes, for --shard auto/n'],
    ['HTTPS_PROXY', 'the proxy for https gateways (HTTP_PROXY for http); lower case works too'],
    [
      'NO_PROXY',
      'hosts that need no proxy: names, .suffixes, host:port, addresses, CIDR ranges or *',
    ],
    ['NODE_EXTRA_CA_CERTS', 'a PEM file of certificates to trust as well'],
    ['NO_COLOR', 'set and not empty: no colour'],
    ['TERM', 'dumb: no colour, no progress display'],
    [
      'CODEX_SANDBOX_NETWORK_DISABLED',
      '1, as Codex sets it: a failed connection is not retried, and its hint names the setting',
    ],
  ];
  return rows.map(([name, what]) => ({ name, what }));
}

/** Wrapped to the width of `help`; ends with a line end. */
export function environmentPage(help: Help): string {
  const rows = environmentVariables();
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(({ name, what }) => help.formatItem(name, width, what, help));
  const more = help.boxWrap(environmentClosing, help.helpWidth ?? 80);
  return `${help.styleTitle('Environment variables')}\n\n${lines.join('\n')}\n\n${more}\n`;
}

/** One paragraph, not wrapped. */
export const environmentClosing =
  'A key is read from the environment, or from where the config says (api_key_env, api_key_file, api_key_command); never from a flag. On Windows the config is in %APPDATA%, the state and the cache are in %LOCALAPPDATA%. See also: alltoken config path';
