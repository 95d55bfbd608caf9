/** Creates the record of a new job: what is known before any response. It does not write it. */
import type { Deps } from '../base/deps.ts';
import { unknownCost } from '../money/amount.ts';
import type { TaskRecord } from '../schemas/task-record.ts';
import { momentNow } from './moment.ts';

type Beginning = Pick<
  TaskRecord,
  | 'kind'
  | 'call'
  | 'state'
  | 'gateway'
  | 'base_url'
  | 'proxied'
  | 'ephemeral'
  | 'ends_with'
  | 'key_mark'
  | 'model'
  | 'prompt'
  | 'task_id'
  | 'tags'
  | 'bound'
  | 'estimate'
  | 'target'
  | 'download'
> & { request: Pick<TaskRecord['create'], 'path' | 'body' | 'idempotency_key'> };

/** With a new id; the create request counts as sent from now on. */
export function newRecord(
  { request, ...beginning }: Beginning,
  deps: Pick<Deps, 'clock' | 'processSpace' | 'uuid'>,
): TaskRecord {
  const { at: now, boot } = momentNow(deps);
  return {
    v: 1,
    id: `job_${deps.uuid().replaceAll('-', '').slice(-12)}`,
    ...beginning,
    created_at: now,
    updated_at: now,
    create: { ...request, first_sent_at: now, ...(boot !== null && { boot }), attempts: 0 },
    request_id: null,
    status: null,
    body: null,
    items: [],
    remains: null,
    answered_model: null,
    usage: null,
    cost: unknownCost,
    error: null,
  };
}
