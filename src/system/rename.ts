/** Renames over another file, also where somebody has that one open. */
import { renameSync } from 'node:fs';
import { platform } from 'node:os';

/** How long a reader, an indexer or a virus scanner usually keeps a file, with room to spare: 50 times 20 ms. */
const TRIES = 50;
const PAUSE_MS = 20;

/** What Windows answers while a program has the file open that is to be replaced. Elsewhere these are final. */
const passing: ReadonlySet<string | undefined> = new Set(['EPERM', 'EACCES', 'EBUSY']);

export interface RenameHost {
  platform: string;
  rename(from: string, to: string): void;
  /** Blocks: what is being replaced must not be seen half done by our own code. */
  pause(milliseconds: number): void;
}

const thisHost: RenameHost = {
  platform: platform(),
  rename: renameSync,
  pause(milliseconds) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  },
};

/** Throws the system's error; on Windows only after a second of trying. */
export function renameOver(from: string, to: string, host: RenameHost = thisHost): void {
  for (let tries = 1; ; tries += 1) {
    try {
      host.rename(from, to);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (host.platform !== 'win32' || !passing.has(code) || tries === TRIES) throw error;
      host.pause(PAUSE_MS);
    }
  }
}
