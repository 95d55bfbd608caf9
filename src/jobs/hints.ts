/** The next command for a job, as a step and in words. */
import type { NextStep } from '../base/next-step.ts';
import { nextWords } from '../base/next-words.ts';
import type { TaskRecord } from '../schemas/task-record.ts';

/** The flags that lead back to a gateway which no journal remembers. */
export function wayBack({ gateway, base_url: baseUrl }: TaskRecord): string[] {
  return ['-g', gateway, '--base-url', baseUrl];
}

/** Safe in every shell, and short enough to type. */
const plainId = /^[\w.:-]{1,120}$/;

/** What people read and type: the gateway's id when it has given one that a shell takes as it is, else ours. */
export function shownId({ task_id: taskId, id }: TaskRecord): string {
  return taskId !== null && plainId.test(taskId) ? taskId : id;
}

/** `fill`: what the reader adds, as the name of a file after `-o`. */
export function resumeStep(
  record: TaskRecord,
  flags: readonly string[] = [],
  fill?: string,
): NextStep & { do: 'resume' } {
  return {
    do: 'resume',
    id: shownId(record),
    ...(flags.length > 0 && { flags }),
    ...(fill !== undefined && { fill }),
  };
}

/** `alltoken tasks resume <id>` */
export function resumeCommand(record: TaskRecord, flags: readonly string[] = []): string {
  return nextWords(resumeStep(record, flags), 'unknown') ?? '';
}
