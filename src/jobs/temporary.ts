/** The temporary file of one item: its name, and what is known of it once it is whole. */
import type { Deps } from '../base/deps.ts';
import type { Job } from './job.ts';

/** Whole, checked and durable, and without its name yet. */
export interface Made {
  temporary: string;
  bytes: number;
  sha256: string;
  mime: string;
  extension: string;
  /** What is odd about it, for the person. */
  warning: string | null;
}

/** The same for the same item, so that a later process finds it. */
export function temporaryPath(
  job: Job,
  index: number,
  directory: string,
  { path }: Pick<Deps, 'path'>,
): string {
  return path.join(directory, `.${job.record.id}-${index}.part`);
}

/** What the gateway called a picture is none. The reply stays on disk. */
export class BadPicture extends Error {}
