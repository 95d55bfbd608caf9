/** A job locked by this process, with its record and files. It sends nothing. */
import { boundedJson, boundedText } from '../base/bounded-json.ts';
import type { Deps } from '../base/deps.ts';
import { isRecord } from '../base/json.ts';
import type { TaskRecord } from '../schemas/task-record.ts';

/** A job that only this process works on. */
export interface Job {
  readonly record: TaskRecord;
  /**
   * Changes the record, durably. A journal that can no longer be written loses nothing that is paid for: the job goes
   * on, and the first time this resolves to the reason, otherwise to null.
   */
  update(change: Partial<TaskRecord>): Promise<string | null>;
  /** The journal did not take the last change: who resumes the job goes by what it says. */
  readonly isBehind: boolean;
  /** Removes this text, if it is long enough for a key, from what a server says from now on: it may repeat the key. */
  conceal(secret: string | null): void;
  /** Where responses with a result are stored until it is saved: `body` is complete, `reply` is arriving, `half` was cut off. */
  file(ending: 'body' | 'reply' | 'half'): string;
  /** Unlocks it for other processes. */
  release(): Promise<void>;
}

/** A change with all that a server said bounded, and with `***` where it repeated the secret; our own paths and messages are not changed. */
export function bounded(secret: string | null, change: Partial<TaskRecord>): Partial<TaskRecord> {
  const text = <T>(words: T): T | string =>
    typeof words === 'string' ? boundedText(words, secret) : words;
  const { request_id, status, answered_model, usage, error } = change;
  return {
    ...change,
    ...(request_id == null ? {} : { request_id: text(request_id) }),
    ...(status == null ? {} : { status: text(status) }),
    ...(answered_model == null ? {} : { answered_model: text(answered_model) }),
    ...(usage == null ? {} : { usage: asUsage(boundedJson(usage, secret)) }),
    ...(error == null
      ? {}
      : { error: { ...error, code: text(error.code), message: text(error.message) } }),
  };
}

function asUsage(value: unknown): TaskRecord['usage'] {
  return isRecord(value) ? value : null;
}

/** Removes the stored responses; saved files stay. */
export async function removeFiles(job: Job, { files }: Pick<Deps, 'files'>): Promise<void> {
  for (const ending of ['body', 'reply', 'half'] as const) await files.remove(job.file(ending));
  for (const { saving, part } of job.record.items)
    for (const path of [saving?.temporary, part?.path])
      if (path !== undefined) await files.remove(path).catch(() => {});
}
