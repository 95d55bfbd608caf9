/** `-o -`: the result on standard output, byte for byte, once it is known to be whole. It stays on disk until it was taken. */

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
    yield {
      type: 'warning',
      message: `${others} more came than go to standard output; to save them: ${resumeCommand(job.record)}`,
    };
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
  // Taken by the reader, so that nothing of it is needed any more.
  for (const path of [made.temporary, body]) await files.remove(path).catch(() => {});
  await job.update({ state: 'done', body: null });
}
