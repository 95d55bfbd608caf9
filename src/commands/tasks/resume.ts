/** `alltoken tasks resume`: finishes jobs from wherever they were left, several at a time. What it may send in each state is in `jobs/states.ts`. */

import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { mergeAll } from '../../base/merge-generators.ts';
import { runStep, say } from '../../base/next-step.ts';
import { findPlaces } from '../../config/places.ts';
import { type Journal, openJournal } from '../../jobs/journal.ts';
import { isOpen } from '../../jobs/states.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { TaskDocument } from '../../schemas/media.ts';
import { type Run, runCommand } from '../../work/run-command.ts';
import { tasksDocument } from '../../work/tasks/document.ts';
import { findRecord } from '../../work/tasks/find.ts';
import { foreignRecord } from '../../work/tasks/foreign-record.ts';
import type { ResumeFlags } from '../../work/tasks/options.ts';
import { type Found, type Resumed, resumeOne } from '../../work/tasks/resume-one.ts';

/** So many tasks are waited for at a time. */
const AT_ONCE = 8;

export async function* resumeTasks(
  id: string | undefined,
  flags: ResumeFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const done: Resumed[] = [];
  const last = (error: CliError | null, { warnings }: Run): OutputEvent => {
    const tasks = done.map(({ task }) => task);
    const document = tasksDocument('tasks resume', tasks, warnings, error);
    const content = { text: pathsOf(tasks) };
    return document.ok
      ? { type: 'output', content, document }
      : { type: 'output', content, document, error: document.error };
  };
  check(id, flags);
  yield* runCommand(
    {
      debug: flags.debug === true,
      // Each job has its own, and takes it out of what it says.
      key: () => null,
      work: (run) => work(id, flags, run, done, deps),
      success: (run) => last(null, run),
      explain: (error) => error,
      failure: last,
    },
    deps,
  );
}

async function* work(
  id: string | undefined,
  flags: ResumeFlags,
  { startedAt }: Run,
  done: Resumed[],
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const journal = openJournal(findPlaces(deps).tasks, deps);
  const { records, unreadable } = await journal.list();
  const ids = flags.all
    ? records.filter(({ state }) => isOpen(state)).map((one) => ({ id: one.id, isNew: false }))
    : [await findOrAdopt(id ?? '', unreadable, flags, journal, deps)];
  const lost = flags.all === true ? yield* nameStrays(unreadable, journal) : null;
  if (ids.length === 0 && lost === null) yield { type: 'status', message: 'nothing to resume' };
  const works = ids.map((one) => resumeOne(one, flags, startedAt, journal, done, deps));
  yield* mergeAll(works, AT_ONCE);
  await journal.tidy().catch(() => {}); // only a matter of room
  const failure = together(done, lost);
  if (failure !== null) throw failure;
}

function check(id: string | undefined, flags: ResumeFlags): void {
  if ((id === undefined) === (flags.all !== true))
    throw new CliError('usage', 'name a task, or say --all', {
      code: 'bad_flag',
      next: [runStep(['tasks']), runStep(['tasks', 'resume', '--all'])],
    });
  if (flags.all && (flags.out !== undefined || flags.adopt !== undefined))
    throw new CliError('usage', '-o and --adopt are for one task', { code: 'bad_flag' });
}

/** What belongs to no job that can be resumed: named, and kept. Returns the error when a paid result may be among it. */
async function* nameStrays(
  unreadable: readonly string[],
  journal: Journal,
): AsyncGenerator<OutputEvent, CliError | null, undefined> {
  const { results, others } = await journal.strays();
  for (const path of unreadable)
    yield { type: 'warning', message: `${path} is not a valid job record; it is kept` };
  for (const path of results)
    yield { type: 'warning', message: `${path} belongs to no job of the journal; it is kept` };
  for (const path of others)
    yield { type: 'warning', message: `${path} is not a file of alltoken` };
  const kept = [...unreadable, ...results];
  return kept.length === 0 ? null : unreadableError(kept);
}

function unreadableError(paths: readonly string[]): CliError {
  const [first = ''] = paths;
  const more = paths.length > 1 ? ` and ${paths.length - 1} more` : '';
  return new CliError('partial', `${first}${more} cannot be resumed: no readable record`, {
    code: 'unreadable_record',
    billed: 'unknown',
    next: say('restore the record, or move the file elsewhere once nothing in it is needed'),
  });
}

/** The job's id in the journal; a task of the gateway that is not in it is put there. */
async function findOrAdopt(
  id: string,
  unreadable: readonly string[],
  flags: ResumeFlags,
  journal: Journal,
  deps: Deps,
): Promise<Found> {
  const record = await findRecord(id, journal);
  if (record !== null) return { id: record.id, isNew: false };
  const damaged = unreadable.filter((path) => deps.path.basename(path) === `${id}.json`);
  if (damaged.length > 0) throw unreadableError(damaged);
  const job = await journal.begin(await foreignRecord(id, flags, deps));
  await job.release().catch(() => {});
  return { id: job.record.id, isNew: true };
}

/** One failure for all: this machine's first, then partial when some came, else the first one. */
function together(done: readonly Resumed[], lost: CliError | null): CliError | null {
  const failures = [...done.map(({ error }) => error), lost].filter((error) => error !== null);
  const [first] = failures;
  if (first === undefined) return null;
  const stop = failures.find(({ isStop }) => isStop);
  const local = failures.find(({ exit }) => exit === 'local_io');
  if (stop !== undefined || local !== undefined) return stop ?? local ?? null;
  const someCame = done.some(({ error }) => error === null);
  if (!someCame && failures.every(({ exit }) => exit === first.exit)) return first;
  return new CliError(
    'partial',
    `${failures.length} of ${done.length + (lost === null ? 0 : 1)} tasks are not finished: ${first.message}`,
    { code: first.details.code, billed: 'unknown', next: first.details.next },
  );
}

function pathsOf(tasks: readonly TaskDocument[]): string {
  return tasks.flatMap(({ files }) => files.map(({ path }) => `${path}\n`)).join('');
}
