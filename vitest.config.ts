import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Against servers of other people: `npm run test:peers`.
    exclude: [...configDefaults.exclude, 'test/peers/**'],
    // Tests of the built executable start processes; two cores and a slow disk must not make them fail.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    env: { NODE_EXTRA_CA_CERTS: '' },
  },
  define: { ALLTOKEN_VERSION: '"0.0.0-test"' },
});
