/** The public JSON of `alltoken image`, `video` and `tasks`. Fields are only ever added. */
import * as z from 'zod/mini';
import {
  budgetVerdictSchema,
  costSchema,
  errorSchema,
  failureSchema,
  rateLimitSchema,
  warningSchema,
} from './common.ts';

const text = z.nullable(z.string());

export const fileSchema = z.object({
  /** Absolute. */
  path: z.string(),
  bytes: z.int(),
  /** By the bytes, not by a header or a name. */
  mime: z.string(),
  /** 64 lowercase hex digits. */
  sha256: z.string(),
});

export const urlSchema = z.object({ url: z.string(), expires_at: text });

const usageSchema = z.looseObject({});

/** What is known of one job; the same for every command. */
const jobFields = {
  gateway: text,
  /** As the gateway named it. */
  model: text,
  requested_model: text,
  /** The gateway's id; null until it has given one. */
  task_id: text,
  /** Our own id in the journal; `tasks` takes either. */
  job_id: text,
  request_id: text,
  /** queued, running, succeeded, failed, cancelled, expired, or null when unknown. */
  status: text,
  files: z.array(fileSchema),
  urls: z.array(urlSchema),
  usage: z.nullable(usageSchema),
  cost: costSchema,
};

const callFields = {
  ...jobFields,
  /** null where no reply named limits. */
  rate_limit: z.nullable(rateLimitSchema),
  timing: z.object({ total_ms: z.number() }),
  /** Create requests sent; more than one only where the gateway recognises the repetition. */
  attempts: z.int(),
  warnings: z.array(z.string()),
};

const imageHead = { schema: z.literal('alltoken.image.v1'), command: z.literal('image') };
const videoHead = { schema: z.literal('alltoken.video.v1'), command: z.literal('video') };
const good = { ok: z.literal(true), exit: z.literal(0) };
const bad = { ok: z.literal(false), exit: z.int(), error: errorSchema };

/** What --dry-run prints: nothing was sent. */
const dryFields = {
  dry_run: z.literal(true),
  gateway: z.string(),
  requested_model: z.string(),
  request: z.object({
    method: z.literal('POST'),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    /** The request body; placeholders of uploaded files are in brackets. */
    body: z.looseObject({}),
  }),
  verdict: budgetVerdictSchema,
};

const imageSuccess = z.object({ ...imageHead, ...good, ...callFields });
const imageFailure = z.object({ ...imageHead, ...bad, ...callFields });
const videoSuccess = z.object({ ...videoHead, ...good, ...callFields });
const videoFailure = z.object({ ...videoHead, ...bad, ...callFields });

const taskSchema = z.object({
  ...jobFields,
  kind: z.enum(['image', 'video']),
  /** Of the journal: submitting, submitted, received, done, ended, gone; null when only the gateway knows the task. */
  state: text,
  prompt: text,
  created_at: text,
  updated_at: text,
  /** Why it went wrong, where it did. */
  error: z.nullable(errorSchema),
  /** Another process of this machine works on it. */
  in_use: z.boolean(),
});

const imageDryRun = z.object({ ...imageHead, ...good, ...dryFields });
const videoDryRun = z.object({ ...videoHead, ...good, ...dryFields });

const tasksFields = {
  schema: z.literal('alltoken.tasks.v1'),
  command: z.string(),
  tasks: z.array(taskSchema),
  /** Of all tasks, in their order. */
  files: z.array(fileSchema),
  warnings: z.array(z.string()),
};

const tasksSuccess = z.object({
  ...tasksFields,
  ...good,
  /** Of a list: what there is to show, before --limit. Its prompts are cut at 200 characters. */
  total: z.optional(z.int()),
});
const tasksFailure = z.object({ ...tasksFields, ...bad });

/** What `--json` prints; a usage error has no job, only the error. */
export const imageDocumentSchema = z.union([
  imageSuccess,
  imageFailure,
  imageDryRun,
  failureSchema,
]);
export const videoDocumentSchema = z.union([
  videoSuccess,
  videoFailure,
  videoDryRun,
  failureSchema,
]);
export const tasksDocumentSchema = z.union([tasksSuccess, tasksFailure, failureSchema]);

/** Events of a running job. */
const stepSchemas = [
  z.object({
    type: z.literal('start'),
    command: z.enum(['image', 'video']),
    gateway: z.string(),
    model: z.string(),
  }),
  z.object({
    type: z.literal('status'),
    message: z.string(),
    task_id: z.optional(z.string()),
    /** Of the task, in our words; `submitted` comes first, with the id, before any wait. */
    status: z.optional(z.string()),
  }),
  z.object({
    type: z.literal('progress'),
    phase: z.literal('download'),
    task_id: text,
    bytes: z.int(),
    /** null when the server does not say. */
    total_bytes: z.nullable(z.int()),
    /** Of the last moments; null at the beginning. */
    bytes_per_second: z.nullable(z.number()),
  }),
  z.object({
    type: z.literal('retry'),
    attempt: z.int(),
    wait_ms: z.number(),
    model: z.string(),
    reason: z.string(),
  }),
  z.object({ type: z.literal('usage'), model: text, usage: usageSchema }),
  z.object({ type: z.literal('cost'), cost: costSchema }),
  warningSchema,
] as const;

const result = { type: z.literal('result') };
const error = { type: z.literal('error') };

/** One line of `--jsonl`. */
export const imageEventSchema = z.union([
  ...stepSchemas,
  z.extend(imageSuccess, result),
  z.extend(imageDryRun, result),
  z.extend(imageFailure, error),
  z.extend(failureSchema, error),
]);
export const videoEventSchema = z.union([
  ...stepSchemas,
  z.extend(videoSuccess, result),
  z.extend(videoDryRun, result),
  z.extend(videoFailure, error),
  z.extend(failureSchema, error),
]);
export const tasksEventSchema = z.union([
  ...stepSchemas,
  z.extend(tasksSuccess, result),
  z.extend(tasksFailure, error),
  z.extend(failureSchema, error),
]);

const mediaEventSchema = z.union([
  ...stepSchemas,
  z.extend(imageSuccess, result),
  z.extend(imageDryRun, result),
  z.extend(imageFailure, error),
  z.extend(videoSuccess, result),
  z.extend(videoDryRun, result),
  z.extend(videoFailure, error),
]);

type ImageSuccess = z.infer<typeof imageSuccess>;

/** What says whose document it is. */
export type MediaHead =
  | Pick<ImageSuccess, 'schema' | 'command'>
  | Pick<z.infer<typeof videoSuccess>, 'schema' | 'command'>;
/** Of one job; the same for every command. */
export type JobFields = Pick<ImageSuccess, keyof typeof jobFields>;
/** Of a command that makes one, however it ended. */
export type MediaCall = MediaHead & Pick<ImageSuccess, keyof typeof callFields>;
export type TaskDocument = z.infer<typeof taskSchema>;
export type TasksDocument = z.infer<typeof tasksSuccess> | z.infer<typeof tasksFailure>;
export type MediaEvent = z.infer<typeof mediaEventSchema>;
export type MediaDryRun = z.infer<typeof imageDryRun> | z.infer<typeof videoDryRun>;
export type MediaSuccess = z.infer<typeof imageSuccess> | z.infer<typeof videoSuccess>;
export type MediaFailure = z.infer<typeof imageFailure> | z.infer<typeof videoFailure>;
