/** Uploads as claims: what was promised of a file, whether it came, and who may use it, once. Of the bytes it keeps only the first few and their hash. */
import { invalid } from '../envelope.ts';
import type { BoundedMap } from './bounded-map.ts';
import { looksLike } from './file-kinds.ts';

export interface Upload {
  id: string;
  /** Its owner, as `ownerOf` says. */
  owner: string;
  purpose: string;
  contentType: string;
  contentLength: number;
  /** Base64. */
  md5: string;
  /** Lower-case hexadecimal. */
  sha256: string;
  /** Milliseconds since 1970. */
  claimExpiresAt: number;
  /** The first bytes; null until the file has come. */
  head: Uint8Array | null;
  isUsed: boolean;
}

/** An upload that a field of a request names. */
export interface UploadReference {
  id: string;
  field: string;
  /** What it must have been uploaded for. */
  purpose: string;
}

/**
 * Takes all of them for one task, in order, or none. Throws Rejection (400) for the first that is unknown,
 * of another key, for another purpose, not there yet, too old, used, or not what it said it was.
 */
export function bindUploads(
  uploads: BoundedMap<Upload>,
  owner: string,
  references: readonly UploadReference[],
  now: number,
): Upload[] {
  const bound = references.map((reference, index) => {
    const upload = uploads.get(reference.id);
    const twice = references.findIndex(({ id }) => id === reference.id) < index;
    const problem = twice ? 'is named twice' : problemWith(upload, owner, reference, now);
    if (problem || !upload) throw invalid(reference.field, `${reference.field} ${problem}.`);
    return upload;
  });
  for (const upload of bound) upload.isUsed = true;
  return bound;
}

function problemWith(
  upload: Upload | undefined,
  owner: string,
  { purpose }: UploadReference,
  now: number,
): string | null {
  // To another key, an upload is one that does not exist.
  if (!upload || upload.owner !== owner) return 'names no upload of this key';
  if (upload.purpose !== purpose) return `was uploaded as ${upload.purpose}, not as ${purpose}`;
  if (upload.isUsed) return 'was used before: an upload serves one task';
  if (upload.claimExpiresAt <= now) return 'has expired';
  if (!upload.head) return 'names an upload whose file has not come';
  if (!looksLike(upload.contentType, upload.head)) return `is not ${upload.contentType}`;
  return null;
}
