/** An esbuild plugin: commander loads `node:child_process` for subcommands that are executables of their own. Ours are none, and it takes 3 ms. */
import type { Plugin } from 'esbuild';

export const withoutChildProcesses: Plugin = {
  name: 'without-child-processes',
  setup(build) {
    build.onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) =>
      /node_modules[\\/]commander[\\/]/.test(importer)
        ? { path: 'child_process', namespace: 'absent' }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({
      contents: 'module.exports = {};',
    }));
  },
};
