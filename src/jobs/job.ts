/** One job in the hands of this process. */
import type { Deps } from '../base/deps.ts';
import type { TaskRecord } from '../schemas/task-record.ts';

/** One job that this process works on, alone. */
export interface Job {
  readonly record: TaskRecord;
  /**
   * Changes the record, durably. A journal that cannot be written any more costs nothing that is paid for: the job goes
   * on, and the first time this resolves to why it is not written, else to null.
   */
  update(change: Partial<TaskRecord>): Promise<string | null>;
  /** From now on this text is in nothing that a server makes us write down: it may repeat the key. */
  conceal(secret: string | null): void;
  /** Where replies with a result are kept until it is saved: `body` is whole, `reply` is arriving, `half` is what broke off. */
  file(ending: 'body' | 'reply' | 'half'): string;
  /** Lets other processes at it. */
  release(): Promise<void>;
}

/** What a server says of itself; our own paths and words stay as they are. */
const told = ['request_id', 'status', 'answered_model', 'usage', 'error'] as const;

/** A change with `***` where a server repeated the secret. */
export function without(secret: string | null, change: Partial<TaskRecord>): Partial<TaskRecord> {
  if (secret === null) return change;
  const clean = told.flatMap((name) => {
    const text = JSON.stringify(change[name]) ?? '';
    return text.includes(secret) ? [[name, JSON.parse(text.replaceAll(secret, '***'))]] : [];
  });
  return { ...change, ...Object.fromEntries(clean) };
}

/** All that is only there to be saved from; saved files stay. */
export async function removeFiles(job: Job, { files }: Pick<Deps, 'files'>): Promise<void> {
  for (const ending of ['body', 'reply', 'half'] as const) await files.remove(job.file(ending));
  for (const { saving, part } of job.record.items)
    for (const path of [saving?.temporary, part?.path])
      if (path !== undefined) await files.remove(path).catch(() => {});
}
