/** An npm registry on loopback that has one package: ours, as `npm pack` makes it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { root, temporaryFolder } from './executable.ts';

interface Registry {
  url: string;
  /** Paths that were requested, in their order. */
  requested: string[];
}

/** The package has to be built. */
export async function startRegistry(): Promise<Registry> {
  const folder = temporaryFolder();
  // Without scripts: they would build while other tests run what was built.
  const words = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const env = { ...process.env, npm_config_cache: join(folder, 'cache') };
  const packed = execFileSync('npm', words, { cwd: root, encoding: 'utf8', env });
  const [{ filename, integrity, shasum } = { filename: '', integrity: '', shasum: '' }] = listOf(
    JSON.parse(packed),
  );
  const tarball = readFileSync(join(folder, filename));
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const requested: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    requested.push(url);
    if (url === `/${manifest.name}`)
      response.setHeader('content-type', 'application/json').end(packument());
    else if (url === `/${filename}`) response.end(tarball);
    else response.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const registry = `http://127.0.0.1:${port}`;
  const packument = (): string => {
    const { name, version } = manifest;
    const dist = { tarball: `${registry}/${filename}`, integrity, shasum };
    const { devDependencies: _unused, ...published } = { devDependencies: {}, ...manifest };
    const versions = { [version]: { ...published, dist } };
    return JSON.stringify({ name, 'dist-tags': { latest: version }, versions });
  };
  return { url: registry, requested };
}

interface Packed {
  filename: string;
  integrity: string;
  shasum: string;
}

/** npm 12 names the packages; earlier ones list them. */
function listOf(packed: unknown): Packed[] {
  const list = Array.isArray(packed) ? packed : Object.values(packed as object);
  return list as Packed[];
}
