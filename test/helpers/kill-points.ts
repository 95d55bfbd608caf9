/** The points at which a job can be killed, and how far it has come at each. It starts no process. */
import type { Point } from './kill-world.ts';
import { isTurnOf } from './share.ts';

/**
 * What a process that dies here leaves: `nothing` — not even a record; `unknown` — a create request of which nobody knows;
 * `bought` — the id of the task is in the journal.
 */
export type Phase = 'nothing' | 'unknown' | 'bought';

export interface Death extends Point {
  phase: Phase;
}

const RECORD = 'rename home/tasks/job.json';

/**
 * One death after each step, one in the middle of each write, and one before each request. `records`: how often an earlier
 * process has written the record.
 */
export function deathsIn(steps: readonly string[], records = 0): Death[] {
  return steps.flatMap((name, index) => {
    const occurrence = steps.slice(0, index + 1).filter((other) => other === name).length;
    const death = (how: Point['how']): Death => {
      const done = steps.slice(0, how === 'after' ? index + 1 : index);
      return { name, occurrence, how, phase: phaseAfter(done, records) };
    };
    const early = name.startsWith('write ')
      ? [death('torn')]
      : name.startsWith('send ')
        ? [death('before')]
        : [];
    return [...early, death('after')];
  });
}

/** The record is first written as `submitting`, then with the id of the task; and that before anybody asks for the task. */
function phaseAfter(done: readonly string[], records: number): Phase {
  const written = records + done.filter((name) => name === RECORD).length;
  if (written > 1 || done.some((name) => /^send GET .*\/id$/.test(name))) return 'bought';
  return written === 1 || done.some(isOrder) ? 'unknown' : 'nothing';
}

function isOrder(name: string): boolean {
  return /^send POST .*\/(generations|async|edits|variations)$/.test(name);
}

/**
 * Without those that leave the same as the step before: what is written survives its process, synced or not. Of the
 * temporary file of a record, which nobody reads, half is as good as the whole.
 */
export function telling(deaths: readonly Death[]): Death[] {
  return deaths.filter(
    ({ name, how }) =>
      how === 'torn' ||
      (how === 'after' && !/^(fsync|close) |^(open|write) .*\.json\.tmp$/.test(name)),
  );
}

/** From the first step of that name on. */
export function since(name: string, deaths: readonly Death[]): Death[] {
  const first = deaths.findIndex((death) => death.name === name);
  if (first < 0) throw new Error(`no step ${name} among: ${deaths.map((one) => one.name)}`);
  return deaths.slice(first);
}

export function titleOf({ how, name, occurrence }: Point): string {
  const word = how === 'torn' ? 'in the middle of' : how;
  return `${word} ${name}${occurrence === 1 ? '' : ` (${occurrence})`}`;
}

/** What a power cut could still take when the record is replaced, a create request is sent or a body is removed. */
export function unsafeSteps(steps: readonly string[]): string[] {
  const unsynced = new Set<string>();
  const unsafe: string[] = [];
  for (const step of steps) {
    const [verb = '', path = ''] = step.split(' ');
    if (step === RECORD || verb === 'send' || step === 'remove home/tasks/job.body') {
      const open = [...unsynced].filter((name) => !name.startsWith('home/ledger'));
      if (open.length > 0) unsafe.push(`${step} while ${open} may be lost`);
    }
    if (verb === 'write') unsynced.add(path);
    if (verb === 'mkdir') unsynced.add(path.replace(/\/[^/]*$/, ''));
    // A half is found under either of its names.
    if (/^(rename|link) /.test(step) && !path.endsWith('.half'))
      unsynced.add(path.replace(/\/[^/]*$/, ''));
    if (verb === 'fsync') unsynced.delete(path.replace(/\/$/, ''));
  }
  return unsafe;
}

/**
 * Each point is the death and the way back of several processes. The check tries a share of them: the first and the last of
 * each phase, and of those between a sixteenth. In the simulator (test/simulation) the same commands die at every step of theirs.
 */
export function shareOf(deaths: readonly Death[]): Death[] {
  return deaths.filter(
    ({ phase }, index) =>
      isTurnOf(index, 16) ||
      deaths[index - 1]?.phase !== phase ||
      deaths[index + 1]?.phase !== phase,
  );
}
