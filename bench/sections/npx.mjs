/** The first word of somebody who has nothing yet: the package from a registry, with an empty cache, on the sandbox; it prints nothing. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cli } from '../contestants.mjs';
import { interleave } from '../measure.mjs';
import { startRegistry } from '../package-server.mjs';
import { runOnce } from '../process.mjs';
import { ratio, rows } from '../rows.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const least = 'least-package';
const chat = ['chat', '-g', 'sandbox', 'hi'];

export async function npx(bench, runs) {
  const place = join(bench.directory, 'npx');
  const home = join(place, 'home');
  const cache = join(place, 'cache');
  const packed = join(place, 'packed');
  for (const folder of [home, packed]) mkdirSync(folder, { recursive: true });
  const registry = await startRegistry([root, makeLeast(join(place, least))], packed, {
    ...bench.env,
    npm_config_cache: cache,
  });
  const env = {
    ...bench.env,
    HOME: home,
    ALLTOKEN_HOME: join(home, 'alltoken'),
    npm_config_cache: cache,
    npm_config_registry: registry.url,
    npm_config_update_notifier: 'false',
    npm_config_audit: 'false',
  };
  const contestant = (name, command, isCold) => ({
    name,
    async measure() {
      if (isCold) for (const old of [cache, home]) rmSync(old, { recursive: true, force: true });
      mkdirSync(home, { recursive: true });
      const startedAt = process.hrtime.bigint();
      const { firstByteAt, text } = await runOnce(command, { ...bench, env });
      if (!text.includes('hi')) throw new Error(`no answer on stdout: ${text.slice(0, 100)}`);
      return Number(firstByteAt - startedAt) / 1e6;
    },
  });
  const ours = 'npx -y alltoken-cli, empty cache';
  const one = 'npx -y, a package of one line, empty cache';
  try {
    const samples = await interleave(
      [
        contestant(ours, ['npx', '-y', 'alltoken-cli', ...chat], true),
        contestant('npx -y alltoken-cli, once more', ['npx', '-y', 'alltoken-cli', ...chat], false),
        contestant(one, ['npx', '-y', least], true),
        contestant('node bin/alltoken.js', [process.execPath, cli, ...chat], false),
      ],
      { warmUps: 0, runs },
    );
    return {
      title: 'From the command to the first word of `chat -g sandbox hi`',
      unit: 'ms',
      rows: [...rows(samples), ratio(samples, ours, one, { atMost: 2 })],
    };
  } finally {
    registry.stop();
    rmSync(place, { recursive: true, force: true });
  }
}

/** What npx alone takes. */
function makeLeast(folder) {
  mkdirSync(folder, { recursive: true });
  const manifest = { name: least, version: '1.0.0', bin: { [least]: 'bin.js' } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'bin.js'), "#!/usr/bin/env node\nconsole.log('hi');\n", {
    mode: 0o755,
  });
  return folder;
}
