/** Laws of answers and conversations: no turn is lost or doubled, a pipe is read to its end, and a broken home costs no answer. */
import type { Process } from './process.ts';
import { HOME } from './process-files.ts';
import type { World } from './world.ts';

export function checkConversations(world: World): void {
  const files = turnsOf(world);
  for (const process of world.machine.processes) {
    if (process.argv[0] !== 'chat' && process.argv[0] !== 'search') continue;
    checkAnswer(world, process);
    checkTurn(world, process, files);
  }
  for (const [name, turns] of files)
    if (new Set(turns).size < turns.length) world.breaks('no turn is doubled', `${name}: ${turns}`);
}

/** The numbers of the processes whose turns are in each conversation. */
function turnsOf(world: World): Map<string, number[]> {
  const files = new Map<string, number[]>();
  for (const [path, { content }] of world.disk.files()) {
    if (!path.startsWith(`${HOME}/sessions/`) || !path.endsWith('.jsonl')) continue;
    const lines = content.toString().split('\n');
    const numbers = lines.flatMap((line) => {
      const found = /^\{"v":1,.*"role":"user","content":".*?#(\d+)/.exec(line);
      return found === null || !line.endsWith('}') ? [] : [Number(found[1])];
    });
    files.set(path.slice(`${HOME}/sessions/`.length, -'.jsonl'.length), numbers);
  }
  return files;
}

/** Its own name for its conversation; null: it has none. */
function sessionOf({ argv }: Process): string | null {
  const at = argv.indexOf('--session');
  return at < 0 ? null : (argv[at + 1] ?? null);
}

function checkTurn(world: World, process: Process, files: ReadonlyMap<string, number[]>): void {
  const { argv, exit, pid, name } = process;
  const what = `${name} ${argv.join(' ')}`;
  const sent = world.books.of(pid)[0]?.prompts ?? [];
  if (new Set(sent).size < sent.length) world.breaks('no turn is sent twice', `${what}: ${sent}`);
  if (argv.includes('--no-save') && [...files.values()].some((turns) => turns.includes(pid)))
    world.breaks('--no-save saves nothing', what);
  const session = sessionOf(process);
  if (session === null || mayLoseTurns(world)) return;
  if (exit === 0 && isSaved(process) && !files.get(session)?.includes(pid))
    world.breaks('no turn is lost', `${what}: ${files.get(session)}`);
  if (sent.length === 0) return;
  for (const other of world.machine.processes)
    if (
      other.exit === 0 &&
      other.argv[0] === 'chat' &&
      sessionOf(other) === session &&
      isSaved(other) &&
      other.endedAt < process.startedAt &&
      !sent.includes(other.pid)
    )
      world.breaks('a conversation goes on where it was', `${what}: without ${other.name}`);
}

/** A search keeps no conversation. */
function isSaved({ stdout, stderr }: Process): boolean {
  return !/is not saved/.test(stdout + stderr);
}

/** No answer waits until the disk has its turn. */
function mayLoseTurns({ program }: World): boolean {
  return program.disasters.some((disaster) => disaster.do === 'cut power');
}

function checkAnswer(world: World, process: Process): void {
  const { argv, exit, input, disturbances, stderr, pid } = process;
  const what = `${process.name} ${argv.join(' ')}: exit ${exit}: ${stderr.slice(0, 300)}`;
  const [sale] = world.books.of(pid);
  if (argv.includes('--strict') && exit === 0 && sale?.finish === 'length')
    world.breaks('--strict takes no answer that was cut', what);
  if (
    input !== null &&
    input.pieces.length > 0 &&
    exit === 2 &&
    !isLate(process) &&
    !isElsewhere(process)
  )
    world.breaks('a pipe is waited for', what);
  const isHomeOnly = disturbances.length > 0 && disturbances.every((one) => one === 'readonly');
  const isBudgeted = world.program.config !== null || argv.includes('--max-cost');
  const mayBe = argv.includes('--strict') ? [0, 40] : [0];
  if (isHomeOnly && exit !== null && !isBudgeted && !mayBe.includes(exit) && !isStarved(process))
    world.breaks('a home that cannot be written costs no answer', what);
}

/** Words were typed, and the pipe has been silent for so long that they are all that was meant. */
function isLate({ argv, input }: Process): boolean {
  return (input?.pieces[0]?.after ?? 0) >= 10_000 && !argv.includes('-');
}

/** It was to go on with a conversation of another gateway, and sent nothing. */
function isElsewhere({ argv, stderr, stdout, exchanges }: Process): boolean {
  const goesOn = argv.includes('-c') || argv.includes('--session');
  const isRefused = /other_gateway/.test(stderr + stdout);
  return isRefused && goesOn && !argv.includes('-g') && exchanges.length === 0;
}

/**
 * What it was to read never came, or there is nothing to go on with, or that was said to another gateway, which nobody has
 * named now: nothing was sent, and 2 is right.
 */
export function isStarved(process: Process): boolean {
  const { input, argv, stderr, stdout } = process;
  if (isElsewhere(process)) return true;
  if (argv.includes('-c') && /no_session/.test(stderr + stdout)) return true;
  if (input === null || argv.includes('--no-stdin')) return false;
  const isSilent = input.pieces.length === 0 && !input.ends;
  return (isSilent || isLate(process)) && /stdin_silent/.test(stderr + stdout);
}
