/** A disk that fails, or a process that dies, at one file operation that the test names. The operations themselves are real. */
import { basename } from 'node:path';
import type { Files, FileWriter } from '../../src/base/deps.ts';
import { files as real } from '../../src/system/files.ts';

export interface Operation {
  name: string;
  path: string;
  /** For messages: the same in every run. */
  label: string;
  /** It changes something on the disk. */
  writes: boolean;
  /** By its contract it can fail. */
  mayFail: boolean;
}

/** What happens: as usual; an error of the system; the process is gone before or after it. */
export type Fate = 'usual' | { code: string } | 'dies before' | 'dies after';

const reading = new Set([
  'read',
  'status',
  'list',
  'openToRead',
  'realPath',
  'isTaken',
  'freeBytes',
]);

/** These say nothing rather than fail. */
const patient = new Set(['list', 'freeBytes', 'syncDirectory']);

/** `decide` is asked before each operation, until the process dies: then nothing begins any more, and `onDeath` is called when its last operation is done. */
export function fatefulFiles(
  decide: (operation: Operation) => Fate,
  onDeath: () => void = () => {},
): Files {
  let isDead = false;
  const writers: FileWriter[] = [];
  async function through<T>(name: string, path: string, act: () => Promise<T>): Promise<T> {
    if (isDead) return never();
    const label = `${name} ${basename(path)
      .replace(/job_[0-9a-f]{12}/, 'job')
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'uuid')}`;
    const fate = decide({
      name,
      path,
      label,
      writes: !reading.has(name),
      mayFail: !patient.has(name),
    });
    if (typeof fate === 'object') throw systemError(fate.code, name);
    if (fate === 'usual') return act();
    isDead = true;
    if (fate === 'dies after') await act().catch(() => {});
    // A writer hands its bytes to another thread and says so before they are on the disk: those still arrive.
    await Promise.all(writers.map((writer) => writer.close()));
    onDeath();
    return never();
  }
  const writerAt = (path: string, writer: FileWriter): FileWriter => ({
    write: (bytes) => through('write', path, () => writer.write(bytes)),
    sync: () => through('sync', path, () => writer.sync()),
    close: () => writer.close(),
  });
  const wrap =
    <Name extends Exclude<keyof Files, 'openToWrite'>>(name: Name) =>
    (...args: Parameters<Files[Name]>): ReturnType<Files[Name]> => {
      const act = real[name] as (...all: Parameters<Files[Name]>) => Promise<unknown>;
      const path = String(name === 'link' || name === 'rename' ? args[1] : args[0]);
      return through(name, path, () => act(...args)) as ReturnType<Files[Name]>;
    };
  return {
    read: wrap('read'),
    status: wrap('status'),
    list: wrap('list'),
    makeDirectory: wrap('makeDirectory'),
    appendLine: wrap('appendLine'),
    replace: wrap('replace'),
    openToRead: wrap('openToRead'),
    link: wrap('link'),
    rename: wrap('rename'),
    remove: wrap('remove'),
    removeTree: wrap('removeTree'),
    realPath: wrap('realPath'),
    isTaken: wrap('isTaken'),
    syncDirectory: wrap('syncDirectory'),
    freeBytes: wrap('freeBytes'),
    openToWrite: (path, how, mode) =>
      through('openToWrite', path, async () => {
        const writer = await real.openToWrite(path, how, mode);
        writers.push(writer);
        return writerAt(path, writer);
      }),
  };
}

/** The process is gone: nothing it waits for ever comes. */
function never(): Promise<never> {
  return new Promise(() => {});
}

export function systemError(code: string, syscall = 'write'): Error {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });
}

/** Fails with `code` where `where` says so, each time. */
export function failingFiles(code: string, where: (operation: Operation) => boolean): Files {
  return fatefulFiles((operation) => (where(operation) ? { code } : 'usual'));
}
