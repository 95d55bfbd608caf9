/** `alltoken tasks forget`: takes jobs out of the journal. A result that was paid for and is not saved stays, unless it is forced. */

import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import { findPlaces } from '../../config/places.ts';
import { endsWithProcess, resumeStep } from '../../jobs/hints.ts';
import { openJournal } from '../../jobs/journal.ts';
import { NOT_FOUND } from '../../jobs/missing.ts';
import { isOpen } from '../../jobs/states.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { TaskDocument } from '../../schemas/media.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';
import { taskDocument, tasksDocument } from '../../work/tasks/document.ts';
import { findRecord, unknownTask } from '../../work/tasks/find.ts';
import type { ForgetFlags } from './options.ts';

export async function* forgetTasks(
  ids: readonly string[],
  flags: ForgetFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  if ((ids.length === 0) !== (flags.finished === true))
    throw new CliError('usage', 'name the tasks, or say --finished', {
      code: 'bad_flag',
      next: [runStep(['tasks']), runStep(['tasks', 'forget', '--finished'])],
    });
  const journal = openJournal(findPlaces(deps).tasks, deps);
  const chosen: TaskRecord[] = [];
  if (flags.finished) {
    await journal.tidy().catch(() => {}); // only a matter of room
    const { records } = await journal.list();
    chosen.push(...records.filter((record) => !isOpen(record.state) || endsWithProcess(record)));
  }
  for (const id of ids) {
    const record = await findRecord(id, journal);
    if (record === null) throw unknownTask(id);
    // What the gateway has, or what is on disk already, can still be had; a lost create request cannot.
    const isThere =
      record.state === 'received' || (record.state === 'submitted' && record.status !== NOT_FOUND);
    if (isThere && !endsWithProcess(record) && !flags.force)
      throw new CliError('usage', `the result of ${id} is not saved yet`, {
        code: 'not_saved',
        next: [
          resumeStep(record),
          { do: 'set-flag', flag: '--force', why: 'forget it all the same' },
        ],
      });
    chosen.push(record);
  }
  const forgotten: TaskDocument[] = [];
  for (const { id } of chosen) {
    const job = await journal.open(id);
    if (job === null) continue;
    // A sandbox may still be at work on one that will be gone with it.
    if ('heldBy' in job && flags.finished) continue;
    if ('heldBy' in job)
      throw new CliError('still_running', `process ${job.heldBy} works on ${id}`, {
        code: 'in_use',
        billed: 'unknown',
      });
    forgotten.push(taskDocument(job.record, null, null));
    await journal.remove(job);
    await job.release().catch(() => {});
  }
  if (forgotten.length === 0)
    yield { type: 'status', message: 'no finished job is in the journal: nothing to forget' };
  yield {
    type: 'output',
    content: { text: forgotten.map((task) => `${task.task_id ?? task.job_id}\n`).join('') },
    document: tasksDocument('tasks forget', forgotten, [], null),
  };
}
