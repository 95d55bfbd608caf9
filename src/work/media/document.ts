/** The public JSON of a job, from its record in the journal. */

import { unknownCost } from '../../money/amount.ts';
import type { JobFields, MediaHead } from '../../schemas/media.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';

const heads = {
  image: { schema: 'alltoken.image.v1', command: 'image' },
  video: { schema: 'alltoken.video.v1', command: 'video' },
} as const satisfies Record<TaskRecord['kind'], MediaHead>;

/** The schema and command of the document. */
export function documentHead(kind: TaskRecord['kind']): MediaHead {
  return heads[kind];
}

/**
 * `record` null: the call did not get that far. An address is as good as the file to whoever reads it, so those of saved files are
 * left out unless `wantsUrls`.
 */
export function jobFields(record: TaskRecord | null, wantsUrls = false): JobFields {
  const items = record?.items ?? [];
  const needed = wantsUrls || items.some(({ saved }) => saved === null) ? items : [];
  return {
    gateway: record?.gateway ?? null,
    model: record?.answered_model ?? null,
    // A task of another machine was not requested here.
    requested_model: record?.model || null,
    task_id: record?.task_id ?? null,
    job_id: record?.id ?? null,
    request_id: record?.request_id ?? null,
    status: record?.status ?? null,
    files: items.flatMap(({ saved }) => (saved === null ? [] : [saved])),
    urls: needed.flatMap(({ url, url_expires_at }) =>
      url === null ? [] : [{ url, expires_at: url_expires_at }],
    ),
    usage: record?.usage ?? null,
    cost: record?.cost ?? unknownCost,
  };
}
