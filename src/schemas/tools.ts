/** The input of the tools of `alltoken mcp`. Models read it: each description gives the purpose and the default. Unknown fields are errors. */
import * as z from 'zod/mini';
import { costGroupings, modelSorts, modelTypes } from './choices.ts';

export const toolNames = [
  'alltoken_chat',
  'alltoken_search',
  'alltoken_image',
  'alltoken_image_fetch',
  'alltoken_video_submit',
  'alltoken_video_status',
  'alltoken_video_fetch',
  'alltoken_jobs',
  'alltoken_models',
  'alltoken_cost',
] as const;

export type ToolName = (typeof toolNames)[number];

/** The default length of a list. */
export const DEFAULT_LIMIT = 30;

const optional = z.optional;
const filled = z.string().check(z.minLength(1));

/** A text that is not empty. */
function text(description: string): z.ZodMiniString {
  return z.string().check(z.minLength(1), z.describe(description));
}

/** Some hosts show a model no bounds but those in the description. */
function whole(description: string, low: number, high = Number.MAX_SAFE_INTEGER): z.ZodMiniNumber {
  const isOpen = high === Number.MAX_SAFE_INTEGER;
  const words = isOpen ? description : `${description} ${low} to ${high}.`;
  return z.int().check(z.gte(low), ...(isOpen ? [] : [z.lte(high)]), z.describe(words));
}

function yes(description: string): z.ZodMiniOptional<z.ZodMiniBoolean> {
  return optional(z.boolean().check(z.describe(description)));
}

const model = (usual: string) => optional(text(`Default: ${usual}.`));
const system = optional(text('Instructions for the model.'));
const taskId = text('The task_id that was returned.');
const orderId = optional(text('Default: the only unfinished one that this server ordered.'));
const out = optional(text('File or directory to save to. Default: the directory of this server.'));
const seed = optional(whole('The same seed aims at the same result.', 0));

function amount(description: string) {
  const form = z.regex(/^\d{1,12}(\.\d{1,12})?$/, 'an amount of USD as a string, such as "0.05"');
  return optional(z.string().check(form, z.describe(description)));
}

/** Of every tool that costs money. */
const money = {
  max_cost: amount('USD, such as "0.05": send nothing if the call could cost more.'),
  tags: optional(z.array(filled).check(z.maxLength(16), z.describe('For cost reports.'))),
  dry_run: yes('Send nothing; return the request and its highest cost.'),
};

/** By tool. `maxWait`: the longest wait that a call has time for, in seconds. */
export function toolInputs(maxWait: number): Readonly<Record<ToolName, z.ZodMiniObject>> {
  const wait = {
    wait_seconds: optional(
      whole(`Wait this long, then return still_running. Default: ${maxWait}.`, 0, maxWait),
    ),
  };
  return {
    alltoken_chat: z.strictObject({
      prompt: text('The message to the model.'),
      model: model('that of the gateway; gpt-5.4-mini on AllToken'),
      system,
      files: optional(
        z
          .array(filled)
          .check(z.maxLength(32), z.describe('Text files, images, or https URLs of images.')),
      ),
      max_tokens: optional(whole('End the answer after this many tokens.', 1)),
      temperature: optional(z.number().check(z.gte(0), z.lte(2), z.describe('0 to 2.'))),
      session: optional(text('Continue the conversation of this name. Default: no conversation.')),
      fallback: optional(
        z
          .array(z.string().check(z.regex(/^[^,]+$/, 'a model id without a comma')))
          .check(z.maxLength(8), z.describe('Models to try if the first one is not available.')),
      ),
      ...money,
    }),
    alltoken_search: z.strictObject({
      query: text('What to search for.'),
      model: model('that of the gateway; deepseek-v4-pro on AllToken'),
      system,
      max_tokens: optional(whole('End the answer after this many tokens. Default: 600.', 1)),
      ...money,
    }),
    alltoken_image: z.strictObject({
      prompt: text('What to draw, or what to change in image.'),
      model: model('gpt-image-2'),
      size: optional(
        text('auto, <width>x<height>, or what the model takes: 2K, 16:9. Default: 1024x1024.'),
      ),
      quality: optional(text('auto, low, medium or high; more costs more. Default: low.')),
      count: optional(whole('Number of images; each one is charged. Default: 1.', 1, 10)),
      format: optional(z.enum(['png', 'jpeg', 'webp'])),
      background: optional(text('auto, opaque or transparent.')),
      seed,
      image: optional(text('Path of an image to edit.')),
      mask: optional(text('Path of a mask image; only its transparent areas are changed.')),
      out,
      ...wait,
      inline: yes('Also return the image itself if it is at most 1 MB.'),
      ...money,
      max_cost: amount(
        'Leave it out: image prices are not known in advance, so a limit refuses every image.',
      ),
    }),
    alltoken_image_fetch: z.strictObject({ task_id: orderId, ...wait, out }),
    alltoken_video_submit: z.strictObject({
      prompt: text('What the video shows.'),
      model: model('seedance-1.5-pro'),
      duration: optional(
        z
          .union([z.literal(-1), z.int().check(z.gte(1), z.lte(99_999))])
          .check(z.describe('Seconds, 1 or more; -1: the model chooses. Default: 5.')),
      ),
      ratio: optional(text('16:9, 9:16, 4:3, 3:4, 21:9, 1:1 or adaptive. Default: 16:9.')),
      resolution: optional(text('480p, 720p or 1080p; more costs more. Default: 480p.')),
      seed,
      audio: yes('With or without sound. Default: up to the model.'),
      first_frame: optional(text('Path or https URL of the first frame.')),
      last_frame: optional(text('Path or https URL of the last frame.')),
      references: optional(
        z
          .array(filled)
          .check(z.maxLength(16), z.describe('Paths or https URLs of reference media.')),
      ),
      out,
      ...money,
      max_cost: amount(
        'USD, such as "0.50": send nothing if it could cost more, or its price is not known.',
      ),
    }),
    alltoken_video_status: z.strictObject({ task_id: taskId }),
    alltoken_video_fetch: z.strictObject({
      task_id: orderId,
      ...wait,
      out,
      adopt: optional(
        text('After an unknown outcome: the task named in the error; task_id is then the job_id.'),
      ),
    }),
    alltoken_jobs: z.strictObject({
      limit: optional(whole(`At most this many. Default: ${DEFAULT_LIMIT}.`, 1, 1000)),
      local: yes('Only what is recorded on this machine; no gateway is contacted.'),
    }),
    alltoken_models: z.strictObject({
      id: optional(text('Return the details of this model; leave the other fields out.')),
      type: optional(z.enum(modelTypes).check(z.describe('Default: chat.'))),
      filter: optional(text('Only models with this text in the id or the name.')),
      sort: optional(z.enum(modelSorts).check(z.describe('Lowest first. Default: id.'))),
      limit: optional(whole(`At most this many. Default: ${DEFAULT_LIMIT}.`, 1, 1000)),
    }),
    alltoken_cost: z.strictObject({
      since: optional(text('Report calls since then: 24h, 7d, today, 2026-11, 2026-11-22.')),
      until: optional(text('Report calls until then.')),
      by: optional(z.enum(costGroupings).check(z.describe('Rows of the report. Default: model.'))),
      tag: optional(text('Report only calls with this tag.')),
      model: optional(text('Report only calls of this model; or the model to estimate.')),
      limit: optional(whole(`At most this many rows. Default: ${DEFAULT_LIMIT}.`, 1, 1000)),
      prompt_tokens: optional(whole('With model and completion_tokens: estimate a call.', 0)),
      completion_tokens: optional(whole('With model and prompt_tokens: estimate a call.', 0)),
    }),
  };
}
