/** Image and video tasks, and how they go on with time. Nothing runs in the background: a task's state is read off the clock. */
import { randomBytes } from 'node:crypto';
import { Rejection } from '../envelope.ts';
import type { TaskFault } from '../fault-names.ts';
import type { ImageRequest } from './image-request.ts';
import type { VideoRequest } from './video-request.ts';

export const taskStates = [
  'queued',
  'processing',
  'completed',
  'failed',
  'expired',
  'cancelled',
] as const;

export type TaskState = (typeof taskStates)[number];

interface AnyTask {
  id: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** From its creation to its end. */
  millis: number;
  faults: ReadonlySet<TaskFault>;
  /** What became of its files, by name; a file that nothing happened to is not here. */
  files: Map<string, FileState>;
}

export interface FileState {
  /** Addresses with a lower one are dead. */
  serial: number;
  /** Rises when the bytes change. */
  copy: number;
}

export interface ImageTask extends AnyTask {
  kind: 'image';
  request: ImageRequest;
  /** SHA-256 in hexadecimal of the uploads it was made from. */
  sourceDigests: string[];
  /** Who made it, and the Idempotency-Key it was made with. */
  owner: string;
  idempotencyKey: string | null;
  /** Of the one body with b64_json: claimed while it is being written. */
  delivery: 'waiting' | 'claimed' | 'delivered';
}

export interface VideoTask extends AnyTask {
  kind: 'video';
  request: VideoRequest;
  /** Milliseconds since 1970; null when never. */
  cancelledAt: number | null;
}

export type Task = ImageTask | VideoTask;

/** The part of its time that a task is queued. */
const queuedPart = { image: 0.3, video: 0.2 };

const slowness = 10;

/** What a task of either kind begins with; `millis` is how long it takes when nothing slows it down. */
export function newTask(
  prefix: 'igen' | 'vgen',
  createdAt: number,
  millis: number,
  faults: AnyTask['faults'],
) {
  return {
    id: newId(prefix),
    createdAt,
    millis: faults.has('slow-task') ? millis * slowness : millis,
    faults,
    files: new Map<string, FileState>(),
  };
}

/** The prefix, and 24 hexadecimal digits. */
export function newId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`;
}

/** The state of a task: one reply must compute it once, or its parts may disagree. */
export interface TaskStatus {
  state: TaskState;
  /** Milliseconds since 1970. */
  since: number;
}

/** The state at `now`, in ms since 1970. */
export function stateOf(task: Task, now: number): TaskStatus {
  const started = task.createdAt + task.millis * queuedPart[task.kind];
  const ended = endOf(task);
  if (task.kind === 'video' && task.cancelledAt !== null) {
    return { state: 'cancelled', since: task.cancelledAt };
  }
  if (now < started) return { state: 'queued', since: task.createdAt };
  if (now < ended || task.faults.has('never-finish')) {
    return { state: 'processing', since: started };
  }
  if (task.faults.has('task-fails')) return { state: 'failed', since: ended };
  if (task.faults.has('task-expires')) return { state: 'expired', since: ended };
  return { state: 'completed', since: ended };
}

/** When its time is over, in ms since 1970. */
export function endOf(task: Task): number {
  return task.createdAt + task.millis;
}

/** The state in the words of the wire, or in no words of it when a fault says so. */
export function stateWord(task: Task, state: TaskState): string {
  if (!task.faults.has('odd-state')) return state;
  if (state === 'processing') return 'polishing_pixels';
  return state === 'completed' ? 'SUCCEEDED' : state;
}

/** What a failed task says about it. */
export const taskFailure = {
  code: 'upstream_error',
  type: 'api_error',
  message: 'The provider failed (sandbox fault task-fails).',
};

/** Throws Rejection (404) when the task is unknown. */
export function knownTask<Known extends Task>(
  tasks: { get(id: string): Known | undefined },
  id: string,
): Known {
  const task = tasks.get(id);
  if (task) return task;
  throw new Rejection({
    status: 404,
    code: 'task_not_found',
    type: 'invalid_request_error',
    message: `There is no task ${JSON.stringify(id.slice(0, 100))}.`,
  });
}

/** `2026-05-07T02:54:12Z`. */
export function timestamp(millis: number): string {
  return new Date(millis).toISOString().replace(/\.\d+Z$/, 'Z');
}
