/** A tsup plugin that turns each finished ES module into CommonJS with esbuild, file by file. */
import { transform } from 'esbuild';
import type { Options } from 'tsup';

type Plugin = NonNullable<Options['plugins']>[number];

/**
 * tsup's own CommonJS splitting goes through sucrase, which lowers `?.` and `??` to calls with closures (a third of the
 * rate of a long answer) and breaks when minified. esbuild leaves them alone.
 */
export function toCommonJs(): Plugin {
  return {
    name: 'to-commonjs',
    async renderChunk(code) {
      const result = await transform(code, {
        format: 'cjs',
        platform: 'node',
        target: 'node20',
        // Nothing reads the names of functions, and no trace is printed; with them every start would read a third more.
        minify: true,
        // `import()` of a CommonJS file would go through the ES module loader, 8 ms the first time.
        supported: { 'dynamic-import': false },
        // A few packages look for files beside themselves; a CommonJS file knows its own place.
        define: { 'import.meta.url': 'ownUrl' },
      });
      const needsUrl = /\bownUrl\b/.test(result.code);
      return {
        code: needsUrl
          ? `const ownUrl = require('node:url').pathToFileURL(__filename).href;\n${result.code}`
          : result.code,
      };
    },
  };
}
