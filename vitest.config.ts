import { statfsSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/** They start processes, most of them the built executable. */
const processes = [
  'test/agent/mcp.test.ts',
  'test/docs.test.ts',
  'test/executable/**/*.test.ts',
  'test/skills/commands.test.ts',
];

/** nock replaces the network of the whole process as soon as it is loaded. */
const nocked = ['test/**/*.nock.test.ts'];

/** A path for a report in JSON, beside what is printed. */
const report = process.env.VITEST_JSON;

export default defineConfig({
  test: {
    // Two cores and a slow disk must not make a test fail.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A worker waits for its processes and its disk, too: one more than there are cores keeps all of them busy.
    maxWorkers: availableParallelism() + 1,
    ...(report && { reporters: ['default', ['json', { outputFile: report }]] }),
    env: { NODE_EXTRA_CA_CERTS: '', TMPDIR: temporaryFolder() },
    // What was compiled is kept in node_modules, so that the next run need not do it again.
    experimental: { fsModuleCache: true },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          // Against servers of other people: `npm run test:peers`.
          exclude: [
            ...configDefaults.exclude,
            'test/peers/**',
            'test/hosts/**',
            ...processes,
            ...nocked,
          ],
          // No test changes anything that another one sees, so that all share what was loaded.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'nock', include: nocked } },
      { extends: true, test: { name: 'cli', include: processes, isolate: false } },
    ],
  },
  define: { ALLTOKEN_VERSION: '"0.0.0-test"' },
});

/**
 * In memory, where there is a large file system of that kind: the journal syncs at each step, and on a disk thousands of
 * tests would wait for that longer than for all else.
 */
function temporaryFolder(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize >= 2 * 1024 ** 3) return '/dev/shm';
  } catch {
    // No such folder: not Linux.
  }
  return tmpdir();
}
