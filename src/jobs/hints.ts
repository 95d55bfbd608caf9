/** The next command for a job, in words. */
import type { TaskRecord } from '../schemas/task-record.ts';

/** `alltoken tasks resume <id>`: the gateway's id when it has given one. */
export function resumeCommand(record: TaskRecord, flags = ''): string {
  return `alltoken tasks resume ${record.task_id ?? record.id}${flags}`;
}
