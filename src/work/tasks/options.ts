/** The flags of `tasks`, as values, and those that select the gateway of a job. It reads no file. */
import type { CommonFlags } from '../../flags/common-flags.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';

export interface ResumeFlags extends CommonFlags {
  all?: boolean;
  adopt?: string;
  out?: string;
  force?: boolean;
  wait?: number;
}

/** The flags that select the gateway a job was bought from, whatever the environment is now. */
export function flagsOf<Flags extends CommonFlags>(record: TaskRecord, flags: Flags): Flags {
  const { gateway, base_url: baseUrl, proxied } = record;
  return { ...flags, gateway, ...(proxied !== true && { baseUrl }) };
}
