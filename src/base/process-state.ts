/** Whether a process that a file names still runs, or another one has its number. It reads no file. */
import type { Deps } from './deps.ts';

/** Whether a process of another container or machine still runs cannot be seen from here; no call takes longer, ms. */
export const ELSEWHERE_HOLD_MS = 60 * 60_000;

/** A process as written to a file that others read. */
export interface Holder {
  pid: number;
  mark: string;
  /** '' in what an older version wrote. */
  space: string;
}

/** This process, for others to recognise. */
export function thisProcess({
  processId,
  processMark,
  processSpace,
}: Pick<Deps, 'processId' | 'processMark' | 'processSpace'>): Holder {
  return { pid: processId, mark: processMark(processId) ?? 'runs', space: processSpace() };
}

/** elsewhere: it is one of another container or machine. What ran before this machine was started is dead. */
export function stateOf(
  { pid, mark, space }: Holder,
  deps: Pick<Deps, 'processMark' | 'processSpace'>,
): 'runs' | 'dead' | 'elsewhere' {
  const here = deps.processSpace();
  if (space !== '' && space !== here) {
    const [host, boot] = here.split('_');
    const [itsHost, itsBoot] = space.split('_');
    return host === itsHost && boot !== itsBoot ? 'dead' : 'elsewhere';
  }
  return deps.processMark(pid) === mark ? 'runs' : 'dead';
}
