/** The state and the time of a task as a list needs them. It reads no journal. */
import type { TaskDocument } from '../../schemas/media.ts';

/** Ours where something is left to do or is done here; else the gateway's word. */
export function stateOf({ state, status, files }: TaskDocument): string {
  if (state === 'submitted' || state === null) return status ?? 'unknown';
  if (state === 'submitting') return 'unknown';
  if (state === 'received') return 'not saved';
  if (state === 'done') return files.length > 0 ? 'saved' : 'done';
  return state === 'ended' ? (status ?? state) : state;
}

/** When it was made, in ms since 1970; 0 where nothing says. */
export function timeOf({ created_at: at }: TaskDocument): number {
  const time = Date.parse(at ?? '');
  return Number.isNaN(time) ? 0 : time;
}
