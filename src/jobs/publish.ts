/** Renames a finished temporary file to its final name. It never replaces another file unless that was requested. */
import type { Deps } from '../base/deps.ts';
import { systemErrorCode } from '../base/errors.ts';

type PublishDeps = Pick<Deps, 'files' | 'path'>;

export interface Publication {
  /** Absolute; both in one directory. */
  temporary: string;
  path: string;
  /** Replace an existing file, but no pipe or device. A link itself is replaced; its target stays. */
  force: boolean;
  /** An empty file of ours from before a crash may have the name. */
  reserved: boolean;
  /** Called, without hard links, before an empty file is created to reserve the name; false: the name is taken. */
  onReserve(reserved: boolean): Promise<void>;
}

/** The name is taken, by a file or by what can never be replaced. */
export class NameTaken extends Error {
  constructor(path: string) {
    super(`${path} exists`);
    this.name = 'NameTaken';
  }
}

/** Failures of the disk itself: another way to rename would fail too. */
const hopeless = new Set(['ENOENT', 'ENOSPC', 'EDQUOT', 'EROFS', 'EIO']);

/** Durable when it resolves. Throws `NameTaken`, or the system's error; the temporary file then stays. */
export async function publish(publication: Publication, deps: PublishDeps): Promise<void> {
  const { temporary, path, force } = publication;
  const { files } = deps;
  if (force) {
    if (await isSpecial(path, deps)) throw new NameTaken(path);
    await files.rename(temporary, path);
  } else {
    try {
      // A hard link fails atomically if the name is taken: the only safe way.
      await files.link(temporary, path);
      await files.remove(temporary);
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === 'EEXIST' && !(await isOurReservation(publication, deps)))
        throw new NameTaken(path);
      if (code !== undefined && hopeless.has(code)) throw error;
      await publishWithoutLinks(publication, deps);
    }
  }
  await files.syncDirectory(deps.path.dirname(path));
}

/** A pipe or a device: a file in its place would break what reads or writes it. */
export async function isSpecial(path: string, { files }: Pick<Deps, 'files'>): Promise<boolean> {
  const there = await files.status(path);
  return there !== null && !there.isFile && !there.isDirectory;
}

/** exFAT, some network and container file systems: an empty file reserves the name, and is then replaced by the real one. */
async function publishWithoutLinks(publication: Publication, deps: PublishDeps): Promise<void> {
  const { temporary, path } = publication;
  const { files } = deps;
  if (!(await isOurReservation(publication, deps))) {
    await publication.onReserve(true);
    try {
      const file = await files.openToWrite(path, 'new', 0o666);
      await file.close();
    } catch (error) {
      await publication.onReserve(false);
      if (systemErrorCode(error) === 'EEXIST') throw new NameTaken(path);
      throw error;
    }
  }
  try {
    await files.rename(temporary, path);
  } catch (error) {
    await files.remove(path).catch(() => {});
    throw error;
  }
}

async function isOurReservation(
  { path, reserved }: Publication,
  { files }: PublishDeps,
): Promise<boolean> {
  return reserved && (await files.status(path))?.bytes === 0;
}
