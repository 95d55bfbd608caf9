/** Notes which one-shot replies are whole on the disk: from then on nothing but a power cut takes them. */
import { HOME } from './process-files.ts';
import type { World } from './world.ts';

export function noteKept({ books, disk }: World): void {
  const open = [...books.tasks.values()].filter(
    ({ isRead, isKept, items }) => isRead === true && isKept !== true && items.length > 0,
  );
  if (open.length === 0) return;
  const replies = disk
    .files()
    .filter(([path]) => path.startsWith(`${HOME}/tasks/`) && /\.(reply|body)$/.test(path));
  for (const task of open) {
    const texts = task.items.map((item) => item.toString('base64'));
    task.isKept = replies.some(([, { content }]) => texts.every((text) => content.includes(text)));
  }
}
