/** One paid job in the journal, as stored on disk. Private to this program, but other versions of it read it: fields are only ever added. */
import * as z from 'zod/mini';
import { costSchema } from './common.ts';

const text = z.nullable(z.string());

/** What each state means, and what `tasks resume` does in it, is the table in `jobs/states.ts`. */
export const taskStates = ['submitting', 'submitted', 'received', 'done', 'ended', 'gone'] as const;

const savedFileSchema = z.object({
  /** Absolute. */
  path: z.string(),
  bytes: z.number(),
  mime: z.string(),
  /** 64 lowercase hex digits. */
  sha256: z.string(),
});

/** One image or video of the result, and how far saving it has come. */
const itemSchema = z.object({
  role: z.enum(['image', 'video', 'last_frame']),
  /** The body on disk holds it: the nth entry of its data. null: only an address does. */
  inline: z.nullable(z.int()),
  url: text,
  url_expires_at: text,
  /** What a broken download left, and what the server reported about the file. */
  part: z.nullable(
    z.object({
      path: z.string(),
      url: z.string(),
      validator: text,
      total: z.nullable(z.number()),
    }),
  ),
  /** About to get its name: the temporary file is whole. `reserved`: an empty file of ours may hold the name. */
  saving: z.nullable(z.extend(savedFileSchema, { temporary: z.string(), reserved: z.boolean() })),
  saved: z.nullable(savedFileSchema),
});

/** A moment by a clock that nobody sets: ms since the machine was started, and which start that was (`Deps.processSpace`). */
const bootTimeSchema = z.object({ space: z.string(), ms: z.number() });

export type BootTime = z.infer<typeof bootTimeSchema>;

export const taskRecordSchema = z.looseObject({
  v: z.literal(1),
  /** Ours, known before the gateway's. */
  id: z.string().check(z.regex(/^job_[0-9a-f]{12}$/)),
  kind: z.enum(['image', 'video']),
  state: z.enum(taskStates),
  /** RFC 3339, UTC. */
  created_at: z.string(),
  updated_at: z.string(),
  gateway: z.string(),
  base_url: z.string(),
  /** Ordered through `alltoken run`, whose address and token end with it: the gateway is found as for a new job. */
  proxied: z.optional(z.boolean()),
  /** The gateway ended with the process that bought it: the sandbox of one command. */
  ephemeral: z.boolean(),
  /** So does the sandbox of this process, an `alltoken run`; once it has ended, the job is read as an ephemeral one. */
  ends_with: z.optional(z.object({ pid: z.int(), mark: z.string(), space: z.string() })),
  /** Identifies a key without revealing it; null when none was sent. */
  key_mark: text,
  model: z.string(),
  prompt: z.string(),
  /** Joins the lines of the ledger. */
  call: z.string(),
  /** What the caller called it; a record of an older version has none. */
  tags: z.optional(z.array(z.string())),
  /** What a budget reserved for it, in USD; absent without a budget. */
  bound: z.optional(z.string()),
  /** Its cost in USD by the gateway's price list; absent if the list has no price. */
  estimate: z.optional(z.string()),
  create: z.object({
    /** Below the base URL. */
    path: z.string(),
    body: z.record(z.string(), z.unknown()),
    /** null where the gateway knows none. */
    idempotency_key: text,
    first_sent_at: z.string(),
    /** The same moment; absent where unknown, and in records of older versions. */
    boot: z.optional(bootTimeSchema),
    attempts: z.int(),
  }),
  /** The gateway's. */
  task_id: text,
  request_id: text,
  /** A person named the task, because the reply that would have was lost. */
  adopted: z.optional(z.boolean()),
  /** The gateway's last word on it. */
  status: text,
  target: z.object({
    directory: z.string(),
    /** null: a name of our own. */
    name: text,
    force: z.boolean(),
    /** Where the last frame of a video goes, absolute. */
    last_frame: text,
  }),
  /** false: only the address is requested. */
  download: z.boolean(),
  /** When the gateway first reported the result; absent before, and in records of older versions. */
  received_at: z.optional(z.string()),
  received_boot: z.optional(bootTimeSchema),
  /** The response with the result, unchanged; null when it contains no image. */
  body: text,
  items: z.array(itemSchema),
  /** What is left of a result that broke off. */
  remains: text,
  /** As answered. */
  answered_model: text,
  usage: z.nullable(z.record(z.string(), z.unknown())),
  cost: costSchema,
  error: z.nullable(z.object({ name: z.string(), code: text, message: z.string() })),
});

export type TaskState = (typeof taskStates)[number];
export type SavedFile = z.infer<typeof savedFileSchema>;
export type TaskItem = z.infer<typeof itemSchema>;
export type TaskRecord = z.infer<typeof taskRecordSchema>;
