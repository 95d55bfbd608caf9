/** What the tools of `alltoken mcp` return, in short: each is the document of `--json`, whose whole shape the other schemas have. Open, and nothing but `ok` is certain. */
import * as z from 'zod/mini';
import { costSchema, errorSchema } from './common.ts';
import type { ToolName } from './tools.ts';

const common = {
  ok: z.boolean(),
  /** What to do now, also in the text of the result. */
  advice: z.optional(z.string()),
  /** The tool to call next; null: none that is complete. */
  next_call: z.optional(z.nullable(z.looseObject({ tool: z.string() }))),
  /** Set where words of a model or a server are in it. */
  trust_note: z.optional(z.string()),
  error: z.optional(z.pick(errorSchema, { name: true, message: true, billed: true })),
};

const text = z.optional(z.nullable(z.string()));
const cost = z.optional(costSchema);
const files = z.optional(z.array(z.looseObject({ path: z.string() })));
const items = z.optional(z.array(z.looseObject({})));

const answer = z.looseObject({
  ...common,
  text,
  /** The whole text, when it was too long to return. */
  text_file: z.optional(z.string()),
  model: text,
  finish_reason: text,
  files,
  cost,
});

const job = z.looseObject({ ...common, task_id: text, status: text, files, cost });
const tasks = z.looseObject({ ...common, tasks: items, files });

export const toolResults: Readonly<Record<ToolName, z.ZodMiniObject>> = {
  alltoken_chat: answer,
  alltoken_search: answer,
  alltoken_image: job,
  alltoken_image_fetch: tasks,
  alltoken_video_submit: job,
  alltoken_video_status: tasks,
  alltoken_video_fetch: tasks,
  alltoken_jobs: z.looseObject({ ...common, total: z.optional(z.int()), tasks: items }),
  alltoken_models: z.looseObject({ ...common, total: z.optional(z.int()), models: items }),
  alltoken_cost: z.looseObject({ ...common, kind: text, cost, rows: items }),
};
