/** `alltoken tasks cancel`: stops a video on the gateway. It says plainly what cannot be stopped. */

import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { type NextStep, runStep } from '../../base/next-step.ts';
import { cancelVideo } from '../../client/video-tasks.ts';
import { findPlaces } from '../../config/places.ts';
import type { CommonFlags } from '../../flags/common-flags.ts';
import { gone, sandboxEnded } from '../../jobs/endings.ts';
import { endsWithProcess, shownId } from '../../jobs/hints.ts';
import type { Job } from '../../jobs/job.ts';
import { type Journal, openJournal } from '../../jobs/journal.ts';
import { isMissing, NOT_FOUND } from '../../jobs/missing.ts';
import { isOpen } from '../../jobs/states.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';
import { adviseOn, machineOf } from '../advice.ts';
import { openConnection } from '../connection.ts';
import { cancelled } from '../media/cancel-now.ts';
import { endOf, foreignTask, taskDocument, tasksDocument } from './document.ts';
import { findRecord, unknownTask } from './find.ts';
import { flagsOf } from './options.ts';

export async function* cancelTask(
  id: string,
  flags: CommonFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const journal = openJournal(findPlaces(deps).tasks, deps);
  const record = await findRecord(id, journal);
  const taskId = record === null ? id : record.task_id;
  const isOver = record !== null && !isOpen(record.state);
  if (record !== null && endsWithProcess(record)) {
    const job = await takeIfFree(record.id, journal);
    if (job !== null)
      throw await gone(job, sandboxEnded(record), { deps }, { status: null }).finally(() =>
        job.release().catch(() => {}),
      );
  }
  // Of one that has ended there is nothing to resume.
  const next: NextStep = isOver ? runStep(['tasks', 'show', id]) : { do: 'resume', id };
  // To ask the gateway for an image would take it, and it is sent only once.
  if (record === null && id.startsWith('igen_')) throw unknownTask(id);
  if (record?.kind === 'image' || taskId?.startsWith('igen_')) {
    const end = isOver ? 'this one has already ended' : 'it will finish and be charged';
    throw new CliError('usage', `an image cannot be cancelled; ${end}`, {
      code: 'unsupported',
      next,
    });
  }
  if (record === null && !/^(vgen_|tsk-)[\w.-]{2,200}$/.test(id)) throw unknownTask(id);
  if (taskId === null)
    throw new CliError(
      'usage',
      `the gateway has named no task for ${id}, so none can be cancelled`,
      {
        code: 'no_task_id',
        next,
      },
    );
  if (record !== null && isOver) {
    yield* alreadyEnded(record);
    return;
  }
  const of = record === null ? flags : flagsOf(record, flags, deps);
  const session = yield* openConnection(of, deps.clock.monotonic(), () => {}, deps);
  try {
    const { gateway, headers, policy, fetch } = session;
    if (gateway.media.video?.cancels !== true)
      throw new CliError('usage', `${gateway.label} cancels no videos: it and its charge go on`, {
        code: 'unsupported',
        next,
      });
    const place = { url: `${gateway.baseUrl}${gateway.routes.videos}`, headers, policy };
    const { task, late } = yield* cancelVideo(place, taskId, fetch, deps);
    const state = task.status ?? task.word ?? 'unknown';
    if (late) yield { type: 'status', message: `${taskId} had already ended` };
    const job = record === null ? null : await takeIfFree(record.id, journal);
    // Another process that waits for it sees the end by itself.
    if (job !== null) {
      if (task.status === 'cancelled' && job.record.state === 'submitted')
        await job.update({ state: 'ended', status: 'cancelled', error: cancelled });
      await job.release().catch(() => {});
    }
    const document =
      job === null ? foreignTask(task, gateway.id) : taskDocument(job.record, null, null);
    yield {
      type: 'output',
      content: { text: `${state}\n` },
      document: tasksDocument('tasks cancel', [{ ...document, status: state }], [], null),
    };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const { gateway, key, settings } = session;
    const { maxRetryWaitMs } = settings;
    const machine = machineOf(deps);
    const keySource = key?.source ?? null;
    const job =
      record !== null && isMissing(error, record, deps)
        ? await takeIfFree(record.id, journal)
        : null;
    if (job?.record.state === 'submitted') await job.update({ status: NOT_FOUND });
    await job?.release().catch(() => {});
    throw adviseOn(error, {
      kind: 'tasks resume',
      gateway,
      keySource,
      maxRetryWaitMs,
      machine,
      ...(job !== null && { record: job.record, journaled: true }),
    });
  } finally {
    await session.close();
  }
}

/** Nothing is left to ask for, and the gateway may be gone. */
function* alreadyEnded(record: TaskRecord): Generator<OutputEvent, void, undefined> {
  const error = endOf(record);
  if (record.state === 'gone' && error !== null) throw error;
  const document = taskDocument(record, null, null);
  const state = record.status ?? 'unknown';
  yield { type: 'status', message: `${shownId(record)} had already ended` };
  yield {
    type: 'output',
    content: { text: `${state}\n` },
    document: tasksDocument('tasks cancel', [document], [], null),
  };
}

async function takeIfFree(id: string, journal: Journal): Promise<Job | null> {
  const opened = await journal.open(id);
  return opened === null || 'heldBy' in opened ? null : opened;
}
