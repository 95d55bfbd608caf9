/** What is on the disk of what was bought, when a process has ended and when the power was cut. */
import { HOME } from './process-files.ts';
import { outputsOf, recordsOf } from './shell.ts';
import type { World } from './world.ts';

/** Notes which one-shot replies are whole on the disk: from then on nothing but a power cut takes them. */
export function noteKept(world: World): void {
  const { books, disk } = world;
  const open = [...books.tasks.values()].filter(
    ({ isRead, isKept, items }) => isRead === true && isKept !== true && items.length > 0,
  );
  if (open.length === 0) return;
  const replies = disk
    .files()
    .filter(([path]) => path.startsWith(`${HOME}/tasks/`) && /\.(reply|body)$/.test(path));
  const records = recordsOf(world);
  for (const task of open) {
    const texts = task.items.map((item) => item.toString('base64'));
    // Who asks the same twice may get the same picture twice.
    const job = records.find(({ task_id: id }) => id === task.id)?.id ?? '';
    task.isKept = replies.some(
      ([path, { content }]) =>
        path.includes(job) && texts.every((text) => content.includes(text)) && isWhole(content),
    );
  }
}

/** A death in the middle of the write may leave the image and take the end of the document, which then is no reply any more. */
function isWhole(content: Buffer): boolean {
  try {
    JSON.parse(content.toString());
    return true;
  } catch {
    return false;
  }
}

/** After a power cut: what a record says is here is here, since the record came after it. */
export function checkDurable(world: World): void {
  const outputs = outputsOf(world);
  const files = new Map(world.disk.files());
  for (const { id, state, body, prompt, items } of recordsOf(world)) {
    const task = [...world.books.tasks.values()].find((one) => one.prompt === prompt);
    if (task === undefined) continue;
    for (const [index, item] of task.items.entries()) {
      const { saved = null, inline = null } = items[index] ?? {};
      const isSaved = outputs.some(([, content]) => content.equals(item));
      if (saved !== null && !isSaved)
        world.breaks('what a record calls saved is durable', `${id} ${saved.path}`);
      // Where the record could not be written after it was saved, the reply is gone, and the file is found again.
      const isHeld = state === 'received' && body !== null && inline !== null && saved === null;
      if (!isSaved && isHeld && files.get(body)?.content.includes(item.toString('base64')) !== true)
        world.breaks('what a record calls received is durable', `${id} ${body}`);
    }
  }
}
