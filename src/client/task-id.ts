/** The id of a task as a gateway gave it: whether it can be used, and how it stands in a path. It never leads to another path. */
import { CliError } from '../base/errors.ts';

/** Longer than any token that identifies a task. */
const LONGEST = 8000;

/** false: half a character, a control character, what a path takes for a folder even when it is encoded, or no id at all. */
export function isTaskId(id: string): boolean {
  if (id.trim() === '' || id.length > LONGEST || /\p{Surrogate}|\p{Cc}/u.test(id)) return false;
  return id !== '.' && id !== '..';
}

/** Throws `CliError` protocol for an id that cannot be used. */
export function pathSegment(id: string): string {
  if (isTaskId(id)) return encodeURIComponent(id);
  throw badTaskId();
}

export function badTaskId(): CliError {
  return new CliError('protocol', 'the gateway named the task by an id that cannot be used', {
    code: 'bad_task_id',
    billed: 'unknown',
  });
}
