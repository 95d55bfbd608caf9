/** The next command for a job, in words. */
import type { TaskRecord } from '../schemas/task-record.ts';

/** The flags that lead back to a gateway which no journal remembers. */
export function wayBack({ gateway, base_url: baseUrl }: TaskRecord): string {
  return ` -g ${gateway} --base-url ${baseUrl}`;
}

/** Safe in every shell, and short enough to type. */
const plainId = /^[\w.:-]{1,120}$/;

/** `alltoken tasks resume <id>`: the gateway's id when it has given one that a shell takes as it is, else ours. */
export function resumeCommand(record: TaskRecord, flags = ''): string {
  const { task_id: taskId, id } = record;
  return `alltoken tasks resume ${taskId !== null && plainId.test(taskId) ? taskId : id}${flags}`;
}
