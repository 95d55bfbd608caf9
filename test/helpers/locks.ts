/** Processes that share a directory, as locks see them, in any order that a seed makes. */
import type { Lock, LockDeps } from '../../src/system/lock.ts';
import { fakeDeps } from './fake-deps.ts';

export const name = 'job_0123456789ab';

/** Processes of one home; `marks` says which numbers run, and may change. They run in `space`, as `host_boot_container`. */
export function processes(
  marks: Record<number, string>,
  space = '',
): { home: string; as(id: number): LockDeps } {
  const { deps, home } = fakeDeps();
  const as = (processId: number): LockDeps => ({
    ...deps,
    processId,
    processMark: (id) => marks[id] ?? null,
    processSpace: () => space,
  });
  return { home, as };
}

export function isHeld(taken: Lock | { heldBy: number }): taken is { heldBy: number } {
  return 'heldBy' in taken;
}

/** Lets others in before each operation, in an order that `seed` makes. */
export function delayed(deps: LockDeps, seed: number): LockDeps {
  let state = seed + 1;
  const turns = async (): Promise<void> => {
    state = (state * 48_271) % 2_147_483_647;
    for (let turn = state % 4; turn > 0; turn -= 1) await Promise.resolve();
  };
  const { files } = deps;
  return {
    ...deps,
    files: {
      ...files,
      list: async (path) => {
        await turns();
        return files.list(path);
      },
      openToWrite: async (path, how, mode) => {
        await turns();
        return files.openToWrite(path, how, mode);
      },
      remove: async (path) => {
        await turns();
        await files.remove(path);
      },
    },
  };
}
