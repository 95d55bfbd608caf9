/** A file system of a few files in memory, with faults on demand. It knows no disk. */
import type { Files } from '../../src/base/deps.ts';

interface Entry {
  bytes: Uint8Array;
  mode: number;
  isDirectory: boolean;
}

type Operation = keyof Files;

export interface MemoryFiles extends Files {
  readonly entries: Map<string, Entry>;
  /** The operations that were asked for, in order, as `operation path`. */
  readonly calls: string[];
  put(path: string, text: string | Uint8Array, mode?: number): void;
  putDirectory(path: string): void;
  text(path: string): string | undefined;
  /** From now on the operation fails with this system code. */
  fail(operation: Operation, code: string): void;
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made up`), { code });
}

export function memoryFiles(files: Record<string, string> = {}): MemoryFiles {
  const entries = new Map<string, Entry>();
  const calls: string[] = [];
  const faults = new Map<Operation, string>();
  const enter = (operation: Operation, path: string) => {
    calls.push(`${operation} ${path}`);
    const code = faults.get(operation);
    if (code !== undefined) throw systemError(code);
  };
  const put = (path: string, text: string | Uint8Array, mode = 0o600) => {
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    entries.set(path, { bytes, mode, isDirectory: false });
  };
  for (const [path, text] of Object.entries(files)) put(path, text);
  // What only paid jobs do: the config never asks for it.
  const never = async (): Promise<never> => {
    throw systemError('ENOSYS');
  };
  return {
    openToRead: never,
    link: never,
    rename: never,
    removeTree: never,
    realPath: never,
    isTaken: never,
    syncDirectory: never,
    freeBytes: never,
    // A lock.
    async openToWrite(path) {
      enter('openToWrite', path);
      put(path, '');
      return { write: async () => {}, sync: async () => {}, close: async () => {} };
    },
    async remove(path) {
      enter('remove', path);
      entries.delete(path);
    },
    entries,
    calls,
    put,
    putDirectory: (path) =>
      void entries.set(path, { bytes: new Uint8Array(), mode: 0o700, isDirectory: true }),
    text: (path) => {
      const entry = entries.get(path);
      return entry === undefined ? undefined : new TextDecoder().decode(entry.bytes);
    },
    fail: (operation, code) => void faults.set(operation, code),
    async read(path, maxBytes) {
      enter('read', path);
      const entry = entries.get(path);
      if (entry === undefined) throw systemError('ENOENT');
      if (entry.bytes.length > maxBytes) throw systemError('EFBIG');
      return entry.bytes;
    },
    async status(path) {
      enter('status', path);
      const entry = entries.get(path);
      if (entry === undefined) return null;
      const { bytes, mode, isDirectory } = entry;
      return { bytes: bytes.length, changedAt: 0, mode, isDirectory, isFile: !isDirectory };
    },
    async list(path) {
      enter('list', path);
      return [];
    },
    async makeDirectory(path) {
      enter('makeDirectory', path);
    },
    async appendLine(path, line) {
      enter('appendLine', path);
      const before = new TextDecoder().decode(entries.get(path)?.bytes);
      put(path, `${before}${line}\n`);
    },
    async replace(path, text) {
      enter('replace', path);
      put(path, text);
    },
  };
}
