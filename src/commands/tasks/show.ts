/** `alltoken tasks show`: one job. It never requests an image result: the gateway delivers it only once. */

import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { readVideo } from '../../client/video-tasks.ts';
import { findPlaces } from '../../config/places.ts';
import { resumeCommand } from '../../jobs/hints.ts';
import { openJournal } from '../../jobs/journal.ts';
import { isOpen, states } from '../../jobs/states.ts';
import { formatCost } from '../../money/amount.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { TaskDocument } from '../../schemas/media.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';
import { openConnection } from '../../work/connection.ts';
import { foreignTask, taskDocument, tasksDocument } from '../../work/tasks/document.ts';
import { findRecord, unknownTask } from '../../work/tasks/find.ts';
import { flagsOf } from '../../work/tasks/options.ts';
import type { ShowFlags } from './options.ts';

export async function* showTask(
  id: string,
  flags: ShowFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const journal = openJournal(findPlaces(deps).tasks, deps);
  const record = await findRecord(id, journal);
  const warnings: string[] = [];
  let task: TaskDocument;
  if (record === null) {
    // The gateway is asked for videos only: an image's result is delivered once.
    if (flags.local || /^(igen|job)_/.test(id)) throw unknownTask(id);
    task = yield* askFor(id, flags, deps);
  } else {
    task = taskDocument(record, null, await journal.holderOf(record.id));
    const asks = record.kind === 'video' && record.state === 'submitted' && !record.ephemeral;
    if (asks && !flags.local) {
      try {
        const remote = yield* askFor(record.task_id ?? '', flagsOf(record, flags, deps), deps);
        task = { ...task, status: remote.status, urls: remote.urls };
      } catch (error) {
        if (!(error instanceof CliError) || error.isStop) throw error;
        warnings.push(`the gateway was no help: ${error.message}`);
        yield { type: 'warning', message: `the gateway was no help: ${error.message}` };
      }
    }
  }
  yield {
    type: 'output',
    content: { text: inWords(task, record) },
    document: tasksDocument('tasks show', [task], warnings, null),
  };
}

async function* askFor(
  taskId: string,
  flags: ShowFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, TaskDocument, undefined> {
  const session = yield* openConnection(flags, deps.clock.monotonic(), () => {}, deps);
  try {
    const { gateway, headers, policy, fetch } = session;
    if (gateway.routes.videos === undefined) throw unknownTask(taskId);
    const place = { url: `${gateway.baseUrl}${gateway.routes.videos}`, headers, policy };
    return foreignTask(yield* readVideo(place, taskId, fetch, deps), gateway.id);
  } finally {
    await session.close();
  }
}

function stateWords({ state, files }: TaskDocument, record: TaskRecord): string {
  const shown = state === 'gone' ? 'gone' : record.state;
  if (shown !== 'done' || files.length > 0) return `${shown}: ${states[shown].means}`;
  return record.download
    ? 'done: the result went to standard output'
    : 'done: only the address was requested';
}

function inWords(task: TaskDocument, record: TaskRecord | null): string {
  const lines: [string, string | null][] = [
    ['task', task.task_id],
    ['job', task.job_id],
    ['kind', task.kind],
    ['gateway', task.gateway],
    ['model', task.model ?? task.requested_model],
    ['status', task.status],
    ['state', record === null ? null : stateWords(task, record)],
    ['created', task.created_at],
    ['prompt', task.prompt],
    ['cost', formatCost(task.cost)],
    ...task.files.map(({ path, bytes }): [string, string] => ['file', `${path} (${bytes} bytes)`]),
    ['saved response', record?.body ?? record?.remains ?? null],
    ['error', task.error?.message ?? null],
    [
      'next',
      record !== null && isOpen(record.state) && task.state !== 'gone'
        ? resumeCommand(record)
        : null,
    ],
  ];
  return lines
    .filter((line): line is [string, string] => line[1] !== null)
    .map(([name, value]) => `${`${name}:`.padEnd(9)} ${value.replace(/\s+/g, ' ')}\n`)
    .join('');
}
