/** The public JSON of a job, from its record in the journal. */

import { unknownCost } from '../../money/amount.ts';
import type { Cost } from '../../schemas/common.ts';
import type { MediaFile } from '../../schemas/media.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';

interface JobFields {
  gateway: string | null;
  model: string | null;
  requested_model: string | null;
  task_id: string | null;
  job_id: string | null;
  request_id: string | null;
  status: string | null;
  files: MediaFile[];
  urls: { url: string; expires_at: string | null }[];
  usage: Record<string, unknown> | null;
  cost: Cost;
}

/** `record` null: the call did not get so far. */
export function jobFields(record: TaskRecord | null): JobFields {
  const items = record?.items ?? [];
  return {
    gateway: record?.gateway ?? null,
    model: record?.answered_model ?? null,
    // Nobody here asked for a task of another machine.
    requested_model: record?.model || null,
    task_id: record?.task_id ?? null,
    job_id: record?.id ?? null,
    request_id: record?.request_id ?? null,
    status: record?.status ?? null,
    files: items.flatMap(({ saved }) => (saved === null ? [] : [saved])),
    urls: items.flatMap(({ url, url_expires_at }) =>
      url === null ? [] : [{ url, expires_at: url_expires_at }],
    ),
    usage: record?.usage ?? null,
    cost: record?.cost ?? unknownCost,
  };
}
