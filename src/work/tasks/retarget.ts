/** `resume -o`: another directory for items that are not saved yet, and for those that are. Nothing is deleted before its copy is safe. */
import type { Deps } from '../../base/deps.ts';
import type { Job } from '../../jobs/job.ts';
import { findTarget } from '../../jobs/target.ts';
import { temporaryPath } from '../../jobs/temporary.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { TaskItem } from '../../schemas/task-record.ts';
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
      item.saved === null && flags.out !== undefined
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
  if (from !== to) await move(from, to, deps);
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

/** For a finished job: items that were deleted or never saved are downloaded, and saved files are copied to the directory of -o. */
export async function* reopen(
  job: Job,
  flags: ResumeFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { target } = job.record;
  const place = flags.out === undefined ? target : await findTarget(flags.out, deps);
  const items: TaskItem[] = [];
  for (const [index, item] of job.record.items.entries()) {
    const isThere = item.saved !== null && (await deps.files.isTaken(item.saved.path));
    if (isThere && flags.out === undefined) items.push(item);
    else if (isThere) items.push(await copyOf(job, index, item, place, deps));
    else if (item.url !== null) items.push({ ...item, saved: null, saving: null, part: null });
    else {
      items.push(item);
      if (item.saved !== null)
        yield {
          type: 'warning',
          message: `${item.saved.path} no longer exists, and the gateway returned no URL to download it again`,
        };
    }
  }
  if (items.every((item, index) => item === job.record.items[index])) return;
  const force = flags.force ?? target.force;
  const { directory, name } = place;
  await job.update({
    state: 'received',
    download: true,
    items,
    target: { ...target, directory, name, force },
  });
}

/** The copy only needs its name; the saved file stays. */
async function copyOf(
  job: Job,
  index: number,
  item: TaskItem,
  { directory, name }: { directory: string; name: string | null },
  deps: Deps,
): Promise<TaskItem> {
  const { saved } = item;
  if (saved === null) return item;
  const { join, basename } = deps.path;
  const path = join(directory, name ?? basename(saved.path));
  if (path === saved.path) return item;
  const temporary = temporaryPath(job, index, directory, deps);
  await copy(saved.path, temporary, deps);
  return { ...item, saved: null, saving: { ...saved, path, temporary, reserved: false } };
}
