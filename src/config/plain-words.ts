/** What this machine's error codes mean, for people. It decides nothing. */
import { systemErrorCode } from '../base/errors.ts';

const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'it is in use',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it is too big',
  EFTYPE: 'it is not a regular file',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a directory',
  ELOOP: 'its symbolic links go in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the path is too long',
  ENFILE: 'too many files are open',
  ENOENT: 'it does not exist',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a directory',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
};

/** For example `the disk is full (ENOSPC)`; an unknown error keeps its code, and one without a code its message. */
export function inPlainWords(error: unknown): string {
  const code = systemErrorCode(error);
  if (code === undefined) return error instanceof Error ? error.message : 'unknown error';
  const meaning = Object.hasOwn(words, code) ? words[code] : 'system error';
  return `${meaning} (${code})`;
}
