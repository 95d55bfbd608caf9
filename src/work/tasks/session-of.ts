/** The flags that lead back to the gateway a job was bought from, whatever the environment says by now. */

import type { CommonFlags } from '../../flags/common-flags.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';

export function flagsOf<Flags extends CommonFlags>(record: TaskRecord, flags: Flags): Flags {
  return { ...flags, gateway: record.gateway, baseUrl: record.base_url };
}
