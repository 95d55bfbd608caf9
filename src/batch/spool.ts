/** Keeps standard input in a file, so that it can be read twice. */
import type { Deps } from '../base/deps.ts';

/** Rejects with the system's error, or the signal's reason. `onFirst`: called when something came, or nothing will. */
export async function spoolInput(
  path: string,
  onFirst: () => void,
  { files, stdin, signal }: Pick<Deps, 'files' | 'stdin' | 'signal'>,
): Promise<void> {
  const writer = await files.openToWrite(path, 'empty', 0o600);
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  stopped.catch(() => {}); // it may come when nobody waits for it any more
  try {
    signal.throwIfAborted();
    const chunks = stdin.chunks()[Symbol.asyncIterator]();
    for (;;) {
      const step = await Promise.race([chunks.next(), stopped]);
      onFirst();
      if (step.done) break;
      await writer.write(step.value);
    }
    await writer.sync();
  } finally {
    await writer.close();
  }
}
