/** A process that is killed at its nth change on disk: from there on nothing of it happens any more. */
import type { Files, FileWriter } from '../../src/base/deps.ts';
import { files as realFiles } from '../../src/system/files.ts';

export interface Crash {
  files: Partial<Files>;
  /** Resolves when the process is dead. */
  died: Promise<string>;
  /** Changes so far. */
  count(): number;
}

const never = (): Promise<never> => new Promise(() => {});

/** `after`: the nth change still reaches the disk, but nobody hears of it. */
export function killedAt(nth: number, after: boolean): Crash {
  let count = 0;
  let tell: (what: string) => void = () => {};
  const died = new Promise<string>((resolve) => {
    tell = resolve;
  });
  async function change<T>(what: string, work: () => Promise<T>): Promise<T> {
    count += 1;
    if (count > nth) return never();
    if (count < nth) return work();
    // Whether it went well, nobody hears.
    if (after) await work().catch(() => {});
    tell(`${after ? 'after' : 'before'} change ${nth}: ${what}`);
    return never();
  }
  const files: Partial<Files> = {
    appendLine: (path, line) => change(`append to ${path}`, () => realFiles.appendLine(path, line)),
    replace: (path, text) => change(`replace ${path}`, () => realFiles.replace(path, text)),
    link: (path, name) => change(`link ${name}`, () => realFiles.link(path, name)),
    rename: (path, name) => change(`rename to ${name}`, () => realFiles.rename(path, name)),
    remove: (path) => change(`remove ${path}`, () => realFiles.remove(path)),
    openToWrite: (path, how, mode) =>
      change(`open ${path}`, async () =>
        watched(path, await realFiles.openToWrite(path, how, mode)),
      ),
  };
  function watched(path: string, writer: FileWriter): FileWriter {
    return {
      write: (bytes) => change(`write to ${path}`, () => writer.write(bytes)),
      sync: () => change(`sync ${path}`, () => writer.sync()),
      close: () => writer.close(),
    };
  }
  return { files, died, count: () => count };
}
