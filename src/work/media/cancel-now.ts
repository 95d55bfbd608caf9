/** `--cancel-on-interrupt`: the last request of a run that was stopped. */
import { cancelVideo } from '../../client/video-tasks.ts';
import type { Job } from '../../jobs/job.ts';
import type { JobContext } from '../../jobs/job-context.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { cancelled } from './cancelled.ts';

/** So long the gateway has to say that it has heard, in ms. */
const PATIENCE_MS = 5000;

/** The signal is up, so this request has one of its own; a second Ctrl-C ends it all the same. */
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
    const why = error instanceof Error ? error.message : 'it failed';
    yield { type: 'warning', message: `${taskId} could not be cancelled: ${why}` };
  } finally {
    stop();
  }
}

function tookTooLong(): DOMException {
  return new DOMException('The operation was aborted due to timeout', 'TimeoutError');
}
