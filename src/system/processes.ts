/** Tells one process from another that had the same number before it. It stops none. */
import { readFileSync } from 'node:fs';
import type { Host } from './command.ts';

/**
 * On Linux the time it was started, in ticks since the machine was; elsewhere only that it runs. null when no process
 * has this number.
 */
export function processMark(processId: number, host: Host): string | null {
  if (host.platform === 'linux') {
    try {
      const status = readFileSync(`/proc/${processId}/stat`, 'utf8');
      // The second field is the name in brackets, with anything in it; a zombie no longer does anything.
      const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? 'runs');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    }
  }
  try {
    host.kill(processId, 0);
    return 'runs';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? null : 'runs';
  }
}
