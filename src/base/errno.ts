/** What this machine's error codes mean, for people: the one table of them. It decides nothing. */
import { systemErrorCode } from './errors.ts';

const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'in use',
  EDQUOT: 'disk quota exceeded',
  EFBIG: 'file too large',
  EFTYPE: 'not a regular file',
  EIO: 'input/output error',
  EISDIR: 'it is a directory',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the path is too long',
  ENFILE: 'too many open files',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'a part of the path is not a directory',
  ENXIO: 'nothing is at the other end',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
};

/** The meaning of a code; the code itself where we have no words for it. */
export function errnoWords(code: string): string {
  return Object.hasOwn(words, code) ? (words[code] ?? code) : code;
}

/** For example `no space left on device (ENOSPC)`; an unknown error keeps its code, and one without a code its message. */
export function inPlainWords(error: unknown): string {
  const code = systemErrorCode(error);
  if (code === undefined) return error instanceof Error ? error.message : 'unknown error';
  return `${Object.hasOwn(words, code) ? errnoWords(code) : 'system error'} (${code})`;
}

/** What a person does before they try again. `code`: of a file that cannot be read or written. */
export function diskRemedy(
  code: string | null | undefined,
  usual: string = 'check its permissions',
): string {
  return code != null && Object.hasOwn(remedies, code) ? (remedies[code] ?? usual) : usual;
}

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'free disk space',
  EDQUOT: 'free disk space',
  EFBIG: 'allow larger files (ulimit -f)',
};
