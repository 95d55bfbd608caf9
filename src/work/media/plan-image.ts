/** Plans an image before it is bought: model, body, inputs, and whether its file can be made. */

import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { type NextSteps, runStep, say } from '../../base/next-step.ts';
import type { Settings } from '../../config/settings.ts';
import type { Gateway } from '../../gateways/types.ts';
import { numbered } from '../../jobs/names.ts';
import { checkTarget, findTarget } from '../../jobs/target.ts';
import { pixelsOf } from '../../schemas/image-size.ts';
import { aliased, refuseAuto } from '../aliases.ts';
import { unknownBound } from '../caps.ts';
import { unsupported } from '../unsupported.ts';
import { defaultsFor, setParameters } from './defaults.ts';
import type { JobPlace, JobPlan } from './job-command.ts';
import { type LocalFile, readLocal, upload, uploadLater } from './local-files.ts';
import type { ImageFlags } from './options.ts';
import { readWords } from './prompt.ts';

/** Throws `CliError` usage: before a key is looked for, and before standard input is read. */
export function checkImages(
  { gateway }: Settings,
  words: readonly string[],
  flags: ImageFlags,
  deps: Pick<Deps, 'stdout'>,
): void {
  const usage = (message: string, code: string, next?: NextSteps): CliError =>
    new CliError('usage', message, { code, next });
  const { image: sources = [], count = 1 } = flags;
  if (gateway.routes.images === undefined || gateway.media.image === null)
    throw unsupported(gateway, 'images', 'image');
  if (sources.length > 0 && gateway.routes.imageEdits === undefined)
    throw unsupported(gateway, 'changes to images', 'image edits');
  const typed = words.some((word) => word.trim() !== '');
  const { maxCount, maxInputs } = gateway.media.image;
  const takes = typed ? maxInputs : 1;
  if (sources.length > takes)
    throw usage(
      `${typed ? `an edit at ${gateway.label}` : 'a variation'} takes ${takes === 1 ? 'one image' : `at most ${takes} images`}, and --image is given ${sources.length} times; nothing was sent`,
      'bad_flag',
      say(takes === 1 ? 'give --image once' : `give --image at most ${takes} times`),
    );
  if (maxCount !== null && count > maxCount)
    throw usage(
      `${gateway.label} makes at most ${maxCount} images a request; nothing was sent`,
      'bad_flag',
      { do: 'set-flag', flag: '--count', value: String(maxCount) },
    );
  if (!typed && sources.length === 0)
    throw usage('no prompt', 'no_prompt', runStep(['image'], '"what to draw"'));
  if (flags.mask !== undefined && (sources.length === 0 || !typed))
    throw usage('--mask goes with --image and a prompt', 'bad_flag');
  if (flags.out !== '-') return;
  if (flags.json || flags.jsonl)
    throw usage('-o - and --json both want standard output', 'bad_flag');
  if (flags.async) throw usage('-o - cannot be waited for with --async', 'bad_flag');
  if (count > 1) throw usage('-o - supports one image only: remove -n', 'bad_flag');
  if (deps.stdout.isTerminal)
    throw usage('-o - would write an image to the terminal', 'bad_flag', [
      { do: 'set-flag', flag: '--out', why: 'name a file' },
      { do: 'set-flag', flag: '--preview', why: 'leave it out, and look at it' },
    ]);
}

export async function planImage(
  words: readonly string[],
  flags: ImageFlags,
  place: JobPlace,
  deps: Deps,
): Promise<JobPlan> {
  const { gateway, settings } = place;
  const prompt = await readWords(words, deps);
  if (prompt === '' && flags.image === undefined)
    throw new CliError('usage', 'no prompt', { code: 'no_prompt' });
  const ours = settings.config.defaults?.image ?? {};
  const model = aliased(
    flags.model ?? ours.model ?? gateway.media.image?.model ?? '',
    settings.config,
  );
  refuseAuto(model, 'image', gateway.id);
  if (model.trim() === '')
    throw new CliError(
      'usage',
      `${gateway.label} has no default model for images: name one with -m`,
      {
        code: 'no_model',
        next: runStep(['models', '-g', gateway.id, '--kind', 'image']),
      },
    );
  const wanted = wantedFields(flags, ours);
  const usual = flags.image === undefined ? defaultsFor(gateway.media.image, model) : {};
  const body: Record<string, unknown> = {
    model,
    ...(prompt === '' ? {} : { prompt }),
    ...usual,
    ...wanted,
  };
  setParameters(body, flags.param ?? []);
  const target = await makeTarget(flags, body, place, deps);
  const inputs = await readInputs(prompt, flags, deps);
  setInputs(
    body,
    inputs,
    inputs.map(({ file }) => uploadLater(file)),
  );
  return {
    model,
    prompt,
    path: pathOf(prompt, flags, gateway),
    body,
    idempotent: (gateway.media.image?.idempotencyMillis ?? 0) > 0,
    target,
    download: true,
    toStdout: flags.out === '-',
    warnings: [],
    bound: unknownBound('an image'),
    async *prepare(connection) {
      const ids: string[] = [];
      for (const { file, purpose } of inputs)
        ids.push(yield* upload(file, purpose, connection, deps));
      setInputs(body, inputs, ids);
    },
  };
}

/** The options that were set, by the gateway's field names. */
function wantedFields(
  flags: ImageFlags,
  ours: { size?: string | undefined; quality?: string | undefined; format?: string | undefined },
): Record<string, unknown> {
  const fields = {
    n: flags.count,
    size: flags.size ?? ours.size,
    quality: flags.quality ?? ours.quality,
    output_format: flags.format ?? ours.format,
    output_compression: flags.compression,
    background: flags.background,
    moderation: flags.moderation,
    seed: flags.seed,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

async function makeTarget(
  flags: ImageFlags,
  body: Readonly<Record<string, unknown>>,
  { settings }: JobPlace,
  deps: Deps,
): Promise<JobPlan['target']> {
  const { directory, name } = await findTarget(flags.out === '-' ? undefined : flags.out, deps);
  const count = flags.count ?? 1;
  const force = flags.force ?? false;
  const names =
    name === null ? [] : Array.from({ length: count }, (_, index) => numbered(name, index));
  const bytes = pixelsOf(body.size) * 4 * count;
  // Without a journal the reply waits in the target's directory, also on its way to standard output.
  if (flags.out !== '-' || !flags.journal) await checkTarget(directory, names, bytes, force, deps);
  // The reply waits in the journal's place, in base64, until the files are made.
  if (flags.journal) {
    await deps.files.makeDirectory(settings.places.tasks).catch(() => {});
    const free = await deps.files.freeBytes(settings.places.tasks);
    if (free !== null && free < bytes * 1.4)
      throw new CliError(
        'local_io',
        `not enough room in ${settings.places.tasks}; nothing was bought`,
        {
          code: 'ENOSPC',
          billed: 'no',
          next: [
            { do: 'retry', first: 'free disk space' },
            { do: 'say', words: 'set ALLTOKEN_HOME to another place', for: 'user' },
          ],
        },
      );
  }
  return { directory, name, force, last_frame: null };
}

interface Input {
  /** Of the body. */
  field: 'image_upload_id' | 'mask_upload_id';
  file: LocalFile;
  purpose: string;
}

/** What --image and --mask name. Throws `CliError` usage or local_io. */
async function readInputs(prompt: string, flags: ImageFlags, deps: Deps): Promise<Input[]> {
  const purpose = prompt === '' ? 'image_variation_source' : 'image_edit_source';
  const inputs: Input[] = [];
  for (const path of flags.image ?? []) {
    const file = await readLocal(path, '--image', ['image'], deps);
    inputs.push({ field: 'image_upload_id', file, purpose });
  }
  if (flags.mask === undefined) return inputs;
  const mask = await readLocal(flags.mask, '--mask', ['image'], deps);
  return [...inputs, { field: 'mask_upload_id', file: mask, purpose: 'image_edit_mask' }];
}

/** `ids`: of the uploads, in the order of the inputs. A gateway whose edits take several images gets several as a list. */
function setInputs(
  body: Record<string, unknown>,
  inputs: readonly Input[],
  ids: readonly string[],
): void {
  for (const field of ['image_upload_id', 'mask_upload_id'] as const) {
    const own = ids.filter((_, index) => inputs[index]?.field === field);
    if (own.length > 0) body[field] = own.length === 1 ? own[0] : own;
  }
}

function pathOf(prompt: string, { image }: ImageFlags, { routes }: Gateway): string {
  if (image === undefined) return routes.images ?? '';
  return (prompt === '' ? routes.imageVariations : routes.imageEdits) ?? '';
}
