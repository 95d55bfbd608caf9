/** No file of ours is unreadable to us, and no turn of a conversation is lost. */
import type { Process } from './process.ts';
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
  for (const process of world.machine.processes) checkTurn(world, process);
}

/** A conversation that was asked for by name has each turn, once. */
function checkTurn(world: World, { argv, exit, name, disturbances }: Process): void {
  const at = argv.indexOf('--session');
  if (argv[0] !== 'chat' || at < 0 || exit !== 0 || disturbances.some(isOfDisk)) return;
  const path = `${HOME}/sessions/${argv[at + 1]}.jsonl`;
  const text =
    world.disk
      .files()
      .find(([other]) => other === path)?.[1]
      .content.toString() ?? '';
  const turns = text.split('\n').filter((line) => isJson(line) && line.includes(argv.at(-1) ?? ''));
  if (turns.length !== 1)
    world.breaks('no turn is lost', `${name} ${argv.join(' ')}: ${turns.length} in ${path}`);
}

function isOfDisk(disturbance: string): boolean {
  return /sessions|mkdir|full|readonly/.test(disturbance);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
