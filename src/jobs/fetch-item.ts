/** Downloads one item from its URL into its temporary file, continuing an earlier attempt. It does not publish the file. */
import type { OutputEvent } from '../schemas/events.ts';
import { download } from '../transport/download.ts';
import { TimedOut } from '../transport/watch.ts';
import { openHashed } from './hashed-file.ts';
import { changeItem, itemOf } from './items.ts';
import type { Job } from './job.ts';
import type { JobContext } from './job-context.ts';
import { judge } from './judge.ts';
import { type Made, temporaryPath } from './temporary.ts';

/** More than any video of a minute; stops an endless file. */
const MAX_FILE_BYTES = 16 * 1024 ** 3;

/** Downloads it, continuing an earlier attempt. Throws `CliError` expired (dead_url) when the URL no longer works. */
export async function* fetchItem(
  job: Job,
  index: number,
  directory: string,
  context: JobContext,
): AsyncGenerator<OutputEvent, Made, undefined> {
  const { deps, gateway } = context;
  const item = itemOf(job, index);
  const url = item.url ?? '';
  const temporary = temporaryPath(job, index, directory, deps);
  const left = item.part?.path === temporary ? await deps.files.status(temporary) : null;
  const part =
    left === null || item.part === null
      ? null
      : { bytes: left.bytes, validator: item.part.validator, total: item.part.total };
  const output = await openHashed(temporary, part?.bytes ?? null, deps);
  try {
    const sink = {
      restart: () => output.restart(),
      write: (bytes: Uint8Array) => output.write(bytes),
      head: async ({ total, validator }: { total: number | null; validator: string | null }) => {
        await changeItem(job, index, { part: { path: temporary, url, validator, total } });
      },
    };
    const request = {
      url,
      baseUrl: gateway.baseUrl,
      userAgent: `alltoken-cli/${deps.version}`,
      timeouts: context.policy.timeouts,
      maxBytes: MAX_FILE_BYTES,
      part,
      sink,
    };
    const storage = await context.storage();
    const deadline = startDeadline(context);
    let contentType: string | null;
    try {
      const signal = deadline?.signal ?? deps.signal;
      contentType = yield* showDownload(job, download(request, storage, { ...deps, signal }), deps);
    } finally {
      deadline?.stop();
    }
    await output.file.sync();
    return { temporary, ...output.facts(), ...judge(item.role, output.head, contentType) };
  } finally {
    await output.file.close();
    // Nothing was received: leave no file behind.
    if (output.size() === 0) await deps.files.remove(temporary).catch(() => {});
  }
}

/** The deadline of --timeout, which ends a download too (it can be continued); null without one. */
export function startDeadline({
  policy,
  deps,
}: Pick<JobContext, 'policy' | 'deps'>): { signal: AbortSignal; stop(): void } | null {
  const { deadlineAt, timeouts } = policy;
  if (deadlineAt === null || deadlineAt === undefined) return null;
  const late = new AbortController();
  const left = Math.max(1, deadlineAt - deps.clock.monotonic());
  const stop = deps.clock.after(left, () =>
    late.abort(new TimedOut('total', timeouts.totalMs ?? left)),
  );
  return { signal: AbortSignal.any([deps.signal, late.signal]), stop };
}

/** The steps of the download as events; returns the type that the server sent. */
async function* showDownload(
  job: Job,
  notes: ReturnType<typeof download>,
  { clock }: JobContext['deps'],
): AsyncGenerator<OutputEvent, string | null, undefined> {
  const { task_id } = job.record;
  let before: { at: number; bytes: number } | null = null;
  let attempt = 1;
  for (;;) {
    const { done, value } = await notes.next();
    if (done) return value.contentType;
    if (value.type === 'retrying') {
      const reason = `${value.reason.message} [${value.reason.exit}]`;
      const wait_ms = Math.round(value.waitMs);
      attempt += 1;
      yield { type: 'retry', attempt, wait_ms, model: job.record.model, reason };
      continue;
    }
    const at = clock.monotonic();
    const rate =
      before === null || at <= before.at
        ? null
        : Math.round(((value.bytes - before.bytes) / (at - before.at)) * 1000);
    before ??= { at, bytes: value.bytes };
    yield {
      type: 'progress',
      phase: 'download',
      task_id,
      bytes: value.bytes,
      total_bytes: value.total,
      bytes_per_second: rate,
    };
  }
}
