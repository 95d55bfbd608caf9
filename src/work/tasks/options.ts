/** The flags of `tasks`, as values, and those that select the gateway of a job. It reads no file. */
import type { Deps } from '../../base/deps.ts';
import { runProxy } from '../../config/run-proxy.ts';
import { variable } from '../../config/variable.ts';
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
export function flagsOf<Flags extends CommonFlags>(
  record: TaskRecord,
  flags: Flags,
  deps: Pick<Deps, 'env' | 'platform'>,
): Flags {
  const { gateway, base_url: baseUrl, proxied } = record;
  // Under `alltoken run` there is a token for the address of its proxy, and no key for any other.
  const isProxied = runProxy(deps) !== null && variable(deps, 'ALLTOKEN_GATEWAY') === gateway;
  return { ...flags, gateway, ...(proxied !== true && !isProxied && { baseUrl }) };
}
