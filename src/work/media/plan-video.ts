/** Decides everything about a video before it is bought: model, body, inputs, and whether its file can be made. */
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import type { Settings } from '../../config/settings.ts';
import type { Gateway } from '../../gateways/types.ts';
import { checkTarget, findTarget } from '../../jobs/target.ts';
import type { Config } from '../../schemas/config.ts';
import { aliased, refuseAuto } from '../aliases.ts';
import { unsupported } from '../unsupported.ts';
import { defaultsFor, setParameters } from './defaults.ts';
import type { JobPlace, JobPlan } from './job-command.ts';
import { checkAddress, isAddress, noUploads, uploadLater } from './local-files.ts';
import type { VideoFlags } from './options.ts';
import { readWords } from './prompt.ts';
import { boundOfVideo } from './video-bound.ts';
import { hasInputs, itemOf, localInput, readInputs, uploadInputs } from './video-inputs.ts';
import { rangeWarnings } from './video-ranges.ts';

/** A minute of 1080p; what is shorter needs less. */
const ROOM_BYTES = 32 * 1024 * 1024;

/** Throws `CliError` usage: before a key is looked for, and before standard input is read. */
export function checkVideos(
  { gateway }: Settings,
  words: readonly string[],
  flags: VideoFlags,
): void {
  if (gateway.routes.videos === undefined || gateway.media.video === null)
    throw unsupported(gateway, 'videos', 'video');
  if (hasInputs(flags) && gateway.media.video.inputs === null)
    throw unsupported(gateway, 'videos from images', 'uploads');
  const local = localInput(flags);
  if (local !== undefined && gateway.routes.uploads === undefined) throw noUploads(gateway, local);
  if (flags.cancelOnInterrupt === true && !gateway.media.video.cancels)
    throw unsupported(gateway, 'way to cancel a video', 'video cancel');
  if (flags.ratio !== undefined && gateway.media.video.ratioField === null)
    throw new CliError('usage', `${gateway.label} takes no --ratio; nothing was sent`, {
      code: 'unsupported',
      next: { do: 'leave-out', flag: '--ratio' },
    });
  if (!words.some((word) => word.trim() !== ''))
    throw new CliError('usage', 'no prompt', {
      code: 'no_prompt',
      next: runStep(['video'], '"A sailing boat"'),
    });
  if (!flags.download && (flags.out !== undefined || flags.lastFrameOut !== undefined))
    throw new CliError('usage', '--no-download makes no file: leave -o and --last-frame-out out', {
      code: 'bad_flag',
    });
  if (flags.callbackUrl !== undefined && !isAddress(flags.callbackUrl))
    throw new CliError('usage', '--callback-url: not an address', { code: 'bad_url' });
  if (flags.callbackUrl !== undefined) checkAddress(flags.callbackUrl, '--callback-url');
}

export async function planVideo(
  words: readonly string[],
  flags: VideoFlags,
  { gateway, settings }: JobPlace,
  deps: Deps,
): Promise<JobPlan> {
  const prompt = await readWords(words, deps);
  if (prompt === '') throw new CliError('usage', 'no prompt', { code: 'no_prompt' });
  const ours = settings.config.defaults?.video ?? {};
  const model = aliased(
    flags.model ?? ours.model ?? gateway.media.video?.model ?? '',
    settings.config,
  );
  refuseAuto(model, 'video', gateway.id);
  if (model.trim() === '')
    throw new CliError('usage', '-m: the model is empty', { code: 'no_model' });
  const usual = defaultsFor(gateway.media.video, model);
  // An image has its own aspect ratio: the default would crop it.
  if (hasInputs(flags)) delete usual.ratio;
  const wanted = { ...usual, ...wantedFields(flags, ours) };
  const body: Record<string, unknown> = { model, prompt, ...inItsWords(wanted, gateway) };
  setParameters(body, flags.param ?? []);
  const inputs = await readInputs(flags, deps);
  const target = await makeTarget(flags, deps);
  if (inputs.length > 0) body.content = inputs.map((input) => itemOf(input, uploadLater));
  return {
    model,
    prompt,
    path: gateway.routes.videos ?? '',
    body,
    idempotent: false,
    target,
    download: flags.download,
    toStdout: false,
    warnings: rangeWarnings(model, body, gateway.media.video?.ranges ?? []),
    bound: boundOfVideo(model, body, gateway),
    async *prepare(connection) {
      const content = yield* uploadInputs(inputs, connection, deps);
      if (content.length > 0) body.content = content;
    },
  };
}

/** The options that were set, by the gateway's field names. */
function wantedFields(
  flags: VideoFlags,
  ours: NonNullable<NonNullable<Config['defaults']>['video']>,
): Record<string, unknown> {
  const fields = {
    duration: flags.duration ?? ours.duration,
    ratio: flags.ratio ?? ours.ratio,
    resolution: flags.resolution ?? ours.resolution,
    seed: flags.seed,
    generate_audio: flags.audio,
    watermark: flags.watermark,
    camera_fixed: flags.cameraFixed,
    callback_url: flags.callbackUrl,
    service_tier: flags.serviceTier,
    return_last_frame: flags.lastFrameOut === undefined ? undefined : true,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The shape has another name on some gateways, and none on others. */
function inItsWords(
  { ratio, ...fields }: Record<string, unknown>,
  { media }: Gateway,
): Record<string, unknown> {
  const name = media.video?.ratioField;
  return ratio === undefined || !name ? fields : { ...fields, [name]: ratio };
}

async function makeTarget(flags: VideoFlags, deps: Deps): Promise<JobPlan['target']> {
  const { join } = deps.path;
  const { directory, name } = await findTarget(flags.out, deps);
  const force = flags.force ?? false;
  if (flags.download)
    await checkTarget(directory, name === null ? [] : [name], ROOM_BYTES, force, deps);
  if (flags.lastFrameOut === undefined) return { directory, name, force, last_frame: null };
  const frame = await findTarget(flags.lastFrameOut, deps);
  if (frame.name === null)
    throw new CliError('usage', '--last-frame-out wants a file, not a directory', {
      code: 'bad_flag',
    });
  if (frame.directory === directory && frame.name === name)
    throw new CliError('usage', '-o and --last-frame-out name the same file', {
      code: 'bad_flag',
    });
  await checkTarget(frame.directory, [frame.name], 0, force, deps);
  return { directory, name, force, last_frame: join(frame.directory, frame.name) };
}
