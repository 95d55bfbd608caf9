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

interface Tarball {
  filename: string;
  integrity: string;
  shasum: string;
  bytes: Buffer;
}

let packed: Tarball | null = null;

/** As npm packs it, once for all tests of a worker. The package has to be built. */
export function pack(): Tarball {
  if (packed !== null) return packed;
  const folder = temporaryFolder();
  // Without scripts: they would build while other tests run what was built.
  const words = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const env = { ...process.env, npm_config_cache: join(folder, 'cache') };
  const told = execFileSync('npm', words, { cwd: root, encoding: 'utf8', env });
  const [{ filename, integrity, shasum } = { filename: '', integrity: '', shasum: '' }] = listOf(
    JSON.parse(told),
  );
  packed = { filename, integrity, shasum, bytes: readFileSync(join(folder, filename)) };
  return packed;
}

export async function startRegistry(): Promise<Registry> {
  const { filename, integrity, shasum, bytes } = pack();
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const requested: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    requested.push(url);
    if (url === `/${manifest.name}`)
      response.setHeader('content-type', 'application/json').end(packument());
    else if (url === `/${filename}`) response.end(bytes);
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

type Packed = Omit<Tarball, 'bytes'>;

/** npm 12 names the packages; earlier ones list them. */
function listOf(packed: unknown): Packed[] {
  const list = Array.isArray(packed) ? packed : Object.values(packed as object);
  return list as Packed[];
}
