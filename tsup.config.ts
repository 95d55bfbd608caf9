import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { defineConfig } from 'tsup';
import { bundleSizes } from './build/bundle-sizes.ts';
import { declarations } from './build/declarations.ts';
import { manualPages } from './build/manual-pages.ts';
import { makePacks } from './build/packs.ts';
import { thirdPartyNotices } from './build/third-party-notices.ts';
import { toCommonJs } from './build/to-commonjs.ts';
import { withoutUnusedParts } from './build/unused-parts.ts';

const { version, bin } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  version: string;
  bin: Record<string, string>;
};

// Built as ES modules, so that tsup can split, and then made CommonJS: on Node 20 an ES module entry costs about 8 ms
// more than a CommonJS one at every start. Each `import()` in the source becomes a file of its own, so ora, zod,
// cli-table3 and undici are read from disk only where they are used. Everything is bundled: a user installs one package,
// and what runs is what the lockfile says.
export default defineConfig(({ outDir = 'dist' }) => ({
  entry: { main: 'src/main.ts', library: 'src/library.ts', testing: 'src/testing.ts' },
  format: ['esm'],
  outExtension: () => ({ js: '.cjs' }),
  splitting: true,
  metafile: true,
  clean: true,
  silent: true,
  target: 'node20',
  platform: 'node',
  noExternal: [/.*/],
  // A peer of those who want it.
  external: ['openai'],
  // It would be resolved before `withoutUnusedParts` sees it.
  removeNodeProtocol: false,
  define: { ALLTOKEN_VERSION: JSON.stringify(version) },
  plugins: [toCommonJs()],
  esbuildPlugins: [thirdPartyNotices('dist/THIRD-PARTY-NOTICES.txt'), withoutUnusedParts],
  // In one piece: each file more is half a millisecond, and there is nothing else that this one waits for.
  async onSuccess() {
    await build({
      entryPoints: ['src/quick.ts'],
      outfile: `${outDir}/quick.cjs`,
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      minify: true,
    });
    makePacks(outDir);
    declarations(outDir);
    manualPages(bin, outDir);
    console.log(bundleSizes(outDir));
  },
}));
