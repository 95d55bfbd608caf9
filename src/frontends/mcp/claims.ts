/** Which files the calls that run now are going to make: two that want the same one would both buy, and one could not save. It touches no file. */
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { say } from '../../base/next-step.ts';
import { findTarget, type TargetDeps } from '../../jobs/target.ts';
import type { Serving } from './serving.ts';
import type { ToolInput } from './tool.ts';

type ClaimDeps = TargetDeps & Pick<Deps, 'platform'>;

/** Resolves to what gives the file back. Throws `CliError` usage while another call is going to make it. */
export async function claimFile(
  { out, task_id, dry_run }: ToolInput,
  { claims, flags }: Serving,
  deps: ClaimDeps,
): Promise<() => void> {
  const isDry = dry_run === true || flags.dryRun === true;
  const path = typeof out !== 'string' || isDry ? null : await fileNamed(out, deps);
  if (path === null) return () => {};
  const task = typeof task_id === 'string' ? task_id : null;
  for (const claim of claims)
    if (claim.path === path && (task === null || claim.task !== task)) throw inUse(out);
  const claim = { path, task };
  claims.add(claim);
  return () => claims.delete(claim);
}

/** null for a directory: there each result gets a name of its own. */
async function fileNamed(out: string, deps: ClaimDeps): Promise<string | null> {
  const { directory, name } = await findTarget(out, deps);
  if (name === null) return null;
  const path = deps.path.join(directory, name);
  // Where disks as a rule do not mind the case of letters.
  return deps.platform === 'win32' || deps.platform === 'darwin' ? path.toLowerCase() : path;
}

function inUse(out: unknown): CliError {
  return new CliError('usage', `out ${JSON.stringify(out)}: another call saves there now`, {
    code: 'output_in_use',
    billed: 'no',
    next: say('call again with another out, or without one'),
  });
}
