/** Runs a paid job for a tool: the same work as `alltoken image` and `alltoken video`, with journal, books and files. */
import { errorDocument } from '../../base/error-document.ts';
import { CliError } from '../../base/errors.ts';
import type { Bound } from '../../money/budget/caps.ts';
import type { Cost } from '../../schemas/common.ts';
import type { MediaFailure, MediaSuccess } from '../../schemas/media.ts';
import type { JobCommand } from '../../work/media/job-command.ts';
import type { ImageFlags, VideoFlags } from '../../work/media/options.ts';
import type { ToolContext } from '../types.ts';
import type { Buyer } from './buyer.ts';
import { count, errorResult } from './purchase.ts';

/** What a tool asks of a job. */
export type JobRequest =
  | { kind: 'image'; prompt: string; fields: Partial<ImageFlags> }
  | { kind: 'video'; prompt: string; fields: Partial<VideoFlags> };

/** A result for the model. A job that was not waited for counts at its listed price. */
export async function runJobFor(request: JobRequest, buyer: Buyer): Promise<unknown> {
  const { runJob } = await import('../../work/media/run-job.ts');
  const { context, deps, report } = buyer;
  const planned: { bound: Bound | null } = { bound: null };
  const command = await commandOf(request, buyer);
  const { plan } = command;
  const events = runJob(
    {
      ...command,
      plan: async (place, within) => {
        const made = await plan(place, within);
        planned.bound = made.bound;
        return made;
      },
    },
    deps,
  );
  for await (const event of events) {
    if (event.type === 'status' || event.type === 'warning' || event.type === 'retry')
      report(event);
    const isEnd = event.type === 'result' || event.type === 'error';
    if (isEnd && 'task_id' in event && 'status' in event)
      return resultOf(event, planned.bound, context);
  }
  return errorResult(errorDocument(new CliError('internal', 'the job has no end')));
}

async function commandOf(
  { kind, prompt, fields }: JobRequest,
  { deps, flags: own, directory }: Buyer,
): Promise<JobCommand> {
  const common = {
    color: false,
    journal: true,
    download: true,
    // As a directory, whatever is in its name.
    out: deps.path.join(directory, deps.path.sep),
    ...own,
  };
  // A prompt is one word that is no `-`, which would read standard input.
  const words = [prompt === '-' ? ' -' : prompt];
  if (kind === 'image') {
    const { checkImages, planImage } = await import('../../work/media/plan-image.ts');
    const flags: ImageFlags = { ...common, ...fields };
    return {
      kind,
      flags,
      check: (settings) => checkImages(settings, words, flags, deps),
      plan: (place, within) => planImage(words, flags, place, within),
    };
  }
  const { checkVideos, planVideo } = await import('../../work/media/plan-video.ts');
  const flags: VideoFlags = { ...common, ...fields };
  return {
    kind,
    flags,
    check: (settings) => checkVideos(settings, words, flags),
    plan: (place, within) => planVideo(words, flags, place, within),
  };
}

function resultOf(
  document: MediaSuccess | MediaFailure,
  bound: Bound | null,
  context: ToolContext,
): unknown {
  const error = document.ok ? null : document.error;
  const cost = document.cost.amount === null ? listedPrice(bound) : document.cost;
  count(cost, error, context);
  // What was bought is a result, also where nobody waits for it any more.
  if (error !== null) context.signal.throwIfAborted();
  if (error !== null) return errorResult(error);
  const { task_id, status, files, model, requested_model } = document;
  return {
    status,
    task_id,
    files: files.map(({ path, mime, bytes }) => ({ path, mime, bytes })),
    model: model ?? requested_model,
    cost: cost.amount,
  };
}

/** What a budget holds for it. */
function listedPrice(bound: Bound | null): Cost {
  const isPriced = bound !== null && !bound.priceUnknown && bound.openReason === null;
  return isPriced
    ? { amount: bound.amount, currency: 'USD', source: 'catalog' }
    : { amount: null, currency: 'USD', source: 'unknown' };
}
