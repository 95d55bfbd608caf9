/** `-o -`: writes the result to standard output once it is complete. It stays on disk until it was read. */

import { lossOf } from '../../base/loss.ts';
import { resumeCommand } from '../../jobs/hints.ts';
import type { Job } from '../../jobs/job.ts';
import type { JobContext } from '../../jobs/job-context.ts';
import { makeItem } from '../../jobs/save-item.ts';
import type { OutputEvent } from '../../schemas/events.ts';

const PIECE = 64 * 1024;

export async function* streamToStdout(
  job: Job,
  context: JobContext,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { files } = context.deps;
  const body = job.file('body');
  const directory = body.replace(/[\\/][^\\/]*$/, '');
  const others = job.record.items.length - 1;
  if (others > 0)
    yield lossOf(
      'result',
      `only the first of ${others + 1} results goes to standard output. Save the others with: ${resumeCommand(job.record)}`,
    );
  const made = yield* makeItem(job, 0, directory, context);
  const reader = await files.openToRead(made.temporary);
  try {
    for (let at = 0; at < reader.size; at += PIECE)
      yield { type: 'bytes', bytes: Uint8Array.from(reader.read(at, PIECE)) };
  } finally {
    await reader.close();
  }
  if (others > 0) {
    await files.remove(made.temporary).catch(() => {});
    return;
  }
  // Fully read by the consumer, so the copies are no longer needed.
  for (const path of [made.temporary, body]) await files.remove(path).catch(() => {});
  await job.update({ state: 'done', body: null });
}
