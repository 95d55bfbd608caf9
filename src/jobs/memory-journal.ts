/** The journal of `--no-journal`: only the responses are stored on disk, until their files are saved. */
import type { Deps } from '../base/deps.ts';
import { bounded, removeFiles } from './job.ts';
import type { Journal } from './journal.ts';

/** For one job. Responses are stored beside the target, because there is no journal directory. */
export function memoryJournal(
  targetDirectory: string,
  deps: Pick<Deps, 'files' | 'path' | 'clock'>,
): Journal {
  const { join } = deps.path;
  return {
    keeps: false,

    async begin(first) {
      let record = first;
      let secret: string | null = null;
      return {
        conceal(text) {
          secret = text;
        },
        get record() {
          return record;
        },
        async update(change) {
          record = { ...record, ...bounded(secret, change) };
          return null;
        },
        isBehind: false,
        file: (ending) => join(targetDirectory, `.${first.id}.${ending}`),
        release: async () => {},
      };
    },
    open: async () => null,
    holderOf: async () => null,
    list: async () => ({ records: [], unreadable: [] }),
    strays: async () => ({ results: [], others: [] }),
    tidy: async () => {},
    remove: (job) => removeFiles(job, deps),
  };
}
