/** Reads the body of a request for images, as strictly as the real gateway, and keeps what the sandbox uses. It binds no upload and makes no task. */

import type { JsonObject } from '../../base/json.ts';
import { invalid, Rejection, unknownModel } from '../envelope.ts';
import { checkFields, oneOf, type Rules, text, wholeNumberIn } from '../field-rules.ts';
import { readImageSize } from './image-size.ts';
import { imageModels, variationModels } from './known-models.ts';
import type { UploadReference } from './uploads.ts';

export type ImageOperation = 'generation' | 'edit' | 'variation';

export interface ImageRequest {
  operation: ImageOperation;
  model: string;
  /** Empty for a variation. */
  prompt: string;
  /** How many images. */
  count: number;
  /** In pixels. */
  width: number;
  height: number;
  quality: 'low' | 'medium' | 'high';
  transparent: boolean;
  seed: number | null;
  /** The image that is edited or varied, then the mask. */
  uploads: UploadReference[];
}

const longestPrompt = 32_000;

const drawing: Rules = {
  n: wholeNumberIn(1, 10),
  size: text,
  quality: oneOf(['auto', 'low', 'medium', 'high']),
  output_format: oneOf(['png', 'jpeg', 'webp']),
  output_compression: wholeNumberIn(0, 100),
  background: oneOf(['auto', 'opaque', 'transparent']),
  moderation: oneOf(['auto', 'low']),
  user: text,
};

const operations: Record<ImageOperation, { models: readonly string[]; rules: Rules }> = {
  generation: {
    models: imageModels,
    rules: { ...drawing, seed: wholeNumberIn(0, 2_147_483_647) },
  },
  edit: { models: imageModels, rules: drawing },
  variation: {
    models: variationModels,
    rules: { size: oneOf(['auto', '1024x1024', '1536x1024', '1024x1536']), user: text },
  },
};

/**
 * Throws Rejection: 400 `invalid_request` that names the field, or 404 for an unknown model.
 * Unknown fields are ignored. The output format is checked and then ignored: all images are PNG.
 */
export function readImageRequest(operation: ImageOperation, fields: JsonObject): ImageRequest {
  const { models, rules } = operations[operation];
  const model = readText(fields, 'model');
  if (!models.includes(model)) throw new Rejection(unknownModel(model));
  const prompt = operation === 'variation' ? '' : readText(fields, 'prompt');
  if (Array.from(prompt).length > longestPrompt) {
    throw invalid('prompt', `prompt must have at most ${longestPrompt} characters.`);
  }
  checkFields(fields, rules);
  const given = (name: string): unknown => (name in rules ? fields[name] : null) ?? null;
  const format = given('output_format') ?? 'png';
  if (given('output_compression') !== null && format === 'png') {
    throw invalid('output_compression', 'output_compression is for jpeg and webp only.');
  }
  const quality = given('quality');
  const [count, seed] = [given('n'), given('seed')];
  return {
    operation,
    model,
    prompt,
    count: typeof count === 'number' ? count : 1,
    ...readImageSize(fields.size, model),
    quality: quality === 'medium' || quality === 'high' ? quality : 'low',
    transparent: given('background') === 'transparent',
    seed: typeof seed === 'number' ? seed : null,
    uploads: readUploads(operation, fields),
  };
}

function readUploads(operation: ImageOperation, fields: JsonObject): UploadReference[] {
  if (operation === 'generation') return [];
  const source = {
    id: readText(fields, 'image_upload_id'),
    field: 'image_upload_id',
    purpose: `image_${operation}_source`,
  };
  if (operation === 'variation' || (fields.mask_upload_id ?? null) === null) return [source];
  const id = readText(fields, 'mask_upload_id');
  return [source, { id, field: 'mask_upload_id', purpose: 'image_edit_mask' }];
}

/** A field that must be there. */
function readText(fields: JsonObject, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw invalid(name, `${name} is required and must be a string.`);
}
