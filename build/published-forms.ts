/** What plugins, registries and bundles are published from: every form is made from package.json and the list of tools, here. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Package {
  name: string;
  version: string;
  description: string;
  license: string;
  keywords: readonly string[];
  /** The name in the MCP registry, which compares it. */
  mcpName: string;
  engines: { node: string };
}

interface NamedTool {
  name: string;
  description: string;
}

const title = 'AllToken';

/** The registry takes 100 characters. */
const short =
  'Ask other AI models, make images and videos, search the web, and know what each call cost';

const keyVariable = 'ALLTOKEN_API_KEY';

const keyWords =
  'Key of the gateway AllToken; other gateways have variables of their own, and the test gateway needs none';

/** By path in the repository, the text of each. */
export function publishedForms(
  own: Package,
  tools: readonly NamedTool[],
): ReadonlyMap<string, string> {
  const { name, version, license, mcpName, engines, keywords } = own;
  // A plugin starts what it was made for, not whatever is newest.
  const server = { command: 'npx', args: ['-y', `${name}@${version}`, 'mcp'] };
  const author = { name };
  const plugin = { name: 'alltoken', version, description: short, author, license, keywords };
  const forms: Record<string, unknown> = {
    '.claude-plugin/plugin.json': { ...plugin, mcpServers: { alltoken: server } },
    '.claude-plugin/marketplace.json': {
      name,
      owner: author,
      metadata: { description: short },
      plugins: [{ name: 'alltoken', source: './', description: short, version }],
    },
    '.codex-plugin/plugin.json': {
      ...plugin,
      skills: './skills/',
      mcpServers: './.codex-plugin/mcp.json',
      interface: { displayName: title, shortDescription: short },
    },
    // Codex passes only the variables that are named, and waits a second for a server that is not required.
    '.codex-plugin/mcp.json': {
      mcpServers: {
        alltoken: { ...server, env_vars: [keyVariable, 'ALLTOKEN_HOME'], startup_timeout_sec: 60 },
      },
    },
    'server.json': {
      $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
      name: mcpName,
      title,
      description: short,
      version,
      packages: [
        {
          registryType: 'npm',
          identifier: name,
          version,
          runtimeHint: 'npx',
          transport: { type: 'stdio' },
          packageArguments: [{ type: 'positional', value: 'mcp' }],
          environmentVariables: [
            { name: keyVariable, description: keyWords, isRequired: false, isSecret: true },
            {
              name: 'ALLTOKEN_HOME',
              description: 'One directory for config, ledger, jobs and cache',
              isRequired: false,
            },
          ],
        },
      ],
    },
    'mcpb/manifest.json': {
      manifest_version: '0.3',
      name,
      display_name: title,
      version,
      description: short,
      author,
      license,
      keywords,
      server: {
        type: 'node',
        entry_point: 'bin/alltoken.js',
        mcp_config: {
          command: 'node',
          args: [`\${__dirname}/bin/alltoken.js`, 'mcp'],
          env: { [keyVariable]: `\${user_config.api_key}` },
        },
      },
      tools: tools.map(({ name: tool, description }) => ({ name: tool, description })),
      user_config: {
        api_key: {
          type: 'string',
          title: 'AllToken API key',
          description: keyWords,
          sensitive: true,
          required: false,
          default: '',
        },
      },
      compatibility: { runtimes: { node: engines.node } },
    },
  };
  return new Map(
    Object.entries(forms).map(([path, form]) => [path, `${JSON.stringify(form, null, 2)}\n`]),
  );
}

export function writePublishedForms(
  root: string,
  own: Package,
  tools: readonly NamedTool[],
): string[] {
  const forms = publishedForms(own, tools);
  for (const [path, text] of forms) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return [...forms.keys()];
}
