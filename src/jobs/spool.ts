/** Saves a response with a result to disk before it is parsed, because it is sent only once. It decodes no image. */

import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import type { TaskReply } from '../client/task-reply.ts';
import { readTaskReply } from '../client/task-reply.ts';
import { errorInJson } from '../transport/error-body.ts';
import type { Reply, Request } from '../transport/request.ts';
import type { Job } from './job.ts';
import { broken, notATask, unreadable } from './spool-errors.ts';
import { readSpooledJson } from './spooled-json.ts';

type SpoolDeps = Pick<Deps, 'files'>;

/** More than ten images of any gateway; stops an endless body. */
const MAX_BYTES = 2 * 1024 ** 3;

/** Responses that only report progress are shorter, and contain no image. */
const SHORT_BYTES = 4096;

/**
 * Reads the response of one poll. One that may contain an image is saved as the job's `body`, durable; one
 * that was cut off as `half`, unless little of it arrived. Throws `CliError` network, protocol, local_io or a signal's.
 */
export async function spoolReply(
  reply: Reply,
  request: Request,
  job: Job,
  deps: SpoolDeps,
): Promise<TaskReply> {
  const chunks = reply.chunks();
  const start = await readStart(chunks);
  if (!start.bytes.includes('b64_json')) {
    if (start.failure !== null) throw broken(start.failure.error, request, reply);
    if (start.isWhole) return readShort(start.bytes, request, reply);
  }
  const path = job.file('reply');
  const size = await writeAll(start, chunks, path, job, deps).catch((error: unknown) => {
    throw broken(error, request, reply);
  });
  let spooled: ReturnType<typeof readSpooledJson>;
  try {
    spooled = await readSpool(path, deps);
  } catch (error) {
    await keepRemains(job, size, deps).catch(() => {});
    throw unreadable(error, request, reply);
  }
  const task = readTaskReply(spooled.json);
  if (task === null) throw notATask(spooled.json, request, reply);
  // The response of a finished task is saved even if it cannot be parsed: it is sent only once.
  const { status, results } = task;
  const holdsImage = results.some(({ inline }) => inline !== null);
  try {
    if (status === 'succeeded' && (holdsImage || results.length === 0)) await keepAsBody(job, deps);
    else await deps.files.remove(path);
  } catch (error) {
    throw broken(error, request, reply);
  }
  return task;
}

/**
 * The response to a create request that may contain the images themselves. All of it is saved to disk, and whatever is
 * neither a task nor an error stays there: it may be the paid result. Throws as `spoolReply` does.
 */
export async function spoolCreated(
  reply: Reply,
  request: Request,
  job: Job,
  deps: SpoolDeps,
): Promise<TaskReply> {
  const nothing: Start = { bytes: Buffer.alloc(0), isWhole: false, failure: null };
  const path = job.file('reply');
  const size = await writeAll(nothing, reply.chunks(), path, job, deps).catch((error: unknown) => {
    throw broken(error, request, reply);
  });
  let json: unknown;
  try {
    json = (await readSpool(path, deps)).json;
  } catch (error) {
    await keepRemains(job, size, deps).catch(() => {});
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

/** The first few bytes of a response, and whether it ended or was cut off there. */
interface Start {
  bytes: Buffer;
  isWhole: boolean;
  failure: { error: unknown } | null;
}

async function readStart(chunks: AsyncGenerator<Uint8Array, void, undefined>): Promise<Start> {
  const parts: Uint8Array[] = [];
  let isWhole = false;
  let failure: Start['failure'] = null;
  try {
    for (let size = 0; size <= SHORT_BYTES && !isWhole; ) {
      const { done, value } = await chunks.next();
      if (done) isWhole = true;
      else {
        parts.push(value);
        size += value.length;
      }
    }
  } catch (error) {
    failure = { error };
  }
  return { bytes: Buffer.concat(parts), isWhole, failure };
}

function readShort(bytes: Uint8Array, request: Request, reply: Reply): TaskReply {
  let json: unknown;
  try {
    const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
    json = readSpooledJson({ size: bytes.length, read }).json;
  } catch (error) {
    throw unreadable(error, request, reply);
  }
  const task = readTaskReply(json);
  if (task === null) throw notATask(json, request, reply);
  return task;
}

/** A response that an earlier process saved completely but did not record; null when there is none. One that was cut off is set aside. */
export async function findSpooled(job: Job, deps: SpoolDeps): Promise<TaskReply | null> {
  for (const ending of ['body', 'reply'] as const) {
    const path = job.file(ending);
    const status = await deps.files.status(path);
    if (status === null) continue;
    try {
      const task = readTaskReply((await readSpool(path, deps)).json);
      // What cannot be parsed may be the paid result: it stays.
      if (task === null) continue;
      const isDone = task.status === 'succeeded';
      const holdsImage = task.results.some(({ inline }) => inline !== null);
      // Without a task id it cannot be requested again.
      if ((isDone && holdsImage) || (task.id === null && task.results.length > 0)) {
        if (ending === 'reply') await keepAsBody(job, deps);
        return { ...task, status: 'succeeded' };
      }
      if (!isDone && task.results.length === 0) await deps.files.remove(path);
    } catch {
      if (ending === 'reply') await keepRemains(job, status.bytes, deps);
    }
  }
  return null;
}

async function keepAsBody(job: Job, { files }: SpoolDeps): Promise<void> {
  const body = job.file('body');
  await files.rename(job.file('reply'), body);
  await files.syncDirectory(folderOf(body));
}

/** The document on disk, with long strings left there. */
export async function readSpool(
  path: string,
  deps: SpoolDeps,
): Promise<ReturnType<typeof readSpooledJson>> {
  const reader = await deps.files.openToRead(path);
  try {
    return readSpooledJson(reader);
  } finally {
    await reader.close();
  }
}

/** Returns the number of bytes. Partial data is saved. */
async function writeAll(
  { bytes, failure }: Start,
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  job: Job,
  deps: SpoolDeps,
): Promise<number> {
  const file = await deps.files.openToWrite(path, 'empty', 0o600);
  let size = bytes.length;
  try {
    await file.write(bytes);
    if (failure !== null) throw failure.error;
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > MAX_BYTES)
        throw new CliError('protocol', 'the gateway sent more than 2 GB', { code: 'too_large' });
      await file.write(chunk);
    }
    await file.sync();
    return size;
  } catch (error) {
    await file.close();
    await keepRemains(job, size, deps).catch(() => {}); // the first failure is the one to report
    throw error;
  } finally {
    await file.close();
  }
}

/** A partial image may be all that is left of a paid result. The longest one is saved. */
async function keepRemains(job: Job, size: number, deps: SpoolDeps): Promise<void> {
  const half = job.file('half');
  const before = await deps.files.status(half);
  // A response without a result is shorter than this, and is not worth saving.
  if (size > 1024 && size > (before?.bytes ?? 0)) {
    await deps.files.rename(job.file('reply'), half);
    await deps.files.syncDirectory(folderOf(half));
  } else await deps.files.remove(job.file('reply'));
}

function folderOf(path: string): string {
  return path.replace(/[\\/][^\\/]*$/, '');
}
