/** The package as npx installs and starts it: from a registry, with an empty cache. */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/executable.ts';
import { startRegistry } from '../helpers/registry.ts';
import { isTurnOf } from '../helpers/share.ts';

const hasNpm =
  spawnSync('npm', ['--version'], { shell: process.platform === 'win32' }).status === 0;

test.runIf(hasNpm)(
  'npx -y alltoken-cli installs what npm packs and nothing else, and starts it',
  async () => {
    const registry = await startRegistry();
    const home = temporaryFolder();
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: home,
      ALLTOKEN_HOME: join(home, 'alltoken'),
      npm_config_cache: join(home, 'npm'),
      npm_config_registry: registry.url,
      npm_config_update_notifier: 'false',
      npm_config_audit: 'false',
    };
    const runNpx = async (argv: readonly string[], input: string) => {
      const child = spawn('npx', ['-y', 'alltoken-cli', ...argv], { cwd: home, env });
      child.stdin.end(input);
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (bytes: Buffer) => {
        stdout += bytes.toString();
      });
      child.stderr.on('data', (bytes: Buffer) => {
        stderr += bytes.toString();
      });
      const code = await new Promise((resolve) => child.on('close', resolve));
      return { code, stdout, stderr };
    };
    if (isTurnOf(0, 2)) {
      const chat = await runNpx(['chat', '-g', 'sandbox', 'hi'], '');
      expect(chat.code, chat.stderr).toBe(0);
      expect(chat.stdout).toContain('"hi"');
      expect(chat.stderr).toContain('[usage]');
    }
    if (isTurnOf(1, 2)) {
      const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}\n';
      const mcp = await runNpx(['mcp', '-g', 'sandbox'], ping);
      expect(mcp.code, mcp.stderr).toBe(0);
      expect(JSON.parse(mcp.stdout)).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
    }
    const installed = readdirSync(join(home, 'npm/_npx'));
    expect(installed).toHaveLength(1);
    const modules = join(home, 'npm/_npx', installed[0] ?? '', 'node_modules');
    const folders = readdirSync(modules, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name);
    expect(folders).toEqual(['alltoken-cli']);
    // npm also asks which versions the optional peer has, and installs none.
    const others = registry.requested.filter((path) => !path.startsWith('/alltoken-cli'));
    expect(others.filter((path) => path !== '/openai')).toEqual([]);
    expect(registry.requested.filter((path) => path.endsWith('.tgz'))).toHaveLength(1);
  },
);
