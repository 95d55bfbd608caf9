/** Names result files: our own names by default, a given name with numbers for several. It does not touch the disk. */
import type { TaskItem, TaskRecord } from '../schemas/task-record.ts';

/** For several results with one given name, from the second on: `cat.png`, `cat-2.png`. */
export function numbered(name: string, index: number): string {
  if (index === 0) return name;
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? `${name}-${index + 1}` : `${name.slice(0, dot)}-${index + 1}${name.slice(dot)}`;
}

/** `alltoken-image-1a2b3c4d.png`; `extension` comes from the bytes. A video's name has the end of its task's id. */
export function defaultName(
  record: TaskRecord,
  item: TaskItem,
  extension: string,
  random: string,
): string {
  const id8 =
    record.kind === 'video' && record.task_id !== null
      ? record.task_id.replace(/[^0-9A-Za-z]/g, '').slice(-8) || random.slice(0, 8)
      : random.slice(0, 8);
  const role = item.role === 'last_frame' ? '-last-frame' : '';
  return `alltoken-${record.kind}-${id8}${role}.${extension}`;
}
