/** The words that gateways use for the state of a task, as data. */

export type TaskStatus =
  | 'queued'
  | 'running'
  | 'cancelling'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'expired';

/** In lower case, with words joined by underscores, without `task_status_`. One table for all: no word means two things on two gateways. */
export const statusWords: Readonly<Record<string, TaskStatus>> = {
  queued: 'queued',
  queueing: 'queued',
  in_queue: 'queued',
  pending: 'queued',
  created: 'queued',
  submitted: 'queued',
  accepted: 'queued',
  scheduled: 'queued',
  waiting: 'queued',
  not_start: 'queued',
  not_started: 'queued',
  throttled: 'queued',
  preparing: 'queued',
  running: 'running',
  processing: 'running',
  in_progress: 'running',
  in_process: 'running',
  started: 'running',
  starting: 'running',
  generating: 'running',
  rendering: 'running',
  dreaming: 'running',
  cancelling: 'cancelling',
  canceling: 'cancelling',
  completed: 'succeeded',
  succeeded: 'succeeded',
  success: 'succeeded',
  succeed: 'succeeded',
  successful: 'succeeded',
  complete: 'succeeded',
  finished: 'succeeded',
  done: 'succeeded',
  failed: 'failed',
  fail: 'failed',
  failure: 'failed',
  error: 'failed',
  errored: 'failed',
  rejected: 'failed',
  refused: 'failed',
  denied: 'failed',
  blocked: 'failed',
  timeout: 'failed',
  timed_out: 'failed',
  abort: 'failed',
  aborted: 'failed',
  terminated: 'failed',
  killed: 'failed',
  crashed: 'failed',
  cancel: 'cancelled',
  cancelled: 'cancelled',
  canceled: 'cancelled',
  expired: 'expired',
};
