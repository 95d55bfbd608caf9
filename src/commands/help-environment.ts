/** The page `alltoken help environment`: every variable that changes what we do, from the same data that we read. */
import { builtInGateways } from '../gateways/index.ts';

export function environmentPage(): string {
  const keys = [...builtInGateways.values()].flatMap(
    ({ keyVariable, label }): [string, string][] =>
      keyVariable === null ? [] : [[keyVariable, `the key for ${label}`]],
  );
  const rows: [string, string][] = [
    ...keys,
    ['ALLTOKEN_GATEWAY', 'the gateway when -g names none'],
    ['ALLTOKEN_BASE_URL', 'replaces the base URL of the chosen gateway, as --base-url does'],
    ['ALLTOKEN_HOME', 'one directory for config, state and cache; an absolute path'],
    ['ALLTOKEN_SANDBOX_FAULT', 'faults of the sandbox started by -g sandbox: <name>[:<count>][,…]'],
    ['XDG_CONFIG_HOME', 'where alltoken/config.json is (default: ~/.config)'],
    ['XDG_STATE_HOME', 'where alltoken/ledger and alltoken/sessions are (default: ~/.local/state)'],
    ['XDG_CACHE_HOME', 'where the cached model lists are (default: ~/.cache)'],
    ['HTTPS_PROXY', 'proxy for https gateways (also lower case; HTTP_PROXY for http)'],
    ['NO_PROXY', 'hosts that need no proxy: names, .suffixes, host:port or *'],
    ['NODE_EXTRA_CA_CERTS', 'a PEM file of certificates to trust as well'],
    ['NO_COLOR', 'set and not empty: no colour'],
    ['TERM', 'dumb: no colour, no spinner'],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, what]) => `  ${name.padEnd(width)}  ${what}`);
  return `Environment variables\n\n${lines.join('\n')}\n
A key is read from the environment, or from where the config says (api_key_env, api_key_file,
api_key_command); never from a flag. On Windows, config is in %APPDATA% and state and cache are
in %LOCALAPPDATA%. See also: alltoken config path\n`;
}
