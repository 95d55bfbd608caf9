/** The temporary file of one item: its name, and what is known of it once it is complete. It writes nothing. */
import type { Deps } from '../base/deps.ts';
import type { Job } from './job.ts';

/** Complete, checked and durable, but not yet renamed. */
export interface Made {
  temporary: string;
  bytes: number;
  sha256: string;
  mime: string;
  extension: string;
  /** A warning about it for the user. */
  warning: string | null;
}

/** The same name for the same item, so that a later process finds it. */
export function temporaryPath(
  job: Job,
  index: number,
  directory: string,
  { path }: Pick<Deps, 'path'>,
): string {
  return path.join(directory, `.${job.record.id}-${index}.part`);
}

/** What the gateway sent as an image is not one. The response stays on disk. */
export class BadImage extends Error {}
