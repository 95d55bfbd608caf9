/** Distinguishes a process from an earlier one with the same id. It stops none. */
import { readFileSync, readlinkSync } from 'node:fs';
import type { Host } from './command.ts';

/**
 * On Linux the time it was started, in ticks since the machine was; elsewhere only that it runs. null when no process
 * has this number.
 */
export function processMark(
  processId: number,
  host: Pick<Host, 'platform' | 'kill'>,
): string | null {
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

/** `host_boot_container`. Elsewhere than on Linux only the host is known; containers are Linux inside. */
export function processSpace({
  platform,
  hostname,
}: Pick<Host, 'platform'> & { hostname(): string }): string {
  const host = hashOf(hostname());
  if (platform !== 'linux') return `${host}_0_0`;
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    const container = readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
    return `${host}_${boot}_${container}`;
  } catch {
    return `${host}_0_0`;
  }
}

/** FNV-1a, 32 bits: a name may have any characters, and only has to be distinguished from others. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16);
}
