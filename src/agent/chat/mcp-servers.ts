/** MCP servers as the config names them, with the variables that they name put in. It starts none. */
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { nearOrAll, runStep } from '../../base/next-step.ts';
import { keyVariables } from '../../config/key-variables.ts';
import { nearest } from '../../config/nearest.ts';
import type { Config, McpServerConfig } from '../../schemas/config.ts';
import type { McpServer } from '../mcp/server.ts';

/** Throws `CliError` usage for one that is not there, and no_key for one that says not what it is. */
export function serverOf(
  name: string,
  config: Config,
  { env }: Pick<Deps, 'env'>,
): McpServer & {
  allow: readonly string[] | undefined;
} {
  const servers = config.mcp?.servers ?? {};
  const found = Object.hasOwn(servers, name) ? servers[name] : undefined;
  if (found === undefined) throw unknownServer(name, Object.keys(servers));
  const place = `mcp.servers.${name}`;
  const put = (texts: Readonly<Record<string, string>>, where: string): Record<string, string> =>
    Object.fromEntries(
      Object.entries(texts).map(([key, text]) => [
        key,
        filled(text, `${place}.${where}.${key}`, config, env),
      ]),
    );
  const { command, args, url, headers = {}, env: own = {}, allow } = checked(found, place);
  if (command !== undefined) return { command, args: args ?? [], env: put(own, 'env'), allow };
  return { url: url ?? '', headers: put(headers, 'headers'), allow };
}

function checked(server: McpServerConfig, place: string): McpServerConfig {
  const { command, args, env, url, headers } = server;
  const isProgram = command !== undefined && url === undefined && headers === undefined;
  const isAddress =
    url !== undefined && command === undefined && args === undefined && env === undefined;
  if (isProgram || isAddress) return server;
  throw new CliError('no_key', `${place}: command with args and env, or url with headers`, {
    code: 'bad_config',
  });
}

/** `${NAME}` is a variable of ours. The keys of gateways are no server's business. */
function filled(text: string, place: string, config: Config, env: Deps['env']): string {
  return text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]{0,127})\}/g, (_whole, name: string) => {
    if (keyVariables(config).has(name))
      throw new CliError(
        'no_key',
        `${place}: ${name} is a key of a gateway, which no server gets`,
        {
          code: 'bad_config',
        },
      );
    const value = env[name];
    if (value === undefined || value === '')
      throw new CliError('usage', `${place}: the variable ${name} is not set`, {
        code: 'missing_variable',
      });
    return value;
  });
}

function unknownServer(name: string, known: readonly string[]): CliError {
  return new CliError(
    'usage',
    `there is no MCP server ${JSON.stringify(name.slice(0, 80))} in the config`,
    {
      code: 'unknown_mcp_server',
      next:
        known.length === 0
          ? runStep(
              ['config', 'set', `mcp.servers.${/^[\w.-]+$/.test(name) ? name : 'name'}.command`],
              '<program>',
            )
          : nearOrAll(nearest(name, known), known),
    },
  );
}
