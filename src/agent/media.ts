/** `generateImage`, `generateVideo` and what goes with them, on the jobs of the command line: journalled, saved before they are returned. */
import type { Deps } from '../base/deps.ts';
import { CliError, SignalReceived } from '../base/errors.ts';
import { innerDeps, noInput } from '../base/inner-deps.ts';
import { isRecord } from '../base/json.ts';
import { loadConfig } from '../config/file.ts';
import { findPlaces } from '../config/places.ts';
import { variable } from '../config/variable.ts';
import { builtInGateways } from '../gateways/index.ts';
import type { MediaFailure, MediaSuccess } from '../schemas/media.ts';
import type { JobCommand } from '../work/media/job-command.ts';
import type { ImageFlags, MediaFlags, VideoFlags } from '../work/media/options.ts';
import { checkImages, planImage } from '../work/media/plan-image.ts';
import { checkVideos, planVideo } from '../work/media/plan-video.ts';
import { runJob } from '../work/media/run-job.ts';
import { cancelTask } from '../work/tasks/cancel.ts';
import { AllTokenError } from './errors.ts';
import { toAllTokenError, usageError } from './failure.ts';
import { withKey } from './run-tools.ts';
import type {
  ImageRequest,
  ImageResult,
  MediaOptions,
  VideoRequest,
  VideoResult,
} from './types.ts';

/** A file of a result; larger ones are not read into memory. */
const MAX_BYTES = 256 * 1024 * 1024;

type Ended = MediaSuccess | MediaFailure;

/** Resolves also for a task that failed, as `status` says. Rejects with `AllTokenError` where no task ended. */
export async function generateImage(
  request: ImageRequest,
  options: MediaOptions,
  deps: Deps,
): Promise<ImageResult> {
  const { prompt, model, n, ...fields } = checked(request);
  const world = await worldOf(options, deps);
  const flags: ImageFlags = {
    ...(await flagsFor(options, model, fields, world)),
    ...(typeof n === 'number' && { count: n }),
  };
  const words = [wordOf(prompt)];
  const document = await endOf(
    {
      kind: 'image',
      flags,
      pollMs: options.pollMs,
      check: (settings) => checkImages(settings, words, flags, world),
      plan: (place, within) => planImage(words, flags, place, within),
    },
    options,
    world,
  );
  const { id, error, ...common } = resultOf(document);
  if (error !== undefined) return { id, status: endStatus(document), error, ...common };
  const data: NonNullable<ImageResult['data']> = [];
  for (const { path } of document.files) {
    const bytes = await deps.files.read(path, MAX_BYTES);
    data.push({ b64_json: Buffer.from(bytes).toString('base64'), path });
  }
  return { id, status: 'completed', data, ...common };
}

export async function generateVideo(
  request: VideoRequest,
  options: MediaOptions,
  deps: Deps,
): Promise<VideoResult> {
  const { prompt, model, duration, ratio, resolution, ...fields } = checked(request);
  const world = await worldOf(options, deps);
  const flags: VideoFlags = {
    ...(await flagsFor(options, model, fields, world)),
    download: true,
    urls: true,
    ...(typeof duration === 'number' && { duration }),
    ...(typeof ratio === 'string' && { ratio }),
    ...(typeof resolution === 'string' && { resolution }),
  };
  const words = [wordOf(prompt)];
  const document = await endOf(
    {
      kind: 'video',
      flags,
      pollMs: options.pollMs,
      check: (settings) => checkVideos(settings, words, flags),
      plan: (place, within) => planVideo(words, flags, place, within),
    },
    options,
    world,
  );
  const { id, error, ...common } = resultOf(document);
  const path = document.files[0]?.path ?? null;
  if (error !== undefined) {
    const status = endStatus(document);
    return { id, status, path, error, ...common };
  }
  const [address] = document.urls;
  return {
    id,
    status: 'completed',
    path,
    ...(address !== undefined && { content: { video_url: address.url } }),
    ...common,
  };
}

/** Rejects with `AllTokenError` where the gateway cancels none, or does not know it. */
export async function cancelVideo(
  id: string,
  options: MediaOptions,
  deps: Deps,
): Promise<{ id: string; status: string }> {
  const world = await worldOf(options, deps);
  try {
    for await (const event of cancelTask(id, commonFlags(options), world)) {
      if (event.type !== 'output' || !isRecord(event.document)) continue;
      const { tasks } = event.document;
      const [task] = Array.isArray(tasks) ? tasks : [];
      return { id, status: isRecord(task) ? String(task.status) : 'unknown' };
    }
  } catch (error) {
    throw toAllTokenError(error);
  }
  throw toAllTokenError(new CliError('internal', 'the task has no end'));
}

function checked<Request extends { prompt: string }>(request: Request): Request {
  if (typeof request?.prompt !== 'string' || request.prompt.trim() === '')
    throw usageError('no prompt', 'no_prompt');
  return request;
}

/** A lone `-` would read standard input. */
function wordOf(prompt: string): string {
  return prompt === '-' ? ' -' : prompt;
}

/** The deps of one call: with its key, and ended by its signal as Ctrl-C would end it. */
async function worldOf({ apiKey, gateway, signal }: MediaOptions, deps: Deps): Promise<Deps> {
  const stop = new AbortController();
  const end = (): void => stop.abort(new SignalReceived('SIGINT', 'the call was aborted'));
  if (signal?.aborted) end();
  else signal?.addEventListener('abort', end, { once: true });
  const name = gateway ?? variable(deps, 'ALLTOKEN_GATEWAY') ?? (await configGateway(deps));
  const keyVariable = builtInGateways.get(name)?.keyVariable ?? null;
  const keyed = withKey(apiKey ?? null, keyVariable, deps);
  return innerDeps(keyed, { signal: stop.signal, stdin: noInput });
}

/** A config that is refused is so where the settings are read. */
async function configGateway(deps: Deps): Promise<string> {
  const config = await loadConfig(deps, findPlaces(deps)).catch(() => null);
  return config?.gateway ?? 'alltoken';
}

function commonFlags({ gateway, baseURL, maxCost, tag }: MediaOptions) {
  return {
    color: false,
    journal: true,
    tag: typeof tag === 'string' ? [tag] : [...(tag ?? [])],
    ...(gateway !== undefined && { gateway }),
    ...(baseURL !== undefined && { baseUrl: baseURL }),
    ...(maxCost !== undefined && { maxCost }),
  };
}

async function flagsFor(
  options: MediaOptions,
  model: string | undefined,
  fields: Record<string, unknown>,
  deps: Deps,
): Promise<MediaFlags> {
  const { path } = deps;
  const own = path.join(path.dirname(findPlaces(deps).tasks), 'media');
  const directory =
    options.directory === undefined ? own : path.resolve(deps.workingDirectory, options.directory);
  if (options.directory === undefined) await deps.files.makeDirectory(own);
  const param = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key, value }));
  return {
    ...commonFlags(options),
    out: path.join(directory, path.sep),
    param,
    ...(model !== undefined && { model }),
  };
}

/** The document of a job that has ended, well or not. */
async function endOf(command: JobCommand, { signal }: MediaOptions, deps: Deps): Promise<Ended> {
  for await (const event of runJob(command, deps)) {
    if (event.type !== 'result' && event.type !== 'error') continue;
    if (!('task_id' in event) || !('files' in event) || !('status' in event)) continue;
    if (event.ok || event.error.name === 'task_failed') return event;
    const { exit, name, code, message, status, billed, retryable, hint, request_id } = event.error;
    throw new AllTokenError({
      ...{ exit, kind: name, code, message, status, billed, retryable, hint },
      requestId: request_id,
    });
  }
  throw toAllTokenError(signal?.reason ?? new CliError('internal', 'the job has no end'));
}

function resultOf(document: Ended) {
  const { task_id, job_id, model, requested_model, usage, cost } = document;
  return {
    id: task_id ?? job_id ?? '',
    model: model ?? requested_model,
    usage,
    cost,
    ...(!document.ok && { error: document.error }),
  };
}

function endStatus({ status }: Ended): 'failed' | 'cancelled' {
  return status === 'cancelled' ? 'cancelled' : 'failed';
}
