/** An npm registry on loopback with the packages of some folders, each as `npm pack` makes it. It prints nothing. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

/** Resolves to `{ url, stop }`. `env`: of npm, with a cache of its own. The packages must be built: their scripts are not run. */
export async function startRegistry(folders, destination, env) {
  const packages = folders.map((folder) => pack(folder, destination, env));
  const server = createServer(({ url }, response) => {
    const named = packages.find(({ manifest }) => url === `/${manifest.name}`);
    const file = packages.find(({ filename }) => url === `/${filename}`);
    if (named !== undefined) response.end(JSON.stringify(describe(named, origin())));
    else if (file !== undefined) response.end(file.tarball);
    else response.writeHead(404).end('{}');
  });
  const origin = () => `http://127.0.0.1:${server.address().port}`;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: origin(), stop };
}

function pack(folder, destination, env) {
  const words = ['pack', '--ignore-scripts', '--json', '--pack-destination', destination];
  const packed = JSON.parse(execFileSync('npm', words, { cwd: folder, encoding: 'utf8', env }));
  // npm 12 names the packages; earlier ones list them.
  const [{ filename, integrity, shasum }] = Array.isArray(packed) ? packed : Object.values(packed);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return {
    manifest,
    filename,
    integrity,
    shasum,
    tarball: readFileSync(join(destination, filename)),
  };
}

function describe({ manifest, filename, integrity, shasum }, origin) {
  const { devDependencies: _, ...published } = manifest;
  const dist = { tarball: `${origin}/${filename}`, integrity, shasum };
  const { name, version } = manifest;
  return {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { ...published, dist } },
  };
}
