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
      const { code: text } = await transform(code, {
        format: 'cjs',
        platform: 'node',
        target: 'node20',
        // `import()` of a CommonJS file would go through the ES module loader, 8 ms the first time.
        supported: { 'dynamic-import': false },
        // A few packages look for files beside themselves; a CommonJS file knows its own place.
        define: { 'import.meta.url': 'ownUrl' },
      });
      const ownUrl = /\bownUrl\b/.test(text)
        ? `const ownUrl = require('node:url').pathToFileURL(__filename).href;\n`
        : '';
      // Nothing reads the names of functions, and no trace is printed; with them every start would read a third more.
      const { code: short } = await transform(ownUrl + withSharedHelpers(text), {
        format: 'cjs',
        platform: 'node',
        target: 'node20',
        minify: true,
      });
      return { code: short };
    },
  };
}

/** Of esbuild's helpers, those that stand in `packs.ts`, on the `require` that a module is given there. */
const shared: Readonly<Record<string, string>> = {
  __export: 'require.publish',
  __toESM: 'require.toModule',
};

/** Those that only serve the ones above, or that publishing does itself. */
const dropped = new Set([
  ...['__create', '__defProp', '__getOwnPropDesc', '__getOwnPropNames', '__getProtoOf'],
  ...['__hasOwnProp', '__copyProps', '__toCommonJS'],
]);

/**
 * esbuild begins each module with its helpers, some 400 bytes of them: with some hundred modules, a twentieth of the package and of
 * what a start reads. Here they are taken from one place. Throws where esbuild writes something else than is known here.
 */
function withSharedHelpers(text: string): string {
  const begin = 'var stdin_exports = {};\n';
  const at = text.indexOf(begin);
  const helpers = at === -1 ? text : text.slice(0, at);
  const names = [...helpers.matchAll(/^var (__\w+) = /gm)].flatMap(([, name]) => name ?? []);
  // A module that exports nothing has none, unless it imports a package.
  if (at === -1 && names.length === 0) return text;
  const declared = names
    .filter((name) => !dropped.has(name))
    .map((name) => {
      if (shared[name] === undefined) throw new Error(`a helper of esbuild is not known: ${name}`);
      return `var ${name} = ${shared[name]};\n`;
    });
  const end = 'module.exports = __toCommonJS(stdin_exports);\n';
  const body = text.slice(at + begin.length);
  if (at === -1 || !body.includes(end))
    throw new Error('a module exports in a way that is not known');
  return `${declared.join('')}var stdin_exports = exports;\n${body.replace(end, '')}`;
}
