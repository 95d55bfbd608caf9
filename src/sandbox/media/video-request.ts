/** Reads the body of a request for a video, as strictly as the real gateway, and keeps what the sandbox uses. It fetches no URL and calls none. */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../../base/json.ts';
import { invalid, Rejection, unknownModel } from '../envelope.ts';
import { checkFields, flag, oneOf, type Rules, text, wholeNumberIn } from '../field-rules.ts';
import { ratios, resolutions, type VideoModel, videoModels } from './known-models.ts';
import type { UploadReference } from './uploads.ts';
import { readContent } from './video-content.ts';
import { frameSize, type Resolution } from './video-frame.ts';
import { readLength } from './video-length.ts';

export interface VideoRequest {
  model: string;
  prompt: string;
  seconds: number;
  frames: number;
  resolution: Resolution;
  /** As the result has it, never adaptive. */
  ratio: string;
  /** In pixels, multiples of a macroblock: what is drawn. */
  frame: { width: number; height: number };
  seed: number;
  returnsLastFrame: boolean;
  inputType: string;
  /** Fields that the task shows as they were sent. */
  echo: JsonObject;
  uploads: UploadReference[];
}

const latestOnly: Rules = {
  output_format: oneOf(['mp4', 'mov']),
  omni_reference_task_type: oneOf(['', 'auto', 'edit', 'extend']),
};

const rules: Rules = {
  ratio: oneOf(ratios),
  resolution: oneOf(resolutions),
  generate_audio: flag,
  input_has_video: flag,
  seed: { allows: Number.isInteger, wanted: 'a whole number' },
  camera_fixed: flag,
  watermark: flag,
  callback_url: { allows: isWebUrl, wanted: 'a web URL' },
  return_last_frame: flag,
  service_tier: oneOf(['default', 'flex']),
  execution_expires_after: wholeNumberIn(3_600, 259_200),
  draft: flag,
  tools: { allows: Array.isArray, wanted: 'an array' },
  safety_identifier: {
    allows: (value) => text.allows(value) && String(value).length <= 64,
    wanted: 'a string of at most 64 characters',
  },
  ...latestOnly,
};

const echoed = [
  'generate_audio',
  'input_has_video',
  'draft',
  'service_tier',
  'execution_expires_after',
  'safety_identifier',
  'tools',
];

/** The sandbox's own limit: it keeps prompts. */
const longestPrompt = 32_000;

/** Throws Rejection: 400 `invalid_request` that names the field, or 404 for an unknown model. Unknown fields are ignored. */
export function readVideoRequest(fields: JsonObject): VideoRequest {
  const model = readModel(fields.model);
  const { prompt } = fields;
  if (typeof prompt !== 'string' || prompt.trim() === '') {
    throw invalid('prompt', 'prompt is required and must be a string.');
  }
  if (prompt.length > longestPrompt) {
    throw invalid('prompt', `prompt must have at most ${longestPrompt} characters.`);
  }
  checkFields(fields, rules);
  checkLatest(fields, model);
  const resolution = resolutions.find((name) => name === fields.resolution) ?? '720p';
  if (!model.resolutions.includes(resolution)) {
    throw invalid('resolution', `${model.id} does not take ${resolution}.`);
  }
  const ratio = typeof fields.ratio === 'string' ? fields.ratio : '16:9';
  const shown = ratio === 'adaptive' ? '16:9' : ratio;
  const { seed } = fields;
  return {
    model: model.id,
    prompt,
    ...readLength(fields, model),
    resolution,
    ratio: shown,
    frame: frameSize(resolution, shown),
    seed: typeof seed === 'number' && seed >= 0 ? seed : seedFrom(prompt),
    returnsLastFrame: fields.return_last_frame === true,
    ...readContent(fields.content, model),
    echo: Object.fromEntries(
      echoed.flatMap((name) => ((fields[name] ?? null) === null ? [] : [[name, fields[name]]])),
    ),
  };
}

function readModel(value: unknown): VideoModel {
  if (typeof value !== 'string' || value.trim() === '') {
    throw invalid('model', 'model is required and must be a string.');
  }
  const model = videoModels.find(({ id }) => id === value);
  if (model) return model;
  throw new Rejection({ ...unknownModel(value), code: 'upstream_model_not_found' });
}

/** What only the latest model takes, and what goes together there. */
function checkLatest(fields: JsonObject, model: VideoModel): void {
  for (const name of model.isLatest ? [] : Object.keys(latestOnly)) {
    if ((fields[name] ?? '') !== '') throw invalid(name, `${model.id} does not take ${name}.`);
  }
  const type = fields.omni_reference_task_type;
  if ((type === 'edit' || type === 'extend') && fields.ratio !== 'adaptive') {
    throw invalid('ratio', `ratio must be adaptive where omni_reference_task_type is ${type}.`);
  }
  if (type === 'edit' && fields.duration !== -1) {
    throw invalid('duration', 'duration must be -1 where omni_reference_task_type is edit.');
  }
}

function isWebUrl(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\/\S+$/.test(value);
}

function seedFrom(prompt: string): number {
  return createHash('sha256').update(prompt).digest().readUInt32BE();
}
