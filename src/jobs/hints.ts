/** The next command for a job, in words. */
import type { TaskRecord } from '../schemas/task-record.ts';

/** The flags that lead back to a gateway which no journal remembers. */
export function wayBack({ gateway, base_url: baseUrl }: TaskRecord): string {
  return ` -g ${gateway} --base-url ${baseUrl}`;
}

/** Safe in every shell, and short enough to type. */
const plainId = /^[\w.:-]{1,120}$/;

/** What people read and type: the gateway's id when it has given one that a shell takes as it is, else ours. */
export function shownId({ task_id: taskId, id }: TaskRecord): string {
  return taskId !== null && plainId.test(taskId) ? taskId : id;
}

/** `alltoken tasks resume <id>` */
export function resumeCommand(record: TaskRecord, flags = ''): string {
  return `alltoken tasks resume ${shownId(record)}${flags}`;
}
