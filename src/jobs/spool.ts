/** Takes a reply with a result to disk before anybody looks into it: it is told once. It decodes no picture. */
import type { TaskReply } from '../client/task-reply.ts';
import { readTaskReply } from '../client/task-reply.ts';
import type { Deps } from '../deps.ts';
import { CliError, SignalReceived, systemErrorCode } from '../errors.ts';
import { errorInJson } from '../transport/error-body.ts';
import { originOf, type Reply, type Request } from '../transport/request.ts';
import { detailsOf, exitForInnerError } from '../transport/verdict.ts';
import type { Job } from './job.ts';
import { CutJson, readSpooledJson } from './spooled-json.ts';

type SpoolDeps = Pick<Deps, 'files'>;

/** More than any gateway's ten pictures; an endless body ends here. */
const MAX_BYTES = 2 * 1024 ** 3;

/** Replies that only say how far a task is are shorter. */
const SHORT_BYTES = 4096;

/**
 * The reply of one poll, through the disk. A reply that ends the task is kept as the job's `body`, durable; one that
 * broke off as `half`, unless nothing of it came. Throws `CliError` network, protocol, local_io or a signal's.
 */
export async function spoolReply(
  reply: Reply,
  request: Request,
  job: Job,
  deps: SpoolDeps,
): Promise<TaskReply> {
  const path = job.file('reply');
  const size = await writeAll(reply, request, path, job, deps);
  let spooled: ReturnType<typeof readSpooledJson>;
  try {
    spooled = await readSpool(path, deps);
  } catch (error) {
    await keepRemains(job, size, deps).catch(() => {});
    throw unreadable(error, request, reply);
  }
  const task = readTaskReply(spooled.json);
  if (task === null) throw notATask(spooled.json, request, reply);
  const holdsPicture = task.results.some(({ inline }) => inline !== null);
  try {
    if (holdsPicture) await keepAsBody(job, size, deps);
    else await deps.files.remove(path);
  } catch (error) {
    throw broken(error, request, reply);
  }
  return task;
}

/** A reply that an earlier process took whole and did not get to write down; null when there is none. What broke off is set aside. */
export async function findSpooled(job: Job, deps: SpoolDeps): Promise<TaskReply | null> {
  for (const ending of ['body', 'reply'] as const) {
    const path = job.file(ending);
    const status = await deps.files.status(path);
    if (status === null) continue;
    try {
      const task = readTaskReply((await readSpool(path, deps)).json);
      if (task?.results.some(({ inline }) => inline !== null)) {
        if (ending === 'reply') await keepAsBody(job, 0, deps);
        return task;
      }
      await deps.files.remove(path);
    } catch {
      if (ending === 'reply') await keepRemains(job, status.bytes, deps);
    }
  }
  return null;
}

/** `synced`: so many bytes were written and, when they are many, are durable. */
async function keepAsBody(job: Job, synced: number, { files }: SpoolDeps): Promise<void> {
  const body = job.file('body');
  if (synced <= SHORT_BYTES) await syncFile(job.file('reply'), files);
  await files.rename(job.file('reply'), body);
  await files.syncDirectory(folderOf(body));
}

async function syncFile(path: string, files: SpoolDeps['files']): Promise<void> {
  const { bytes } = (await files.status(path)) ?? { bytes: 0 };
  const file = await files.openToWrite(path, bytes, 0o600);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
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

async function writeAll(
  reply: Reply,
  request: Request,
  path: string,
  job: Job,
  deps: SpoolDeps,
): Promise<number> {
  let size = 0;
  const file = await deps.files.openToWrite(path, 'empty', 0o600).catch((error: unknown) => {
    throw broken(error, request, reply);
  });
  try {
    for await (const chunk of reply.chunks()) {
      size += chunk.length;
      if (size > MAX_BYTES)
        throw new CliError('protocol', `${originOf(request.url)} sent more than 2 GB`, {
          code: 'too_large',
        });
      await file.write(chunk);
    }
    // A reply without a picture is asked for again; syncing each would cost more than asking.
    if (size > SHORT_BYTES) await file.sync();
    return size;
  } catch (error) {
    await file.close();
    await keepRemains(job, size, deps).catch(() => {}); // the first trouble is the one to tell
    throw broken(error, request, reply);
  } finally {
    await file.close();
  }
}

/** Half a picture may be all that is left of what was paid for. The longest half counts. */
async function keepRemains(job: Job, size: number, deps: SpoolDeps): Promise<void> {
  const half = job.file('half');
  const before = await deps.files.status(half);
  // A reply without a result is shorter than this; so is nothing worth keeping.
  if (size > 1024 && size > (before?.bytes ?? 0)) {
    await deps.files.rename(job.file('reply'), half);
    await deps.files.syncDirectory(folderOf(half));
  } else await deps.files.remove(job.file('reply'));
}

function broken(error: unknown, request: Request, reply: Reply): CliError {
  if (error instanceof CliError) return error;
  const details = { status: reply.status, requestId: reply.requestId ?? undefined, cause: error };
  if (error instanceof SignalReceived)
    return new CliError(error.exit, error.message, { ...details, billed: 'unknown' });
  const code = systemErrorCode(error);
  if (code !== undefined && isDiskTrouble(code))
    return new CliError('local_io', `the result cannot be kept: ${code}`, { ...details, code });
  return new CliError('network', `the reply of ${originOf(request.url)} broke off`, {
    ...details,
    code: 'cut_reply',
  });
}

function isDiskTrouble(code: string): boolean {
  return ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EFBIG', 'EACCES', 'EPERM'].includes(code);
}

/** A body that ends early says that the network broke; other bytes are a proxy's page. */
function unreadable(error: unknown, request: Request, reply: Reply): CliError {
  const details = { status: reply.status, requestId: reply.requestId ?? undefined, cause: error };
  const origin = originOf(request.url);
  return error instanceof CutJson
    ? new CliError('network', `the reply of ${origin} broke off`, { ...details, code: 'cut_reply' })
    : new CliError('protocol', `${origin} sent something that is not JSON`, {
        ...details,
        code: 'bad_json',
      });
}

function notATask(json: unknown, request: Request, reply: Reply): CliError {
  const details = { status: reply.status, requestId: reply.requestId ?? undefined };
  const error = errorInJson(json, reply.status);
  return error === null
    ? new CliError('protocol', `${originOf(request.url)} sent something that is no task`, {
        ...details,
        code: 'no_task',
      })
    : new CliError(exitForInnerError(error), error.message, detailsOf(error, details));
}

function folderOf(path: string): string {
  return path.replace(/[\\/][^\\/]*$/, '');
}
