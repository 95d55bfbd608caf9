/** The journal of paid jobs: one file per task, replaced atomically, durable before anything is bought. It sends nothing and decides nothing. */
import type { Deps } from '../base/deps.ts';
import { CliError, systemErrorCode } from '../base/errors.ts';
import { type TaskRecord, taskRecordSchema } from '../schemas/task-record.ts';
import { findHolder, type LockDeps, takeLock } from '../system/lock.ts';
import { bounded, type Job, removeFiles } from './job.ts';
import { isOpen } from './states.ts';

const MAX_RECORD_BYTES = 4 * 1024 * 1024;

/** It could not be read again. What is on disk stays as it is. */
class RecordTooLarge extends Error {
  readonly code = 'EFBIG';
}

export type JournalDeps = LockDeps & Pick<Deps, 'clock'>;

export interface Journal {
  /** false: it ends with the process, so its jobs cannot be resumed. */
  readonly keeps: boolean;
  /** Durable when it resolves; the job is locked. Throws `CliError` local_io: then nothing may be bought. */
  begin(record: TaskRecord): Promise<Job>;
  /** Locks an existing task; otherwise reports which process holds it, or that it does not exist. */
  open(id: string): Promise<Job | { heldBy: number } | null>;
  /** The id of the process that works on it; null when none does. */
  holderOf(id: string): Promise<number | null>;
  /** All records, oldest first, and the files that are not records. */
  list(): Promise<{ records: TaskRecord[]; unreadable: string[] }>;
  /** Removes leftovers of killed processes for jobs that are over or never began. Partial data of a result that is gone stays. */
  tidy(): Promise<void>;
  /** Removes a task and its stored responses. */
  remove(job: Job): Promise<void>;
}

/** `directory` is absolute; it is created with the first task. */
export function openJournal(directory: string, deps: JournalDeps): Journal {
  const { join } = deps.path;
  const fileOf = (id: string): string => join(directory, `${id}.json`);

  async function readRecord(id: string): Promise<TaskRecord | null> {
    try {
      const bytes = await deps.files.read(fileOf(id), MAX_RECORD_BYTES);
      const parsed = taskRecordSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
      return parsed.success && parsed.data.id === id ? parsed.data : null;
    } catch {
      return null;
    }
  }

  async function write(record: TaskRecord): Promise<void> {
    const text = `${JSON.stringify(record)}\n`;
    if (Buffer.byteLength(text) > MAX_RECORD_BYTES) throw new RecordTooLarge();
    await deps.files.replace(fileOf(record.id), text);
  }

  function jobOf(first: TaskRecord, release: () => Promise<void>): Job {
    let record = first;
    let reported = false;
    let secret: string | null = null;
    return {
      conceal(text) {
        secret = text;
      },
      get record() {
        return record;
      },
      async update(change) {
        const updated_at = new Date(deps.clock.now()).toISOString();
        record = { ...record, ...bounded(secret, change), updated_at };
        try {
          await write(record);
          return null;
        } catch (error) {
          const first = !reported;
          reported = true;
          return first ? `${problemWith(directory, error)}; the job goes on without it` : null;
        }
      },
      file: (ending) => join(directory, `${first.id}.${ending}`),
      release,
    };
  }

  return {
    keeps: true,

    async begin(record) {
      try {
        await deps.files.makeDirectory(directory);
        const lock = await takeLock(directory, record.id, deps);
        if ('heldBy' in lock) throw new Error('a new id is in use');
        try {
          await write(record);
        } catch (error) {
          await lock.release().catch(() => {});
          throw error;
        }
        return jobOf(record, lock.release);
      } catch (error) {
        throw new CliError('local_io', problemWith(directory, error), {
          code: systemErrorCode(error) ?? 'journal',
          billed: 'no',
          next: [
            { do: 'retry', first: 'free disk space or check the permissions' },
            { do: 'set-flag', flag: '--no-journal' },
          ],
          cause: error,
        });
      }
    },

    async open(id) {
      const lock = await takeLock(directory, id, deps).catch((error: unknown) => {
        throw new CliError('local_io', problemWith(directory, error), {
          code: systemErrorCode(error) ?? 'journal',
          billed: 'no',
          next: { do: 'retry', first: 'free disk space or check the permissions' },
          cause: error,
        });
      });
      if ('heldBy' in lock) return lock;
      // Read after locking: another process may have just finished with it.
      const record = await readRecord(id);
      for (const name of await deps.files.list(directory))
        if (name.startsWith(`${id}.json.`)) await deps.files.remove(join(directory, name));
      if (record !== null) return jobOf(record, lock.release);
      await lock.release();
      return null;
    },

    holderOf: (id) => findHolder(directory, id, null, deps),

    async list() {
      const names = (await deps.files.list(directory)).filter((name) => name.endsWith('.json'));
      const records: TaskRecord[] = [];
      const unreadable: string[] = [];
      for (const name of names) {
        const record = await readRecord(name.slice(0, -'.json'.length));
        if (record === null) unreadable.push(join(directory, name));
        else records.push(record);
      }
      records.sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
      return { records, unreadable };
    },

    async tidy() {
      const names = await deps.files.list(directory);
      const ids = new Set(names.flatMap((name) => /^\.?(job_[0-9a-f]{12})/.exec(name)?.[1] ?? []));
      for (const id of ids) {
        const record = await readRecord(id);
        // A record that cannot be read may be of a job that is not over.
        if (record === null ? names.includes(`${id}.json`) : isOpen(record.state)) continue;
        // Of a result that is gone, the partial data is all there is.
        const spared = record?.state === 'gone' ? [`${id}.half`, `${id}.body`] : [];
        const left = names.filter((name) => isOf(name, id) && !spared.includes(name));
        if (left.length === 0) continue;
        const lock = await takeLock(directory, id, deps);
        if ('heldBy' in lock) continue;
        for (const name of left) await deps.files.remove(join(directory, name));
        await lock.release();
      }
    },

    async remove(job) {
      await removeFiles(job, deps);
      await deps.files.remove(fileOf(job.record.id));
      await deps.files.syncDirectory(directory);
    },
  };
}

/** All but the record itself. */
function isOf(name: string, id: string): boolean {
  return name.replace(/^\./, '').startsWith(id) && name !== `${id}.json`;
}

function problemWith(directory: string, error: unknown): string {
  return `the journal in ${directory} cannot be written (${systemErrorCode(error) ?? 'unknown error'})`;
}
