/** `submit_video` and `fetch_video`: a video is ordered in one call, which returns at once, and waited for in others, each of which ends in time. */
import { errorDocument, toCliError } from '../../base/error-document.ts';
import { CliError } from '../../base/errors.ts';
import type { TaskDocument } from '../../schemas/media.ts';
import type { Resumed } from '../../work/tasks/resume-one.ts';
import type { Tool } from '../types.ts';
import { type Buyer, buying } from './buyer.ts';
import { runJobFor } from './job.ts';
import { errorResult } from './purchase.ts';

/** Seconds. */
const USUAL_WAIT = 60;
const LONGEST_WAIT = 240;

interface VideoArguments {
  prompt: string;
  duration?: number;
  ratio?: string;
  resolution?: string;
}

interface FetchArguments {
  task_id: string;
  wait_seconds?: number;
}

const submitVideoTool: Tool = {
  definition: {
    type: 'function',
    function: {
      name: 'submit_video',
      description:
        'Order a video. Returns the task_id at once; get the file with fetch_video. Costs money, so order one only when the user wants one, and never order it again because it takes long.',
      parameters: {
        type: 'object',
        properties: {
          prompt: {
            type: 'string',
            description: 'What it shows.',
            minLength: 1,
            maxLength: 32_000,
          },
          duration: {
            type: 'integer',
            description: 'Seconds. Default: 5.',
            minimum: 1,
            maximum: 60,
          },
          ratio: {
            type: 'string',
            enum: ['16:9', '9:16', '4:3', '3:4', '21:9', '1:1'],
            description: 'Default: 16:9.',
          },
          resolution: {
            type: 'string',
            enum: ['480p', '720p', '1080p'],
            description: 'More costs more. Default: 480p.',
          },
        },
        required: ['prompt'],
        additionalProperties: false,
      },
    },
  },
  buys: true,
  execute: (args: VideoArguments, context) => buying(context, (buyer) => submit(args, buyer)),
};

const fetchVideoTool: Tool = {
  definition: {
    type: 'function',
    function: {
      name: 'fetch_video',
      description:
        'Wait for a video that was ordered with submit_video, and save it. Returns its path, or the status running: then call it again later with the same task_id. Free.',
      parameters: {
        type: 'object',
        properties: {
          task_id: {
            type: 'string',
            description: 'Of submit_video.',
            minLength: 1,
            maxLength: 200,
          },
          wait_seconds: {
            type: 'integer',
            description: `Wait at most this long. Default: ${USUAL_WAIT}.`,
            minimum: 0,
            maximum: LONGEST_WAIT,
          },
        },
        required: ['task_id'],
        additionalProperties: false,
      },
    },
  },
  timeoutMs: (LONGEST_WAIT + 60) * 1000,
  execute: (args: FetchArguments, context) =>
    buying(context, (buyer) => fetchVideo(args, buyer), true),
};

export const videoTools: Tool[] = [submitVideoTool, fetchVideoTool];

function submit(
  { prompt, duration, ratio, resolution }: VideoArguments,
  buyer: Buyer,
): Promise<unknown> {
  const fields = {
    async: true,
    ...(duration !== undefined && { duration }),
    ...(ratio !== undefined && { ratio }),
    ...(resolution !== undefined && { resolution }),
  };
  return runJobFor({ kind: 'video', prompt, fields }, buyer);
}

async function fetchVideo(
  { task_id: id, wait_seconds: wait = USUAL_WAIT }: FetchArguments,
  buyer: Buyer,
): Promise<unknown> {
  const { signal } = buyer.context;
  try {
    const { task, error } = await resume(id, wait, buyer);
    if (error?.exit === 'still_running')
      return { status: 'running', task_id: id, next: [{ do: 'call', tool: 'fetch_video' }] };
    if (error === null) return resultOf(task);
    signal.throwIfAborted();
    return errorResult(errorDocument(error));
  } catch (error) {
    signal.throwIfAborted();
    return errorResult(errorDocument(toCliError(error)));
  }
}

/** Only videos of the journal: a model may name anything. Throws `CliError`. */
async function resume(id: string, wait: number, { deps, report }: Buyer): Promise<Resumed> {
  const [{ openJournal }, { findPlaces }, { findRecord, unknownTask }, { resumeOne }] =
    await Promise.all([
      import('../../jobs/journal.ts'),
      import('../../config/places.ts'),
      import('../../work/tasks/find.ts'),
      import('../../work/tasks/resume-one.ts'),
    ]);
  const journal = openJournal(findPlaces(deps).tasks, deps);
  const record = await findRecord(id, journal);
  if (record === null || record.kind !== 'video') throw unknownTask(id);
  const done: Resumed[] = [];
  const flags = { color: false, wait };
  const startedAt = deps.clock.monotonic();
  const found = { id: record.id, isNew: false };
  for await (const event of resumeOne(found, flags, startedAt, journal, done, deps))
    if (event.type === 'status' || event.type === 'warning') report(event);
  const [one] = done;
  if (one === undefined) throw new CliError('internal', 'the task has no end');
  return one;
}

function resultOf({ status, task_id, files, model, cost }: TaskDocument): unknown {
  return {
    status,
    task_id,
    files: files.map(({ path, mime, bytes }) => ({ path, mime, bytes })),
    model,
    cost: cost.amount,
  };
}
