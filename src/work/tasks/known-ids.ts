/** Ids of the journal, for completion at the cursor. It asks no gateway. */
import type { Deps } from '../../base/deps.ts';
import { findPlaces } from '../../config/places.ts';
import { shownId } from '../../jobs/hints.ts';
import { openJournal } from '../../jobs/journal.ts';
import { isOpen } from '../../jobs/states.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';

/** The jobs that a subcommand of `tasks` can do something with. */
const helps: Readonly<Record<string, (record: TaskRecord) => boolean>> = {
  show: () => true,
  // One that is done can be saved elsewhere.
  resume: ({ state }) => isOpen(state) || state === 'done',
  cancel: ({ kind, state }) => kind === 'video' && state === 'submitted',
  forget: () => true,
};

/** The gateway's id, ours where there is none, and ours where `current` begins so; newest first. */
export async function knownTaskIds(
  subcommand: string,
  current: string,
  deps: Deps,
): Promise<string[]> {
  const helpsWith = Object.hasOwn(helps, subcommand) ? helps[subcommand] : undefined;
  if (helpsWith === undefined) return [];
  const { records } = await openJournal(findPlaces(deps).tasks, deps).list();
  const wantsOurs = current.startsWith('job_');
  return records
    .filter(helpsWith)
    .reverse()
    .map((record) => (wantsOurs ? record.id : shownId(record)));
}
