import { defineConfig } from 'vitest/config';

/** Our program against servers that we did not write. Opt-in: `npm run test:peers`. */
export default defineConfig({
  test: {
    include: ['test/peers/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // The servers talk on the console of this process.
    silent: 'passed-only',
    env: { NODE_EXTRA_CA_CERTS: '' },
    reporters: ['default', './test/peers/results-table.ts'],
  },
  define: { ALLTOKEN_VERSION: '"0.0.0-test"' },
});
