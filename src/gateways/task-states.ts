/** The words that gateways use for the state of a task, as data. */

export type TaskStatus =
  | 'queued'
  | 'running'
  | 'cancelling'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'expired';

/** In lower case, with spaces and hyphens as underscores. One table for all: no word means two things on two gateways. */
export const statusWords: Readonly<Record<string, TaskStatus>> = {
  queued: 'queued',
  pending: 'queued',
  created: 'queued',
  submitted: 'queued',
  running: 'running',
  processing: 'running',
  in_progress: 'running',
  generating: 'running',
  cancelling: 'cancelling',
  canceling: 'cancelling',
  completed: 'succeeded',
  succeeded: 'succeeded',
  success: 'succeeded',
  done: 'succeeded',
  failed: 'failed',
  error: 'failed',
  cancelled: 'cancelled',
  canceled: 'cancelled',
  expired: 'expired',
};
