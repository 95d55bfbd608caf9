/** `alltoken tasks list`: the journal, and what the gateway knows beside it. A gateway that does not answer costs only its part. */

import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { shorten } from '../../base/json.ts';
import type { TaskReply } from '../../client/task-reply.ts';
import { listVideos } from '../../client/video-tasks.ts';
import { findPlaces } from '../../config/places.ts';
import type { Settings } from '../../config/settings.ts';
import { openJournal } from '../../jobs/journal.ts';
import type { OutputEvent, Table } from '../../schemas/events.ts';
import type { TaskDocument } from '../../schemas/media.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';
import { openConnection } from '../../work/connection.ts';
import { foreignTask, taskDocument, tasksDocument } from '../../work/tasks/document.ts';
import { listText } from './list-text.ts';
import type { ListFlags } from './options.ts';
import { stateOf, timeOf } from './task-state.ts';

/** Characters of a prompt in the list: thirty tasks have to fit where a host cuts output. */
const PROMPT_SHOWN = 200;

export async function* listTasks(
  flags: ListFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const warnings: string[] = [];
  const journal = openJournal(findPlaces(deps).tasks, deps);
  const { records, unreadable } = await journal.list();
  for (const path of unreadable) warnings.push(`${path} is not a valid job record; skipped`);
  const listed = flags.local === true ? null : yield* askGateway(flags, records, warnings, deps);
  for (const message of warnings) yield { type: 'warning', message };
  const theirs = new Map(listed?.tasks.map((task) => [task.id, task]));
  const tasks: TaskDocument[] = [];
  for (const record of records) {
    const document = taskDocument(record, null, await journal.holderOf(record.id));
    const remote = theirs.get(record.task_id);
    theirs.delete(record.task_id);
    tasks.push({ ...document, status: remote?.status ?? document.status });
  }
  for (const task of theirs.values()) tasks.push(foreignTask(task, listed?.gateway ?? ''));
  const newest = tasks.sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1)).slice(0, flags.limit);
  const left = tasks.length - newest.length;
  if (left > 0) yield { type: 'status', message: `${left} older tasks are left out; see --limit` };
  yield {
    type: 'output',
    content: deps.stdout.isTerminal
      ? newest.length === 0
        ? { text: 'no tasks\n' }
        : { text: listText(newest, deps) }
      : { table: forPipes(newest) },
    document: {
      ...tasksDocument('tasks list', newest.map(inShort), warnings, null),
      total: tasks.length,
    },
  };
}

/** A list has room for the beginning of a prompt; `tasks show` has all of it. */
function inShort(task: TaskDocument): TaskDocument {
  return { ...task, prompt: task.prompt === null ? null : shorten(task.prompt, PROMPT_SHOWN) };
}

/** null, and a line why, when it cannot be asked. */
async function* askGateway(
  flags: ListFlags,
  records: readonly TaskRecord[],
  warnings: string[],
  deps: Deps,
): AsyncGenerator<OutputEvent, { gateway: string; tasks: TaskReply[] } | null, undefined> {
  let asked: string | null = null;
  const note = (settings: Settings): void => {
    asked = settings.gateway.id;
  };
  try {
    const session = yield* openConnection(flags, deps.clock.monotonic(), note, deps);
    try {
      const { gateway, headers, policy, fetch, ephemeral } = session;
      // A sandbox that was started for this very command knows nothing yet.
      if (gateway.media.video?.lists !== true || ephemeral) return null;
      const place = { url: `${gateway.baseUrl}${gateway.routes.videos}`, headers, policy };
      const tasks = yield* listVideos(place, Math.min(flags.limit, 100), fetch, deps);
      return { gateway: gateway.id, tasks };
    } finally {
      await session.close();
    }
  } catch (error) {
    if (!(error instanceof CliError) || error.exit === 'usage' || error.isStop) throw error;
    // Without a key, and with jobs at other gateways only, nothing on its list is missed.
    const isOther = records.length > 0 && records.every(({ gateway }) => gateway !== asked);
    if (error.details.code === 'missing_key' && flags.gateway === undefined && isOther) return null;
    warnings.push(`only the journal is listed: ${error.message}`);
    return null;
  }
}

/** id, kind, state, model, time, path of each file */
function forPipes(tasks: readonly TaskDocument[]): Table {
  return {
    head: [],
    rows: tasks.map((task) => [
      task.task_id ?? task.job_id ?? '',
      task.kind,
      stateOf(task),
      task.model ?? task.requested_model ?? '',
      task.created_at ?? '',
      ...task.files.map(({ path }) => path),
    ]),
  };
}
