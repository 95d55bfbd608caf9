/** No file of ours is unreadable to us. */
import { HOME } from './process-files.ts';
import type { World } from './world.ts';

export function checkFiles(world: World): void {
  // What was not synced may be half there; that it is read all the same is seen by the commands that come after.
  if (world.program.disasters.some((disaster) => disaster.do === 'cut power')) return;
  for (const [path, { content }] of world.disk.files()) {
    const isState = path.startsWith(`${HOME}/budget/`) || path.startsWith(`${HOME}/cache/`);
    if (isState && path.endsWith('.json') && !isJson(content.toString()))
      world.breaks('we can read what we wrote', path);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
