/** The items of a job's result: finds one and changes it in the journal. It touches no result file. */
import type { TaskItem } from '../schemas/task-record.ts';
import type { Job } from './job.ts';

/** Changes one item of the record, durably. */
export async function changeItem(
  job: Job,
  index: number,
  change: Partial<TaskItem>,
): Promise<string | null> {
  const items = job.record.items.map((item, at) => (at === index ? { ...item, ...change } : item));
  return job.update({ items });
}

export function itemOf(job: Job, index: number): TaskItem {
  const item = job.record.items[index];
  if (item === undefined) throw new Error(`job ${job.record.id} has no item ${index}`);
  return item;
}
