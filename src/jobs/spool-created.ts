/** Saves the response to a create request that may be the image itself: it is sent only once, and no id brings it back. */
import { CliError } from '../base/errors.ts';
import type { TaskReply } from '../client/task-reply.ts';
import { readTaskReply } from '../client/task-reply.ts';
import { errorInJson } from '../transport/error-body.ts';
import type { Reply, Request } from '../transport/request.ts';
import type { Job } from './job.ts';
import {
  holdsInline,
  keepAsBody,
  keepRemains,
  readSpool,
  readStart,
  type SpoolDeps,
  type Start,
  writeAll,
} from './spool.ts';
import { broken, diskTrouble, notATask, unread, unreadable } from './spool-errors.ts';
import { readSpooledJson } from './spooled-json.ts';

/**
 * The response to a create request that may contain the images themselves. All of it is saved to disk, and whatever is
 * neither a task nor an error stays there: it may be the paid result. What is short and holds no image needs no disk: the
 * id of a task is not lost with it. Throws as `spoolReply` does.
 */
export async function spoolCreated(
  reply: Reply,
  request: Request,
  job: Job,
  deps: SpoolDeps,
): Promise<TaskReply> {
  const chunks = reply.chunks();
  const start = await readStart(chunks);
  const short = start.isWhole && !mayHoldImage(start.bytes) ? jsonOf(start.bytes) : null;
  const known = short === null ? null : readTaskReply(short);
  if (known !== null && known.results.length === 0) return known;
  if (known === null && short !== null && errorInJson(short, reply.status) !== null)
    throw notATask(short, request, reply);
  try {
    return await spoolAll(start, chunks, reply, request, job, deps);
  } catch (error) {
    // The addresses are in hand, and the record has them next.
    if (
      known === null ||
      !(error instanceof CliError) ||
      error.exit !== 'local_io' ||
      holdsInline(known)
    )
      throw error;
    return { ...known, status: 'succeeded' };
  }
}

async function spoolAll(
  start: Start,
  chunks: AsyncIterable<Uint8Array>,
  reply: Reply,
  request: Request,
  job: Job,
  deps: SpoolDeps,
): Promise<TaskReply> {
  const path = job.file('reply');
  await writeAll(start, chunks, path, job, deps).catch((error: unknown) => {
    throw broken(error, request, reply);
  });
  let json: unknown;
  try {
    json = (await readSpool(path, deps)).json;
  } catch (error) {
    const trouble = diskTrouble(error);
    if (trouble !== null) throw unread(error, trouble, reply);
    await keepRemains(job, deps).catch(() => {});
    throw unreadable(error, request, reply);
  }
  const task = readTaskReply(json);
  const isError = task === null && errorInJson(json, reply.status) !== null;
  const isResult = task !== null && task.results.length > 0;
  try {
    if (isError || (task !== null && !isResult)) await deps.files.remove(path);
    else await keepAsBody(job, deps);
  } catch (error) {
    throw broken(error, request, reply);
  }
  if (task === null) throw notATask(json, request, reply);
  // A result counts, whatever the status says.
  return isResult ? { ...task, status: 'succeeded' } : task;
}

function mayHoldImage(bytes: Uint8Array): boolean {
  return /b64_json|"data:/.test(Buffer.from(bytes).toString('latin1'));
}

/** null where it is no JSON. */
function jsonOf(bytes: Uint8Array): unknown {
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  try {
    return readSpooledJson({ size: bytes.length, read }).json;
  } catch {
    return null;
  }
}

/** As `spoolCreated`, of a response that was read as a task's and is the result. Rejects with the system's error. */
export async function spoolParsed(
  json: unknown,
  job: Job,
  deps: SpoolDeps,
): Promise<TaskReply | null> {
  const bytes = Buffer.from(JSON.stringify(json));
  const whole: Start = { bytes, isWhole: true, failure: null };
  await writeAll(whole, nothingMore(), job.file('reply'), job, deps);
  const task = readTaskReply((await readSpool(job.file('reply'), deps)).json);
  await keepAsBody(job, deps);
  return task === null ? null : { ...task, status: 'succeeded' };
}

async function* nothingMore(): AsyncGenerator<Uint8Array, void, undefined> {}
