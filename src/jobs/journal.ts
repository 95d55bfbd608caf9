/** The journal of paid jobs: one file per task, replaced atomically, durable before anything is bought. It sends nothing and decides nothing. */
import type { Deps } from '../base/deps.ts';
import { diskRemedy } from '../base/errno.ts';
import { CliError, systemErrorCode } from '../base/errors.ts';
import { stateOf } from '../base/process-state.ts';
import { type TaskRecord, taskRecordSchema } from '../schemas/task-record.ts';
import { findHolder, type LockDeps, takeLock } from '../system/lock.ts';
import { bounded, type Job, removeFiles } from './job.ts';
import { isOpen } from './states.ts';
import { removeTemporaries } from './temporary.ts';

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
  /** Paths of what belongs to no job of the journal: `results` may be paid for, `others` are no files of ours. */
  strays(): Promise<{ results: string[]; others: string[] }>;
  /** Removes leftovers of killed processes for jobs that are over or never began. Whatever may be a result, and partial data of one that is gone, stays. */
  tidy(): Promise<void>;
  /** Removes a task and its stored responses. */
  remove(job: Job): Promise<void>;
}

/** `directory` is absolute; it is created with the first task. */
export function openJournal(directory: string, deps: JournalDeps): Journal {
  const { join } = deps.path;
  const fileOf = (id: string): string => join(directory, `${id}.json`);

  async function names(): Promise<string[]> {
    try {
      return await deps.files.list(directory);
    } catch (error) {
      const code = systemErrorCode(error) ?? 'unknown error';
      throw new CliError('local_io', `the journal in ${directory} cannot be read (${code})`, {
        code,
        billed: 'no',
        next: { do: 'retry', first: 'check the permissions' },
        cause: error,
      });
    }
  }

  async function readRecord(id: string): Promise<TaskRecord | null> {
    try {
      const bytes = await deps.files.read(fileOf(id), MAX_RECORD_BYTES);
      const parsed = taskRecordSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
      return parsed.success && parsed.data.id === id ? asOfNow(parsed.data) : null;
    } catch {
      return null;
    }
  }

  function asOfNow(record: TaskRecord): TaskRecord {
    const { ends_with: holder } = record;
    const isOver = holder !== undefined && stateOf(holder, deps) === 'dead';
    return isOver ? { ...record, ephemeral: true } : record;
  }

  async function write(record: TaskRecord): Promise<void> {
    const text = `${JSON.stringify(record)}\n`;
    if (Buffer.byteLength(text) > MAX_RECORD_BYTES) throw new RecordTooLarge();
    await deps.files.replace(fileOf(record.id), text);
  }

  function jobOf(first: TaskRecord, release: () => Promise<void>): Job {
    let record = first;
    let reported = false;
    let isBehind = false;
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
          isBehind = false;
          return null;
        } catch (error) {
          isBehind = true;
          const first = !reported;
          reported = true;
          return first ? `${problemWith(directory, error)}; the job goes on without it` : null;
        }
      },
      get isBehind() {
        return isBehind;
      },
      file: (ending) => join(directory, `${first.id}.${ending}`),
      async release() {
        // Who resumes it reads the record: it may fit on the disk by now.
        if (isBehind) await write(record).catch(() => {});
        await release();
      },
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
          inState: true,
          billed: 'no',
          next: [
            { do: 'retry', first: diskRemedy(systemErrorCode(error)) },
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
          inState: true,
          billed: 'no',
          next: { do: 'retry', first: diskRemedy(systemErrorCode(error)) },
          cause: error,
        });
      });
      if ('heldBy' in lock) return lock;
      // Read after locking: another process may have just finished with it.
      const record = await readRecord(id);
      for (const name of await names())
        if (ownName(name)?.id === id && isUnwritten(name))
          await deps.files.remove(join(directory, name));
      if (record === null) {
        await lock.release();
        return null;
      }
      // The process that wrote it may have died before its name was durable, and what is bought next is known by it.
      await deps.files.syncDirectory(directory);
      return jobOf(record, lock.release);
    },

    holderOf: (id) => findHolder(directory, id, null, deps),

    async list() {
      const records: TaskRecord[] = [];
      const unreadable: string[] = [];
      for (const name of await names()) {
        if (!name.endsWith('.json')) continue;
        const record = await readRecord(name.slice(0, -'.json'.length));
        if (record === null) unreadable.push(join(directory, name));
        else records.push(record);
      }
      records.sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
      return { records, unreadable };
    },

    async strays() {
      const all = await names();
      const results: string[] = [];
      const others: string[] = [];
      for (const name of all) {
        const own = ownName(name);
        if (own === null) {
          if (!name.endsWith('.json')) others.push(join(directory, name));
        } else if (own.isResult && !all.includes(`${own.id}.json`)) {
          // A process may have removed the job in the meantime.
          const path = join(directory, name);
          if (await deps.files.isTaken(path)) results.push(path);
        }
      }
      return { results, others };
    },

    async tidy() {
      const all = await names();
      const byJob = new Map<string, string[]>();
      for (const name of all) {
        const own = ownName(name);
        if (own === null || name === `${own.id}.json`) continue;
        const names = byJob.get(own.id);
        if (names === undefined) byJob.set(own.id, [name]);
        else names.push(name);
      }
      for (const [id, beside] of byJob) {
        const record = await readRecord(id);
        // A record that cannot be read may be of a job that is not over.
        if (record === null ? all.includes(`${id}.json`) : isOpen(record.state)) continue;
        const left = beside.filter((name) => {
          // Of a result that is gone the partial data is all there is, and without a record nobody knows.
          const isKept = record === null || (record.state === 'gone' && !name.endsWith('.reply'));
          return !(ownName(name)?.isResult && isKept);
        });
        if (left.length === 0) continue;
        const lock = await takeLock(directory, id, deps);
        if ('heldBy' in lock) continue;
        // Another process may have taken the job up again, and died over it, since the record was read.
        const locked = await readRecord(id);
        if (locked === null ? record === null : !isOpen(locked.state)) {
          for (const name of left) await deps.files.remove(join(directory, name));
          if (locked?.state === 'done') await removeTemporaries(locked, deps);
        }
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

/** The job that a file of ours belongs to, and whether it may hold a result; null: not a name that we give. */
function ownName(name: string): { id: string; isResult: boolean } | null {
  const match =
    /^(?:\.(job_[0-9a-f]{12})-\d+\.part|(job_[0-9a-f]{12})\.(json|body|reply|half|json\.\w+\.tmp|lock-[\w-]+))$/.exec(
      name,
    );
  const [, part, id = part, ending] = match ?? [];
  if (id === undefined) return null;
  const isResult = part !== undefined || /^(body|reply|half)$/.test(ending ?? '');
  return { id, isResult };
}

/** A record that was not written to its end. */
function isUnwritten(name: string): boolean {
  return name.endsWith('.tmp');
}

function problemWith(directory: string, error: unknown): string {
  return `the journal in ${directory} cannot be written (${systemErrorCode(error) ?? 'unknown error'})`;
}
