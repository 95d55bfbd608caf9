/** `--cancel-on-interrupt`: cancels the task of an interrupted run. It never starts one. */
import { cancelVideo } from '../../client/video-tasks.ts';
import type { Job } from '../../jobs/job.ts';
import type { JobContext } from '../../jobs/job-context.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';

/** How long to wait for the gateway's response, in ms. */
const PATIENCE_MS = 5000;

/** The signal is already aborted, so this request has its own; a second Ctrl-C still ends it. */
export async function* cancelNow(
  job: Job,
  context: JobContext,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { gateway, headers, policy, fetch, deps } = context;
  const { state, task_id: taskId } = job.record;
  if (state !== 'submitted' || taskId === null) return;
  const place = { url: `${gateway.baseUrl}${gateway.routes.videos ?? ''}`, headers, policy };
  const late = new AbortController();
  const stop = deps.clock.after(PATIENCE_MS, () => late.abort(tookTooLong()));
  const last = { ...deps, signal: late.signal };
  try {
    const { task, late } = yield* cancelVideo(place, taskId, fetch, last);
    const isOver = task.status === 'cancelled';
    if (isOver) await job.update({ state: 'ended', status: 'cancelled', error: cancelled });
    const message = late
      ? `${taskId} had already ended: ${task.word}`
      : `${taskId} is ${isOver ? 'cancelled' : `not cancelled yet: ${task.word}`}`;
    yield { type: 'status', message };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'the request failed';
    yield { type: 'warning', message: `${taskId} could not be cancelled: ${why}` };
  } finally {
    stop();
  }
}

function tookTooLong(): DOMException {
  return new DOMException('The operation was aborted due to timeout', 'TimeoutError');
}

/** The journal's error of a cancelled job. */
export const cancelled: NonNullable<TaskRecord['error']> = {
  name: 'task_failed',
  code: 'cancelled',
  message: 'the task was cancelled',
};
