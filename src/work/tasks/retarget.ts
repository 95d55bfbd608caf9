/** `resume -o`: another directory for items that are not saved yet, and for those that are. Nothing is deleted before its copy is safe. */
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { sandboxEnded } from '../../jobs/endings.ts';
import { resumeStep } from '../../jobs/hints.ts';
import type { Job } from '../../jobs/job.ts';
import { numbered } from '../../jobs/names.ts';
import { isSpecial } from '../../jobs/publish.ts';
import { findTarget } from '../../jobs/target.ts';
import { removeTemporaries, temporaryPath } from '../../jobs/temporary.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { SavedFile, TaskItem } from '../../schemas/task-record.ts';
import type { ResumeFlags } from './options.ts';

const PIECE = 1024 * 1024;

/** For an unfinished job: partial downloads are moved too. */
export async function changeTarget(job: Job, flags: ResumeFlags, deps: Deps): Promise<void> {
  if (flags.out === undefined && !flags.force) return;
  const { target } = job.record;
  const place = flags.out === undefined ? target : await findTarget(flags.out, deps);
  const { directory, name } = place;
  const items: TaskItem[] = [];
  for (const [index, item] of job.record.items.entries())
    items.push(
      item.saved === null && flags.out !== undefined && item.role !== 'last_frame'
        ? await takeAlong(job, index, item, directory, deps)
        : item,
    );
  await job.update({
    target: { ...target, directory, name, force: flags.force ?? target.force },
    items,
  });
}

/** A complete temporary file is recorded as a complete partial download: it then only needs its new name. */
async function takeAlong(
  job: Job,
  index: number,
  item: TaskItem,
  directory: string,
  deps: Deps,
): Promise<TaskItem> {
  const { saving, part } = item;
  const from = saving?.temporary ?? part?.path;
  if (from === undefined || !(await deps.files.isTaken(from)))
    return { ...item, saving: null, part: null };
  const to = temporaryPath(job, index, directory, deps);
  if (from !== to) {
    await move(from, to, deps);
    await deps.files.syncDirectory(directory);
  }
  const known = part ?? { url: item.url ?? '', validator: null, total: null, path: to };
  const total = saving === null ? known.total : saving.bytes;
  return { ...item, saving: null, part: { ...known, path: to, total } };
}

async function move(from: string, to: string, deps: Deps): Promise<void> {
  try {
    await deps.files.rename(from, to);
  } catch {
    // Usually another file system.
    await copy(from, to, deps);
    await deps.files.remove(from);
  }
}

async function copy(from: string, to: string, { files }: Pick<Deps, 'files'>): Promise<void> {
  const reader = await files.openToRead(from);
  const writer = await files.openToWrite(to, 'empty', 0o666);
  try {
    for (let at = 0; at < reader.size; at += PIECE) await writer.write(reader.read(at, PIECE));
    await writer.sync();
  } finally {
    await writer.close();
    await reader.close();
  }
}

/**
 * For a finished job: items that were deleted or never saved are downloaded, and saved files are copied to where -o says.
 * Throws `CliError` local_io, with nothing changed, if a copy cannot be made or its name is taken.
 */
export async function* reopen(
  job: Job,
  flags: ResumeFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { target } = job.record;
  const place = flags.out === undefined ? target : await findTarget(flags.out, deps);
  const force = flags.force ?? target.force;
  const items: TaskItem[] = [];
  const copies: Copy[] = [];
  for (const [index, item] of job.record.items.entries()) {
    const { saved } = item;
    if (saved !== null && (await deps.files.isTaken(saved.path))) {
      items.push(item);
      // -o names the result; a last frame has a name of its own.
      const stays = flags.out === undefined || item.role === 'last_frame';
      const path = stays ? saved.path : nameOfCopy(job, index, saved.path, place, copies, deps);
      if (path !== saved.path) copies.push({ index, saved, path });
    } else if (item.url !== null && !job.record.ephemeral)
      items.push({ ...item, saved: null, saving: null, part: null });
    else {
      items.push(item);
      if (job.record.ephemeral) throw sandboxEnded(job.record);
      if (saved !== null)
        yield {
          type: 'warning',
          message: `${saved.path} no longer exists, and the gateway returned no URL to download it again`,
        };
    }
  }
  await removeTemporaries(job.record, deps);
  await makeCopies(job, copies, items, { directory: place.directory, force }, deps);
  if (items.every((item, index) => item === job.record.items[index])) return;
  const { directory, name } = place;
  await job.update({
    state: 'received',
    download: true,
    items,
    target: { ...target, directory, name, force },
  });
}

/** A saved file, and where it goes. */
interface Copy {
  index: number;
  saved: SavedFile;
  /** Absolute. */
  path: string;
}

/** Several results with one given name are numbered like new ones; in a directory each keeps its name, unless another one has it. */
function nameOfCopy(
  job: Job,
  index: number,
  from: string,
  { directory, name }: { directory: string; name: string | null },
  others: readonly Copy[],
  { path: { join, basename } }: Deps,
): string {
  const own = name ?? basename(from);
  const { items } = job.record;
  const role = items[index]?.role;
  const before = items.slice(0, index).filter((item) => item.role === role).length;
  for (let number = name === null ? 0 : before; ; number += 1) {
    const path = join(directory, numbered(own, number));
    if (!others.some((copy) => copy.path === path)) return path;
  }
}

/** The copies only need their names then; the saved files stay. Changes `items`. */
async function makeCopies(
  job: Job,
  copies: readonly Copy[],
  items: TaskItem[],
  { directory, force }: { directory: string; force: boolean },
  deps: Deps,
): Promise<void> {
  for (const { path } of copies)
    if (force ? await isSpecial(path, deps) : await deps.files.isTaken(path))
      throw taken(job, path, force);
  const made: string[] = [];
  try {
    for (const { index, saved, path } of copies) {
      const item = items[index];
      if (item === undefined) continue;
      const temporary = temporaryPath(job, index, directory, deps);
      made.push(temporary);
      await copy(saved.path, temporary, deps);
      items[index] = {
        ...item,
        saved: null,
        saving: { ...saved, path, temporary, reserved: false },
      };
    }
    // The record forgets the saved files: their copies have to be there after a power cut, too.
    if (made.length > 0) await deps.files.syncDirectory(directory);
  } catch (error) {
    for (const path of made) await deps.files.remove(path).catch(() => {});
    throw error;
  }
}

function taken({ record }: Job, path: string, force: boolean): CliError {
  return new CliError('local_io', `${path} exists; the saved files are as they were`, {
    code: 'output_exists',
    billed: 'yes',
    taskId: record.task_id ?? undefined,
    next: [
      resumeStep(record, [], '-o <other name>'),
      ...(force ? [] : [resumeStep(record, ['--force'], `-o ${path}`)]),
    ],
  });
}
