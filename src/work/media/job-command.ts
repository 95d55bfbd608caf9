/** A command's description of its job: how to check it and how to plan it. Types only. */
import type { Deps } from '../../base/deps.ts';
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
  /** The gateway recognises a repeated request by its Idempotency-Key. */
  idempotent: boolean;
  target: TaskRecord['target'];
  download: boolean;
  /** The result goes to standard output, not to a file. */
  toStdout: boolean;
  /** Warnings to show before the purchase. */
  warnings: readonly string[];
  /** The most it can cost. */
  bound: Bound;
  /** The last step before the purchase: uploads files and adds them to the body. */
  prepare(connection: Connection): AsyncGenerator<OutputEvent, void, undefined>;
}

/** The gateway and settings that a plan is made for. */
export type JobPlace = Pick<Connection, 'gateway' | 'settings'>;

export interface JobCommand {
  kind: 'image' | 'video';
  flags: MediaFlags & { cancelOnInterrupt?: boolean; preview?: boolean };
  /** Between two looks at the task, in ms; absent: as the gateway says. */
  pollMs?: number | undefined;
  /** Throws `CliError` usage if the gateway does not support it, before a key is read. */
  check(connection: Connection['settings']): void;
  /** Reads files, with `deps`, and checks whether the result can be saved. */
  plan(place: JobPlace, deps: Deps): Promise<JobPlan>;
}
