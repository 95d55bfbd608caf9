/** The temporary file of one item: its name, and what is known of it once it is complete. It writes nothing. */
import type { Deps } from '../base/deps.ts';
import type { TaskRecord } from '../schemas/task-record.ts';

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
  job: { record: Pick<TaskRecord, 'id'> },
  index: number,
  directory: string,
  { path }: Pick<Deps, 'path'>,
): string {
  return path.join(directory, `.${job.record.id}-${index}.part`);
}

/**
 * Of a finished job no unfinished file is needed: a process that was killed, or the power that was cut, in the middle of a copy
 * can leave one of which the record says nothing.
 */
export async function removeTemporaries(
  record: Pick<TaskRecord, 'id' | 'items' | 'target'>,
  deps: Pick<Deps, 'files' | 'path'>,
): Promise<void> {
  for (const index of record.items.keys())
    await deps.files
      .remove(temporaryPath({ record }, index, record.target.directory, deps))
      .catch(() => {});
}

/** What the gateway sent as an image is not one. The response stays on disk. */
export class BadImage extends Error {}
