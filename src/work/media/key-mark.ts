/** Distinguishes keys in the journal by a hash. It never stores a key. */
import { createHash } from 'node:crypto';
import type { Key } from '../../config/keys.ts';

/** null: the job was bought without a key. */
export function markOf(key: Key | null): string | null {
  return key === null ? null : createHash('sha256').update(key.value).digest('hex').slice(0, 12);
}
