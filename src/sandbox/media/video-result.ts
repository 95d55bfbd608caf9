/** A video task as the wire shows it, in any state. It changes nothing of the task. */
import type { Call } from '../call.ts';
import { addressMaker, filmName, hasUrl, lastFrameName } from './stored-files.ts';
import {
  endOf,
  stateWord,
  type TaskStatus,
  taskFailure,
  timestamp,
  type VideoTask,
} from './tasks.ts';
import { askedPixels } from './video-frame.ts';
import { framesPerSecond } from './video-length.ts';

/** The addresses of files are in it while they are good. */
export function videoBody(
  call: Call,
  task: VideoTask,
  { since, state }: TaskStatus,
): Record<string, unknown> {
  const { request } = task;
  const urlExpiresAt = endOf(task) + call.media.lifetimes.videoUrlMillis;
  const isOver = state === 'completed' && urlExpiresAt <= call.exchange.clock.now();
  return {
    id: task.id,
    status: stateWord(task, state),
    model: request.model,
    input_type: request.inputType,
    is_expired: isOver || state === 'expired',
    ...request.echo,
    ...(state === 'completed' && result(task)),
    ...(state === 'completed' && !isOver && hasUrl(task) && addresses(call, task, urlExpiresAt)),
    ...(state === 'failed' && { error: taskFailure }),
    created_at: timestamp(task.createdAt),
    updated_at: timestamp(since),
    ...(state === 'completed' && { completed_at: timestamp(endOf(task)) }),
  };
}

function addresses(call: Call, task: VideoTask, expiresAt: number): Record<string, unknown> {
  const address = addressMaker(call, task, expiresAt);
  return {
    video_url: address(filmName(task.id)),
    video_url_expires_at: timestamp(expiresAt),
    video_url_ttl: Math.floor((expiresAt - call.exchange.clock.now()) / 1000),
    ...(task.request.returnsLastFrame && { last_frame_url: address(lastFrameName(task.id)) }),
  };
}

/** Resolution and ratio as requested: the file itself is smaller, and says so. */
function result({ request }: VideoTask): Record<string, unknown> {
  const { frames, ratio, resolution, seconds, seed } = request;
  const tokens = Math.round((frames * askedPixels(resolution)) / 1024);
  return {
    duration: seconds,
    frames,
    fps: framesPerSecond,
    resolution,
    ratio,
    seed,
    usage: { completion_tokens: tokens, total_tokens: tokens },
  };
}
