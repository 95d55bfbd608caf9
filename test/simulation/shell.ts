/** The people and scripts that type commands: they go by exit codes, as the table of exit codes says they may. */
import { afterBatch, goOnCommands, withFlags, withoutTotal } from './batches.ts';
import type { Process } from './process.ts';
import { HOME, OUT } from './process-files.ts';
import { type Command, type PipedInput, runNumber, TRIES } from './program.ts';
import type { World } from './world.ts';

/** Of a record, what a person looks at. */
export interface JournalRecord {
  id: string;
  kind: string;
  state: string;
  prompt: string;
  call: string;
  task_id: string | null;
  adopted: boolean;
  remains: string | null;
  body: string | null;
  items: { inline: number | null; saved: { path: string; bytes: number } | null }[];
}

export async function playActor(
  world: World,
  actor: number,
  commands: readonly Command[],
): Promise<void> {
  for (const [index, command] of commands.entries()) {
    if (command.argv.length === 0) continue;
    await world.pause(command.after);
    await playCommand(world, actor, index, command);
  }
}

async function playCommand(
  world: World,
  actor: number,
  index: number,
  { argv: first, input }: Command,
): Promise<void> {
  let argv: readonly string[] | null = first;
  for (let tried = 0; tried < TRIES && argv !== null; tried += 1) {
    await world.untilOn();
    const number = runNumber(actor, index, tried);
    // What was piped into the first command is not there for one that is typed after it.
    const isAgain: boolean = argv === first || argv[1] === '-';
    const process: Process = await world.machine.start(
      number,
      worded(argv, number, world),
      input !== undefined && isAgain ? pipe(input, number) : null,
    );
    argv = next(argv, process, tried);
    await world.pause(process.random.between(10, 3000));
  }
}

function pipe({ pieces, ends }: PipedInput, number: number): PipedInput {
  const numbered = pieces.map(({ after, text }) => ({
    after,
    text: text.replace('#RUN', `#${number}`),
  }));
  return { pieces: numbered, ends };
}

/** What is typed after a command ended so; null: nothing more. */
function next(argv: readonly string[], process: Process, tried: number): readonly string[] | null {
  const { exit, random } = process;
  const [name = ''] = argv;
  const resume = ['tasks', 'resume', '--all'];
  const isJob = name === 'image' || name === 'video' || name === 'tasks';
  if (tried >= TRIES - 2) return null;
  if (name === 'batch') return afterBatch(argv, process, tried);
  // Killed, or told to come back later: its history is in a file.
  if (name === 'agent')
    return exit === null || (exit >= 30 && exit < 40 && tried < 3) ? argv : null;
  if (exit === null || exit > 128)
    return isJob ? (random.chance(0.5) ? resume : ['tasks', 'RESUME']) : null;
  if (exit >= 30 && exit < 40) return tried < 3 ? argv : null;
  if (exit === 45)
    return tried < 6 ? (random.chance(0.5) ? resume : (hinted(process) ?? resume)) : null;
  if (exit === 46) return isJob && random.chance(0.5) && tried < 4 ? ['tasks', 'RESUME'] : null;
  if (exit === 50 || exit === 40 || exit === 41)
    return isJob && tried < 1 ? (random.chance(0.5) ? resume : hinted(process)) : null;
  return null;
}

/** The next command, as the program itself says it. */
function hinted({ stderr, stdout }: Process): readonly string[] | null {
  const [, words] = /alltoken (tasks resume [\w-]+)/.exec(stderr + stdout) ?? [];
  return words?.split(' ') ?? null;
}

/** Words in capitals are for what only this moment knows. */
function worded(argv: readonly string[], number: number, world: World): string[] {
  const [name, what = '', ...rest] = argv;
  if (name === 'tasks' && /^(RESUME|CANCEL|SHOW)$/.test(what)) {
    const isOpen = ({ state }: JournalRecord): boolean => /^(submitt|received)/.test(state);
    const open = recordsOf(world).filter((record) => what !== 'RESUME' || isOpen(record));
    const record = (open.length > 0 ? open : recordsOf(world)).at(-1);
    if (record === undefined)
      return what === 'RESUME' ? ['tasks', 'resume', '--all'] : ['tasks', 'list'];
    const id = number % 2 === 0 ? record.id : (record.task_id ?? record.id);
    return ['tasks', what.toLowerCase(), id, ...rest];
  }
  if (name === 'budget' && what === 'RELEASE') {
    const call = unsettledCall(world);
    return call === null ? ['budget'] : ['budget', 'release', call];
  }
  return argv.map((word) => word.replace('#RUN', `#${number}`));
}

/** The newest call that `budget --json` names as one without an outcome. */
function unsettledCall({ machine }: World): string | null {
  const shown = machine.processes.findLast(({ argv }) => argv.join(' ') === 'budget --json');
  if (shown?.exit !== 0) return null;
  const { unsettled } = JSON.parse(shown.stdout) as { unsettled: { call: string }[] };
  return unsettled.at(-1)?.call ?? null;
}

/** The last one, in half of the worlds: it shows whether what is not known was counted. */
const dearCall = ['-m', 'gpt-5.4', '--max-tokens', '200'];

/** Everything works again: all that is left is taken up, and what the hints say is done, until nothing is left to do. */
export async function settleAll(world: World): Promise<void> {
  let number = 9000;
  const type = (...argv: string[]): Promise<Process> => {
    number += 1;
    return world.machine.start(number, argv);
  };
  const { seed, config } = world.program;
  await world.pause(10 * 60_000);
  // Where nothing is left to do, some look all the same.
  const looks = hasLeft(world) || (seed % 4 === 1 && recordsOf(world).length > 0);
  for (let round = 0; looks && round < 3; round += 1) {
    const { exit } = await type('tasks', 'resume', '--all');
    if (exit === 0) break;
    await world.pause(5000);
  }
  for (const { id, state, prompt } of recordsOf(world)) {
    // Its name was taken meanwhile.
    if (state === 'received') await type('tasks', 'resume', id, '-o', `${id}.other`);
    if (state !== 'submitting') continue;
    const asked = await type('tasks', 'resume', id);
    const [, command, task] =
      /alltoken (tasks resume job_\w+ --adopt (\w+))/.exec(asked.stderr) ?? [];
    // A person looks whether it is what was ordered.
    if (command !== undefined && world.books.tasks.get(task ?? '')?.prompt === prompt)
      await type(...command.split(' '));
  }
  await settleBatches(world, type);
  // A call that fits must still be possible; one more than fits must not.
  const call = seed % 4 < 2 ? ['-m', 'gpt-5.4-nano', '--max-tokens', '50'] : dearCall;
  if (config !== null) await type('chat', ...call, `one more #${number + 1}`);
  // The journal and the ledger, as a person reads them.
  if (seed % 4 === 0) await type('tasks', 'list', '--json');
  if (seed % 4 === 2) await type('cost', '--since', '2020-01-01', '--json');
}

/** The same command goes on, until it has a result for each line; then what can be sent again is, by turns. */
async function settleBatches(
  world: World,
  type: (...argv: string[]) => Promise<Process>,
): Promise<void> {
  const { seed } = world.program;
  for (const command of goOnCommands(world.machine.processes)) {
    let argv = command;
    for (let round = 0; round < 4; round += 1) {
      const { exit, stderr, stdout } = await type(...argv);
      if (exit === 0 || exit === 40) break;
      if (exit === 27) argv = withoutTotal(argv);
      // Another kind of request was begun with.
      else if (/flags_changed/.test(stderr + stdout)) argv = [...argv, '--param', 'top_p=1'];
      await world.pause(5000);
    }
    const whole = ['--retry-failed', '--resend-unknown'];
    if (seed % 3 === 0) await type(...withFlags(withoutTotal(argv), whole));
    // What is done is done: nothing is sent.
    if (seed % 5 === 0) await type(...withoutTotal(argv));
  }
}

/** Anything in the journal but records of jobs that are over, or anything unfinished where results go. */
function hasLeft(world: World): boolean {
  const over = new Set(
    recordsOf(world)
      .filter(({ state }) => state === 'done' || state === 'gone' || state === 'ended')
      .map(({ id }) => `${HOME}/tasks/${id}.json`),
  );
  return world.disk
    .files()
    .some(
      ([path]) =>
        (path.startsWith(`${HOME}/tasks/`) && !over.has(path)) || path.startsWith(`${OUT}/.`),
    );
}

export function recordsOf(world: World): JournalRecord[] {
  return world.look('records', () => readRecords(world));
}

function readRecords(world: World): JournalRecord[] {
  const found: JournalRecord[] = [];
  for (const [path, { content }] of world.disk.files())
    if (/\/tasks\/job_\w+\.json$/.test(path) && path.startsWith(HOME)) {
      try {
        found.push(JSON.parse(content.toString()) as JournalRecord);
      } catch {
        world.breaks('we can read what we wrote', path);
      }
    }
  return found;
}

/** Files that were made for people. */
export function outputsOf(world: World): [string, Buffer][] {
  return world.disk
    .files()
    .filter(([path]) => path.startsWith(`${OUT}/`))
    .map(([path, { content }]) => [path, content]);
}
