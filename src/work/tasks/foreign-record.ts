/** A record for a task that is not in this journal: of another machine, or of a run without a journal. It sends nothing. */

import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { loadSettings } from '../../config/settings.ts';
import { newRecord } from '../../jobs/new-record.ts';
import { findTarget } from '../../jobs/target.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';
import { unknownTask } from './find.ts';
import type { ResumeFlags } from './options.ts';

/** Throws `CliError` not_found for an id that does not look like a task id of a gateway. */
export async function foreignRecord(
  id: string,
  flags: ResumeFlags,
  deps: Deps,
): Promise<TaskRecord> {
  const kind = id.startsWith('igen_') ? 'image' : /^(vgen_|tsk-)/.test(id) ? 'video' : null;
  if (kind === null || !/^[\w.-]{6,200}$/.test(id)) throw unknownTask(id);
  const { gateway } = await loadSettings(deps, flags);
  const route = kind === 'image' ? gateway.routes.imageTasks : gateway.routes.videos;
  if (gateway.baseUrl === '')
    throw new CliError(
      'not_found',
      `no task ${id} in the journal, and a sandbox that starts with this command has none; name the one that has it`,
      {
        code: 'unknown_task',
        billed: 'no',
        next: { do: 'set-flag', flag: '--base-url', value: 'http://127.0.0.1:8080/v1' },
      },
    );
  if (route === undefined)
    throw new CliError('usage', `${gateway.label} has no tasks of this kind`, {
      code: 'unsupported',
    });
  const { directory, name } = await findTarget(flags.out, deps);
  return newRecord(
    {
      kind,
      call: deps.uuid(),
      state: 'submitted',
      gateway: gateway.id,
      base_url: gateway.baseUrl,
      ephemeral: false,
      key_mark: null,
      model: '',
      prompt: '',
      request: { path: '', body: {}, idempotency_key: null },
      task_id: id,
      target: { directory, name, force: flags.force ?? false, last_frame: null },
      download: true,
    },
    deps,
  );
}
