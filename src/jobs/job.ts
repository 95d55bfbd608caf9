/** A job locked by this process, with its record and files. It sends nothing. */
import type { Deps } from '../base/deps.ts';
import type { TaskRecord } from '../schemas/task-record.ts';

/** A job that only this process works on. */
export interface Job {
  readonly record: TaskRecord;
  /**
   * Changes the record, durably. A journal that can no longer be written loses nothing that is paid for: the job goes
   * on, and the first time this resolves to the reason, otherwise to null.
   */
  update(change: Partial<TaskRecord>): Promise<string | null>;
  /** Removes this text from everything recorded from a server from now on, because it may repeat the key. */
  conceal(secret: string | null): void;
  /** Where responses with a result are stored until it is saved: `body` is complete, `reply` is arriving, `half` was cut off. */
  file(ending: 'body' | 'reply' | 'half'): string;
  /** Unlocks it for other processes. */
  release(): Promise<void>;
}

/** Fields set by a server; our own paths and messages are not changed. */
const serverFields = ['request_id', 'status', 'answered_model', 'usage', 'error'] as const;

/** A change with `***` where a server repeated the secret. */
export function without(secret: string | null, change: Partial<TaskRecord>): Partial<TaskRecord> {
  if (secret === null) return change;
  const clean = serverFields.flatMap((name) => {
    const text = JSON.stringify(change[name]) ?? '';
    return text.includes(secret) ? [[name, JSON.parse(text.replaceAll(secret, '***'))]] : [];
  });
  return { ...change, ...Object.fromEntries(clean) };
}

/** Removes the stored responses; saved files stay. */
export async function removeFiles(job: Job, { files }: Pick<Deps, 'files'>): Promise<void> {
  for (const ending of ['body', 'reply', 'half'] as const) await files.remove(job.file(ending));
  for (const { saving, part } of job.record.items)
    for (const path of [saving?.temporary, part?.path])
      if (path !== undefined) await files.remove(path).catch(() => {});
}
