/** Tells one key from another in the journal, without being one. */
import { createHash } from 'node:crypto';
import type { Key } from '../../config/keys.ts';

/** null: the job was bought without a key. */
export function markOf(key: Key | null): string | null {
  return key === null ? null : createHash('sha256').update(key.value).digest('hex').slice(0, 12);
}
