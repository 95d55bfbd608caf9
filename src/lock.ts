/**
 * One holder at a time. A lock is a file named after its holder, so that nobody can take away another's: whoever has
 * made one looks for others, and steps back when one of them is held by a process that still runs. Of two that begin at
 * once at least one sees the other. A process that died holds nothing: its mark no longer fits.
 */
import { posix, win32 } from 'node:path';
import type { Deps } from './deps.ts';

export type LockDeps = Pick<
  Deps,
  'files' | 'platform' | 'processId' | 'processMark' | 'clock' | 'random' | 'signal'
>;

/** Two that step back from each other try again after a random moment, this often where nobody says otherwise. */
const USUAL_TRIES = 6;
const LONGEST_PAUSE_MS = 40;

export interface Lock {
  release(): Promise<void>;
}

/** A running process that holds it, other than by `own`; null when none does. Locks of the dead are cleared away. */
export async function findHolder(
  directory: string,
  name: string,
  own: string | null,
  deps: Pick<Deps, 'files' | 'platform' | 'processMark'>,
): Promise<number | null> {
  const { join } = deps.platform === 'win32' ? win32 : posix;
  for (const file of await deps.files.list(directory)) {
    const match = /^\.lock-(\d+)-(\w+)$/.exec(file.startsWith(name) ? file.slice(name.length) : '');
    if (match === null || file === own) continue;
    const holder = Number(match[1]);
    if (deps.processMark(holder) === match[2]) return holder;
    await deps.files.remove(join(directory, file));
  }
  return null;
}

/** Resolves to the lock, or to the number of the process that holds it. Rejects with the system's error where no file can be made. */
export async function takeLock(
  directory: string,
  name: string,
  deps: LockDeps,
  tries = USUAL_TRIES,
): Promise<Lock | { heldBy: number }> {
  const { join } = deps.platform === 'win32' ? win32 : posix;
  const own = `${name}.lock-${deps.processId}-${deps.processMark(deps.processId) ?? 'runs'}`;
  const path = join(directory, own);
  for (let tried = 1; ; tried += 1) {
    let holder = await findHolder(directory, name, own, deps);
    if (holder === null) {
      const file = await deps.files.openToWrite(path, 'empty', 0o600);
      await file.close();
      holder = await findHolder(directory, name, own, deps);
      if (holder === null) return { release: () => deps.files.remove(path) };
      await deps.files.remove(path);
    }
    if (tried >= tries) return { heldBy: holder };
    await deps.clock.sleep(1 + deps.random() * LONGEST_PAUSE_MS, deps.signal);
  }
}
