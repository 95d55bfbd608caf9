/** The unit tests over the instrumented copy: one process after another, in the order that is asked for. */
import { defineConfig } from 'vitest/config';
import suite from '../../vitest.config.ts';

class InOrder {
  shard<Spec>(specs: Spec[]): Spec[] {
    return specs;
  }
  sort<Spec>(specs: Spec[]): Spec[] {
    return specs;
  }
}

export default defineConfig({
  ...suite,
  test: {
    ...suite.test,
    setupFiles: ['test/mutants/setup.ts'],
    maxWorkers: 1,
    experimental: { fsModuleCache: false },
    sequence: { sequencer: InOrder as never },
  },
});
