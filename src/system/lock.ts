/**
 * One holder at a time. A lock is a file named after its holder, so that no process can remove another's: whoever has
 * made one looks for others, and steps back when one of them is held by a process that still runs. Of two that begin at
 * once at least one sees the other. A process that died holds nothing: its mark no longer fits.
 */
import type { Deps } from '../base/deps.ts';
import { stateOf, thisProcess } from '../base/process-state.ts';

export type LockDeps = Pick<
  Deps,
  'files' | 'path' | 'processId' | 'processMark' | 'processSpace' | 'clock' | 'random' | 'signal'
>;

/** Two that step back from each other try again after a random moment, this often by default. */
const USUAL_TRIES = 6;
const LONGEST_PAUSE_MS = 40;

/** A lock of another container or machine that shares this directory: whether its holder runs cannot be seen from here. */
const ELSEWHERE_HOLDS_MS = 60 * 60_000;

/** So often its holder says that it still runs, ms. */
const RENEW_MS = 10 * 60_000;

export interface Lock {
  release(): Promise<void>;
}

/** A running process that holds it, other than by `own`; null when none does. Locks of the dead are cleared away. */
export async function findHolder(
  directory: string,
  name: string,
  own: string | null,
  deps: Pick<Deps, 'files' | 'path' | 'processMark' | 'processSpace' | 'clock'>,
  elsewhereHoldsMs = ELSEWHERE_HOLDS_MS,
): Promise<number | null> {
  const { join } = deps.path;
  for (const file of await deps.files.list(directory)) {
    const match = /^\.lock-(\d+)-([A-Za-z0-9]+)(?:-(\w+))?$/.exec(
      file.startsWith(name) ? file.slice(name.length) : '',
    );
    if (match === null || file === own) continue;
    const [, pid, mark = '', space = ''] = match;
    const state = stateOf({ pid: Number(pid), mark, space }, deps);
    if (state === 'runs') return Number(pid);
    const path = join(directory, file);
    if (state === 'elsewhere' && (await isYoung(path, elsewhereHoldsMs, deps))) return Number(pid);
    await deps.files.remove(path);
  }
  return null;
}

async function isYoung(
  path: string,
  holdsMs: number,
  { files, clock }: Pick<Deps, 'files' | 'clock'>,
): Promise<boolean> {
  const status = await files.status(path);
  return status !== null && Math.abs(clock.now() - status.changedAt) < holdsMs;
}

export interface LockPatience {
  tries?: number;
  /** How long a lock of another container or machine is believed, ms. */
  elsewhereHoldsMs?: number;
}

/** Paths of the locks that this process holds on a disk, or is about to: a file does not distinguish two callers of one process. */
const held = new WeakMap<Deps['files'], Set<string>>();

function ourLocks(files: Deps['files']): Set<string> {
  const ours = held.get(files) ?? new Set();
  held.set(files, ours);
  return ours;
}

/** Resolves to the lock, or to the number of the process that holds it. Rejects with the system's error where no file can be made. */
export async function takeLock(
  directory: string,
  name: string,
  deps: LockDeps,
  { tries = USUAL_TRIES, elsewhereHoldsMs }: LockPatience = {},
): Promise<Lock | { heldBy: number }> {
  const { join } = deps.path;
  const { pid, mark, space } = thisProcess(deps);
  const own = `${name}.lock-${pid}-${mark}${space === '' ? '' : `-${space}`}`;
  const path = join(directory, own);
  for (let tried = 1; ; tried += 1) {
    const holder = ourLocks(deps.files).has(path)
      ? pid
      : await claim(path, () => findHolder(directory, name, own, deps, elsewhereHoldsMs), deps);
    if (holder === null) return lockAt(path, deps);
    if (tried >= tries) return { heldBy: holder };
    await deps.clock.sleep(1 + deps.random() * LONGEST_PAUSE_MS, deps.signal);
  }
}

/** null: the lock is made; else who holds it. */
async function claim(
  path: string,
  find: () => Promise<number | null>,
  { files }: Pick<Deps, 'files'>,
): Promise<number | null> {
  const ours = ourLocks(files);
  ours.add(path);
  let isMade = false;
  try {
    let holder = await find();
    if (holder !== null) return holder;
    const file = await files.openToWrite(path, 'empty', 0o600);
    await file.close();
    holder = await find();
    isMade = holder === null;
    if (!isMade) await files.remove(path);
    return holder;
  } finally {
    if (!isMade) ours.delete(path);
  }
}

function lockAt(path: string, deps: LockDeps): Lock {
  let stop = (): void => {};
  let isOver = false;
  const renewLater = (): void => {
    if (isOver) return;
    stop = deps.clock.after(RENEW_MS, () => void renew(path, deps).then(renewLater), 'background');
  };
  renewLater();
  return {
    release() {
      isOver = true;
      stop();
      return giveBack(path, deps);
    },
  };
}

/** A file that is written to is young. One that is gone was taken for that of a dead process, and is not made anew. */
async function renew(path: string, { files }: LockDeps): Promise<void> {
  try {
    const file = await files.openToWrite(path, 0, 0o600);
    try {
      await file.write(Buffer.from('\n'));
    } finally {
      await file.close();
    }
  } catch {
    // the next time may be better
  }
}

async function giveBack(path: string, { files }: Pick<Deps, 'files'>): Promise<void> {
  try {
    await files.remove(path);
  } finally {
    ourLocks(files).delete(path);
  }
}
