/** Saves a response with a result to disk before it is parsed, because it is sent only once. It decodes no image. */

import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import type { TaskReply } from '../client/task-reply.ts';
import { readTaskReply } from '../client/task-reply.ts';
import { statusWords } from '../gateways/task-states.ts';
import type { Reply, Request } from '../transport/request.ts';
import { mostItems } from './items.ts';
import type { Job } from './job.ts';
import { broken, diskTrouble, notATask, unread, unreadable } from './spool-errors.ts';
import { JsonTooLarge, readSpooledJson } from './spooled-json.ts';

export type SpoolDeps = Pick<Deps, 'files'>;

/** Of a response: more than any image takes in base64, and what stands beside the images. It stops an endless body. */
const MAX_ITEM_BYTES = 64 * 1024 ** 2;
const MAX_OTHER_BYTES = 16 * 1024 ** 2;

/** Responses that only report progress are shorter, and contain no image. */
const SHORT_BYTES = 4096;
const WORTH_BYTES = 1024;

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
  if (start.failure !== null && !mayHoldResult(start.bytes))
    throw broken(start.failure.error, request, reply);
  if (start.isWhole && !start.bytes.includes('b64_json')) {
    const task = readShort(start.bytes, request, reply);
    const isDone = task.status === 'succeeded';
    if (!isDone || (task.results.length > 0 && !holdsInline(task))) return task;
  }
  const path = job.file('reply');
  await writeAll(start, chunks, path, job, deps).catch((error: unknown) => {
    throw broken(error, request, reply);
  });
  let spooled: ReturnType<typeof readSpooledJson>;
  try {
    spooled = await readSpool(path, deps);
  } catch (error) {
    const trouble = diskTrouble(error);
    if (trouble !== null) throw unread(error, trouble, reply);
    const kept = await keepRemains(job, deps).catch(() => null);
    if (error instanceof JsonTooLarge) throw tooLarge(error.message, kept);
    throw unreadable(error, request, reply);
  }
  const task = readTaskReply(spooled.json);
  if (task === null) throw notATask(spooled.json, request, reply);
  // The response of a finished task is saved even if it cannot be parsed: it is sent only once.
  const { status, results } = task;
  try {
    if (status === 'succeeded' && (holdsInline(task) || results.length === 0))
      await keepAsBody(job, deps);
    else await deps.files.remove(path);
  } catch (error) {
    throw broken(error, request, reply);
  }
  return task;
}

export function holdsInline({ results }: TaskReply): boolean {
  return results.some(({ inline }) => inline !== null);
}

const completedWords = new RegExp(
  `"(${Object.keys(statusWords)
    .filter((word) => statusWords[word] === 'succeeded')
    .join('|')})"`,
  'i',
);

/** Whether these first bytes may be of the one response with the result. */
function mayHoldResult(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return /b64_json|"data:/.test(text) || completedWords.test(text);
}

function tooLarge(what: string, kept: string | null): CliError {
  const saved = kept === null ? '' : `; the data received is saved in ${kept}`;
  return new CliError('protocol', `the response is too large: ${what}${saved}`, {
    code: 'too_large',
    billed: 'unknown',
  });
}

/** The first few bytes of a response, and whether it ended or was cut off there. */
export interface Start {
  bytes: Buffer;
  isWhole: boolean;
  failure: { error: unknown } | null;
}

export async function readStart(
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
): Promise<Start> {
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

/**
 * A response that an earlier process saved completely but did not record; null when there is none. One that was cut off is
 * set aside. Rejects with the system's error where it cannot be read.
 */
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
      // Without a task id it cannot be requested again.
      if ((isDone && holdsInline(task)) || (task.id === null && task.results.length > 0)) {
        if (ending === 'reply') {
          await makeDurable(path, status.bytes, deps);
          await keepAsBody(job, deps);
        }
        return { ...task, status: 'succeeded' };
      }
      if (!isDone && task.results.length === 0) await deps.files.remove(path);
    } catch (error) {
      // It may be whole: what is sent only once must not be asked for again, or set aside.
      if (diskTrouble(error) !== null) throw error;
      if (ending === 'reply') await keepRemains(job, deps);
    }
  }
  return null;
}

/** Its writer may have died before its sync; then a power cut would take what the record is about to rely on. */
async function makeDurable(path: string, bytes: number, { files }: SpoolDeps): Promise<void> {
  const file = await files.openToWrite(path, bytes, 0o600);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The response is durable already. */
export async function keepAsBody(job: Job, { files }: SpoolDeps): Promise<void> {
  const body = job.file('body');
  // An earlier one had something in it that could not be saved: it stays until all is saved.
  if (await files.isTaken(body)) await files.rename(body, job.file('half'));
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

/** Partial data is saved. */
export async function writeAll(
  { bytes, failure }: Start,
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  job: Job,
  deps: SpoolDeps,
): Promise<void> {
  const file = await deps.files.openToWrite(path, 'empty', 0o600);
  const most = mostItems(job.record) * MAX_ITEM_BYTES + MAX_OTHER_BYTES;
  let size = bytes.length;
  let isOver = false;
  try {
    await file.write(bytes);
    if (failure !== null) throw failure.error;
    for await (const chunk of chunks) {
      size += chunk.length;
      isOver = size > most;
      if (isOver) break;
      await file.write(chunk);
    }
    await file.sync();
  } catch (error) {
    await file.close();
    // Where this disk is to blame, all of it may be there, synced or not: it stays, and `findSpooled` looks.
    if (diskTrouble(error) === null) await keepRemains(job, deps).catch(() => {}); // the first failure is the one to report
    throw error;
  } finally {
    await file.close();
  }
  if (isOver) throw tooLarge(`more than ${most} bytes`, await keepRemains(job, deps));
}

/** A partial image may be all that is left of a paid result. The longest one is saved; returns where, or null. */
export async function keepRemains(job: Job, deps: SpoolDeps): Promise<string | null> {
  const reply = job.file('reply');
  const half = job.file('half');
  const before = (await deps.files.status(half))?.bytes ?? 0;
  const { size, start } = await startOf(reply, deps);
  // A longer one is more than the state of a task.
  const isWorthIt = size > WORTH_BYTES || mayHoldResult(start);
  if (isWorthIt && size > before) {
    await deps.files.rename(reply, half);
    await deps.files.syncDirectory(folderOf(half));
  } else await deps.files.remove(reply);
  return isWorthIt || before > 0 ? half : null;
}

async function startOf(
  path: string,
  { files }: SpoolDeps,
): Promise<{ size: number; start: Uint8Array }> {
  const reader = await files.openToRead(path);
  try {
    return { size: reader.size, start: Uint8Array.from(reader.read(0, SHORT_BYTES)) };
  } finally {
    await reader.close();
  }
}

function folderOf(path: string): string {
  return path.replace(/[\\/][^\\/]*$/, '');
}
