/** What a command says of the job that it wants: how to check it, and how to plan it. Types only. */
import type { Bound } from '../../money/budget/caps.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';
import type { Connection } from '../connection.ts';
import type { MediaFlags } from './options.ts';

/** Everything that is decided before the purchase. */
export interface JobPlan {
  model: string;
  prompt: string;
  /** Below the base URL. */
  path: string;
  body: Record<string, unknown>;
  /** The gateway recognises a repeated request by its key. */
  idempotent: boolean;
  target: TaskRecord['target'];
  download: boolean;
  /** The result goes to standard output and to no file. */
  toStdout: boolean;
  /** What a person may want to know before it is bought. */
  warnings: readonly string[];
  /** What it can cost. */
  bound: Bound;
  /** The last step before the purchase: uploads files and adds them to the body. */
  prepare(connection: Connection): AsyncGenerator<OutputEvent, void, undefined>;
}

/** Where a plan is made for. */
export type JobPlace = Pick<Connection, 'gateway' | 'settings'>;

export interface JobCommand {
  kind: 'image' | 'video';
  flags: MediaFlags & { cancelOnInterrupt?: boolean; preview?: boolean };
  /** Throws `CliError` usage where the gateway lacks it, before a key is looked for. */
  check(connection: Connection['settings']): void;
  /** Reads files, and asks whether the result can be saved. */
  plan(place: JobPlace): Promise<JobPlan>;
}
