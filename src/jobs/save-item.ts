/** Saves one item of a result to its file: complete, durable, under a name that was free. After a crash at any point it completes the work. */

import { CliError } from '../base/errors.ts';
import { lossOf } from '../base/loss.ts';
import type { OutputEvent } from '../schemas/events.ts';
import type { SavedFile, TaskItem } from '../schemas/task-record.ts';
import { diskError } from './after-purchase.ts';
import { decodeInline } from './decode-item.ts';
import { fetchItem } from './fetch-item.ts';
import { hashOf } from './hashed-file.ts';
import { resumeStep } from './hints.ts';
import { changeItem, itemOf } from './items.ts';
import type { Job } from './job.ts';
import type { JobContext } from './job-context.ts';
import { defaultName, numbered } from './names.ts';
import { NameTaken, publish } from './publish.ts';
import { BadImage, type Made, temporaryPath } from './temporary.ts';

/** How often another random name is tried. */
const NAMES = 5;

/** Does nothing for an item that is saved. Throws one `CliError`; its message says where the paid result is stored. */
export async function* saveItem(
  job: Job,
  index: number,
  context: JobContext,
): AsyncGenerator<OutputEvent, void, undefined> {
  const item = itemOf(job, index);
  if (item.saved !== null) return;
  const directory = folderOf(job, item, context);
  try {
    if (item.saving !== null && (await finishSaving(job, index, item.saving, context))) return;
    const made = yield* makeItem(job, index, directory, context);
    if (made.warning !== null) yield { type: 'warning', message: made.warning };
    yield* nameItem(job, index, made, directory, context);
  } catch (error) {
    throw diskError(error, job, 'the result');
  }
}

/** The temporary file of an item. An image that the response does not contain is downloaded from its URL. */
export async function* makeItem(
  job: Job,
  index: number,
  directory: string,
  context: JobContext,
): AsyncGenerator<OutputEvent, Made, undefined> {
  const item = itemOf(job, index);
  try {
    const isInline = item.inline !== null && job.record.body !== null;
    if (!isInline && item.url === null)
      throw new CliError('protocol', 'the gateway no longer has this result', {
        code: 'no_result',
        billed: 'yes',
      });
    if (!isInline || (await isBegun(item, context)))
      return yield* fetchItem(job, index, directory, context);
    try {
      return await decodeInline(job, index, directory, item.url === null, context);
    } catch (error) {
      if (!(error instanceof BadImage) || item.url === null) throw error;
      yield {
        type: 'warning',
        message: `the response contains no image (${error.message}); downloading it from its URL instead`,
      };
    }
    try {
      return yield* fetchItem(job, index, directory, context);
    } catch (error) {
      const isUseless = error instanceof BadImage || isOver(error);
      if (!isUseless) throw error;
      // Of an unknown kind, but all there is; it takes the place of what was downloaded.
      await changeItem(job, index, { part: null });
      const made = await decodeInline(job, index, directory, true, context).catch(() => null);
      if (made === null) throw error;
      return made;
    }
  } catch (error) {
    if (!(error instanceof BadImage)) throw error;
    const temporary = temporaryPath(job, index, directory, context.deps);
    const { body } = job.record;
    // The stored response has everything; without one, the downloaded data is all there is.
    if (body !== null) await context.deps.files.remove(temporary).catch(() => {});
    const saved = `; the data received is saved in ${body ?? temporary}`;
    const what = item.role === 'video' ? 'video' : 'image';
    throw new CliError('protocol', `the gateway sent no ${what}: ${error.message}${saved}`, {
      code: what === 'video' ? 'not_a_video' : 'not_an_image',
      billed: 'yes',
    });
  }
}

/** A download has begun in the temporary file, because the response was of no use; or `-o` has moved a whole file there. */
async function isBegun({ part, url }: TaskItem, { deps }: JobContext): Promise<boolean> {
  if (part === null) return false;
  // Only what is whole can do without an address; its name may be lost in a power cut, and the response has it still.
  return url !== null || (await deps.files.status(part.path))?.bytes === part.total;
}

/** Another download of the same address would end as this one did. */
function isOver(error: unknown): boolean {
  return error instanceof CliError && (error.exit === 'protocol' || error.exit === 'expired');
}

function folderOf(job: Job, item: TaskItem, context: JobContext): string {
  const { directory, last_frame: lastFrame } = job.record.target;
  return item.role === 'last_frame' && lastFrame !== null
    ? context.deps.path.dirname(lastFrame)
    : directory;
}

/** The nth name to try, or null when there is no other. */
function nameFor(
  job: Job,
  index: number,
  made: Made,
  directory: string,
  tried: number,
  context: JobContext,
): string | null {
  const { target, items } = job.record;
  const item = itemOf(job, index);
  const { join } = context.deps.path;
  if (item.role === 'last_frame' && target.last_frame !== null)
    return tried === 0 ? target.last_frame : null;
  if (target.name !== null) {
    const before = items.slice(0, index).filter(({ role }) => role === item.role).length;
    return tried === 0 ? join(directory, numbered(target.name, before)) : null;
  }
  if (tried >= NAMES) return null;
  const random = context.deps.uuid().replaceAll('-', '');
  const name = defaultName(
    job.record,
    item,
    made.extension,
    tried === 0 ? random : random.slice(-8),
  );
  return join(directory, tried > 0 && job.record.kind === 'video' ? numbered(name, tried) : name);
}

async function* nameItem(
  job: Job,
  index: number,
  made: Made,
  directory: string,
  context: JobContext,
): AsyncGenerator<OutputEvent, void, undefined> {
  for (let tried = 0; ; tried += 1) {
    const path = nameFor(job, index, made, directory, tried, context);
    if (path === null) throw taken(job, nameFor(job, index, made, directory, 0, context) ?? '');
    const { temporary, bytes, sha256, mime } = made;
    const saving = { temporary, path, bytes, sha256, mime, reserved: false };
    const problem = await changeItem(job, index, { saving });
    if (problem !== null) yield lossOf('journal', problem);
    try {
      await give(job, index, saving, context);
      const odd = oddEnding(path, made, context);
      if (odd !== null) yield { type: 'warning', message: odd };
      return;
    } catch (error) {
      if (!(error instanceof NameTaken)) throw error;
    }
  }
}

/** Publishes the file and records it. */
async function give(
  job: Job,
  index: number,
  saving: NonNullable<TaskItem['saving']>,
  { deps }: JobContext,
): Promise<void> {
  const { temporary, path, bytes, sha256, mime, reserved } = saving;
  await publish(
    {
      temporary,
      path,
      force: job.record.target.force,
      reserved,
      onReserve: async (holds) => {
        await changeItem(job, index, { saving: { ...saving, reserved: holds } });
      },
    },
    deps,
  );
  const saved: SavedFile = { path, bytes, mime, sha256 };
  await changeItem(job, index, { saving: null, part: null, saved });
}

/** After a crash between the last two journal writes: the file may already have its name, or still need it. */
async function finishSaving(
  job: Job,
  index: number,
  saving: NonNullable<TaskItem['saving']>,
  context: JobContext,
): Promise<boolean> {
  const { files } = context.deps;
  let unreadable: unknown = null;
  const isWhole = async (path: string): Promise<boolean> => {
    try {
      const found = await hashOf(path, files);
      return found !== null && found.bytes === saving.bytes && found.sha256 === saving.sha256;
    } catch (error) {
      unreadable ??= error;
      return false;
    }
  };
  if (await isWhole(saving.path)) {
    const { path, bytes, mime, sha256 } = saving;
    await files.remove(saving.temporary);
    await files.syncDirectory(context.deps.path.dirname(path));
    await changeItem(job, index, {
      saving: null,
      part: null,
      saved: { path, bytes, mime, sha256 },
    });
    return true;
  }
  if (!(await isWhole(saving.temporary))) {
    // What cannot be read now may be whole, and all there is; only the response on disk makes it again without a loss.
    const isInline = itemOf(job, index).inline !== null && job.record.body !== null;
    if (unreadable !== null && !isInline) throw unreadable;
    return false;
  }
  try {
    await give(job, index, saving, context);
    return true;
  } catch (error) {
    // The name was taken in the meantime: choose a name again.
    if (error instanceof NameTaken) return false;
    throw error;
  }
}

function taken(job: Job, path: string): CliError {
  const saved = job.record.body === null ? '' : `; the result is saved in ${job.record.body}`;
  return new CliError('local_io', `${path} exists${saved}`, {
    code: 'output_exists',
    billed: 'yes',
    next: [
      resumeStep(job.record, [], '-o <other name>'),
      ...(job.record.target.force ? [] : [resumeStep(job.record, ['--force'])]),
    ],
  });
}

/** `cat.png` that is a JPEG: the name was requested, so it is used, with a warning. */
function oddEnding(path: string, made: Made, context: JobContext): string | null {
  const ending = context.deps.path.extname(path).slice(1).toLowerCase();
  const same = ending === made.extension || (ending === 'jpeg' && made.extension === 'jpg');
  return ending === '' || same || made.warning !== null
    ? null
    : `${path} contains ${made.mime} data despite its extension`;
}
