import { defineConfig } from 'vitest/config';

/** Our program in agent hosts from npm, with a played model and no outside network. Opt-in: `npm run test:hosts`. */
export default defineConfig({
  test: {
    include: ['test/hosts/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 60_000,
    // A host takes several hundred megabytes and most of two cores.
    fileParallelism: false,
  },
  define: { ALLTOKEN_VERSION: '"0.0.0-test"' },
});
