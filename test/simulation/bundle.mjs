/** Bundles a file of the simulator with what it imports, so that plain Node can run it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const loopback = fileURLToPath(new URL('loopback.ts', import.meta.url));

/** `instead`: other text for some files, by path. */
export async function bundle(entry, outfile, instead) {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    define: { ALLTOKEN_VERSION: '"0.0.0"' },
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
    plugins: [
      {
        name: 'instead',
        setup({ onLoad, onResolve }) {
          // The one server of the program listens in the simulated machine.
          onResolve({ filter: /^node:http$/ }, ({ importer }) =>
            importer.endsWith(join('src', 'serve', 'server.ts')) ? { path: loopback } : undefined,
          );
          onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
            contents: instead[path] ?? (await readFile(path, 'utf8')),
            loader: 'ts',
          }));
        },
      },
    ],
  });
}
