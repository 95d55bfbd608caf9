/** How a job that was cancelled stands in the journal. */
import type { TaskRecord } from '../../schemas/task-record.ts';

export const cancelled: NonNullable<TaskRecord['error']> = {
  name: 'task_failed',
  code: 'cancelled',
  message: 'the task was cancelled',
};
