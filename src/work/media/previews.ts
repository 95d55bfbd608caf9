/** `--preview`: the pictures that were saved, for the renderer to draw. */
import type { Deps } from '../../base/deps.ts';
import type { Job } from '../../jobs/job.ts';
import type { OutputEvent } from '../../schemas/events.ts';

/** A larger picture takes longer to draw than anybody looks at it. */
const MAX_BYTES = 64 * 1024 * 1024;

export async function* previews(
  job: Job,
  deps: Pick<Deps, 'files' | 'stdout' | 'stderr'>,
): AsyncGenerator<OutputEvent, void, undefined> {
  // The library looks at standard output to see what the terminal can do.
  if (!deps.stderr.isTerminal || !deps.stdout.isTerminal) {
    yield { type: 'status', message: 'no terminal to show the picture on' };
    return;
  }
  for (const { saved } of job.record.items) {
    if (saved === null || !saved.mime.startsWith('image/')) continue;
    const bytes = await deps.files.read(saved.path, MAX_BYTES).catch(() => null);
    if (bytes !== null) yield { type: 'preview', bytes };
  }
}
