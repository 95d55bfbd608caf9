import { statfsSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/** They start processes, most of them the built executable. */
const processes = [
  'test/agent/mcp.test.ts',
  'test/docs.test.ts',
  'test/executable/**/*.test.ts',
  'test/skills/scripts.test.ts',
];

/** nock replaces the network of the whole process as soon as it is loaded. */
const nocked = ['test/**/*.nock.test.ts'];

/**
 * Left out where the same tests have passed on another version of Node (VITEST_AFTER_ANOTHER_NODE=1): they depend on our code and
 * texts alone. What touches Node stays: network, disk, streams, timers, signals, terminal, the executable, the library, the proxy.
 */
const sameOnEachNode = [
  // In which order our steps follow each other; kill-network and kill-gone end real processes there, too.
  'test/executable/kill-{image,publish,resume,upload,video}.test.ts',
  'test/executable/{budget-parallel,package-size}.test.ts',
  // The sources, and what is written about them.
  'test/{architecture,published-forms}.test.ts',
  'test/{docs,schemas,skills}/**',
  // Command lines in memory, whose network and disk are those of the tests that stay; functions of values.
  'test/{base,batch,cli,client,commands,config,flags,gateways,jobs,money,sandbox,simulation,work}/**',
  'test/frontends/{mcp,slash}/**',
];

const leftOut = process.env.VITEST_AFTER_ANOTHER_NODE === '1' ? sameOnEachNode : [];

/** A path for a report in JSON, beside what is printed. */
const report = process.env.VITEST_JSON;

export default defineConfig({
  test: {
    // Two cores and a slow disk must not make a test fail.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    // A worker waits for its processes and its disk, too: with two more than there are cores, all of them stay busy (on two
    // cores, three workers took 188 s and four 154 s).
    maxWorkers: availableParallelism() + 2,
    // Tests make many short-lived objects: with room for them, the workers take 8 % less CPU (measured on Node 20).
    execArgv: ['--max-semi-space-size=32'],
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
            ...leftOut,
            'test/peers/**',
            'test/hosts/**',
            // With packages from the registry: `npm run test:templates`.
            'test/templates/**',
            ...processes,
            ...nocked,
          ],
          // No test changes anything that another one sees, so that all share what was loaded.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'nock',
          isolate: false,
          include: nocked,
          exclude: [...configDefaults.exclude, ...leftOut],
        },
      },
      {
        extends: true,
        test: {
          name: 'cli',
          include: processes,
          exclude: [...configDefaults.exclude, ...leftOut],
          isolate: false,
        },
      },
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
