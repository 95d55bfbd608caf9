/** A record for a task that this journal has not bought: of another machine, or of a run without a journal. */
import { loadSettings } from '../../config/settings.ts';
import type { Deps } from '../../deps.ts';
import { CliError } from '../../errors.ts';
import { findTarget } from '../../jobs/target.ts';
import { unknownCost } from '../../money/amount.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';
import type { ResumeFlags } from './command.ts';
import { unknownTask } from './find.ts';

/** Throws `CliError` not_found for an id that is none of a gateway's tasks. */
export async function foreignRecord(
  id: string,
  flags: ResumeFlags,
  deps: Deps,
): Promise<TaskRecord> {
  const kind = id.startsWith('igen_') ? 'image' : /^(vgen_|tsk-)/.test(id) ? 'video' : null;
  if (kind === null || !/^[\w.-]{6,200}$/.test(id)) throw unknownTask(id);
  const { gateway } = await loadSettings(deps, flags);
  const route = kind === 'image' ? gateway.routes.imageTasks : gateway.routes.videos;
  if (route === undefined || gateway.baseUrl === '')
    throw new CliError('usage', `${gateway.label} has no tasks of this kind`, {
      code: 'unsupported',
    });
  const { directory, name } = await findTarget(flags.out, deps);
  const now = new Date(deps.clock.now()).toISOString();
  return {
    v: 1,
    id: `job_${deps.uuid().replaceAll('-', '').slice(-12)}`,
    kind,
    state: 'submitted',
    created_at: now,
    updated_at: now,
    gateway: gateway.id,
    base_url: gateway.baseUrl,
    ephemeral: false,
    key_mark: null,
    model: '',
    prompt: '',
    call: deps.uuid(),
    create: { path: '', body: {}, idempotency_key: null, first_sent_at: now, attempts: 0 },
    task_id: id,
    request_id: null,
    status: null,
    target: { directory, name, force: flags.force ?? false, last_frame: null },
    download: true,
    body: null,
    items: [],
    remains: null,
    answered_model: null,
    usage: null,
    cost: unknownCost,
    error: null,
  };
}
