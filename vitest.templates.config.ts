import { defineConfig } from 'vitest/config';

/**
 * The projects that `alltoken init` makes, installed from the npm registry and its cache: `npm run test:templates`, after
 * a build. Not part of `npm run check`, which needs no network.
 */
export default defineConfig({
  test: {
    include: ['test/templates/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 600_000,
    env: { NODE_EXTRA_CA_CERTS: '' },
    reporters: process.env.VITEST_JSON
      ? ['default', ['json', { outputFile: process.env.VITEST_JSON }]]
      : ['default'],
  },
  define: { ALLTOKEN_VERSION: '"0.0.0-test"' },
});
