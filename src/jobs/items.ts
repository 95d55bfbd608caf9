/** The items of a job's result: finds one and changes it in the journal. It touches no result file. */
import type { TaskItem, TaskRecord } from '../schemas/task-record.ts';
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

/** More than any gateway makes in one task. */
const MOST_ORDERED = 16;

/** How many images or videos the request was for; null: another machine sent it. */
export function orderedOf({ kind, create }: TaskRecord): number | null {
  if (create.path === '') return null;
  const { n } = create.body;
  const count = kind === 'image' && typeof n === 'number' && Number.isInteger(n) ? n : 1;
  return Math.min(Math.max(1, count), MOST_ORDERED);
}

/** How many results of one role are taken: a gateway may send more than was ordered, but not without end. */
export function mostItems(record: TaskRecord): number {
  return 2 * (orderedOf(record) ?? MOST_ORDERED);
}
