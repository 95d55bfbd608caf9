import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';
import { thirdPartyNotices } from './build/third-party-notices.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

// CommonJS with splitting, on purpose: on Node 20 an ES module entry costs about 8 ms more than a
// CommonJS one at every start. Each `import()` in the source becomes a file of its own, so ora, zod,
// cli-table3 and undici are read from disk only where they are used. Everything is bundled: a user
// installs one package, and what runs is what the lockfile says. Not minified: tsup's CommonJS
// splitting and minifier together emit broken code, and a readable bundle is easier to report from.
export default defineConfig({
  entry: { main: 'src/main.ts' },
  format: ['cjs'],
  outExtension: () => ({ js: '.cjs' }),
  splitting: true,
  clean: true,
  target: 'node20',
  platform: 'node',
  noExternal: [/.*/],
  define: { ALLTOKEN_VERSION: JSON.stringify(version) },
  metafile: false,
  esbuildPlugins: [thirdPartyNotices('dist/THIRD-PARTY-NOTICES.txt')],
});
