/** The public JSON of `alltoken models`. Fields are only ever added. */
import * as z from 'zod/mini';
import { failureSchema, pricesSchema } from './common.ts';
import { modelKinds } from './models.ts';

const text = z.nullable(z.string());
const count = z.nullable(z.int());
const modelSchema = z.object({
  id: z.string(),
  /** null where a list of an older version does not say. */
  kind: z.nullable(z.enum(modelKinds)),
  name: text,
  description: text,
  prices: pricesSchema,
  /** Tokens of prompt and answer together. */
  context: count,
  /** Tokens of the longest answer. */
  max_output: count,
  input_modalities: z.nullable(z.array(z.string())),
  output_modalities: z.nullable(z.array(z.string())),
  /** Ranges of a video model, as sent: hints, not rules. */
  capabilities: z.nullable(z.looseObject({})),
});

const head = {
  schema: z.literal('alltoken.models.v1'),
  ok: z.literal(true),
  exit: z.literal(0),
  command: z.literal('models'),
  gateway: z.string(),
};

const listSchema = z.object({
  ...head,
  /** RFC 3339, UTC; null when unknown. */
  fetched_at: text,
  age_seconds: count,
  /** What there is to show, before --limit. */
  total: z.int(),
  models: z.array(modelSchema),
  /** Of one model requested by its id: what the search flag does for its family, and the date of that test. */
  search: z.optional(
    z.nullable(
      z.object({
        effect: z.enum(['searches', 'ignored', 'unreliable', 'fails']),
        probed: z.string(),
      }),
    ),
  ),
  /** Of one model requested by its id: the gateway's own page of it, as sent; null where it has none. */
  page: z.optional(z.nullable(z.looseObject({}))),
});

const boardSchema = z.object({
  ...head,
  /** routes: the health of each route. provider: the figures of one. filters: what the models can be filtered by. */
  board: z.enum(['health', 'routes', 'providers', 'provider', 'rankings', 'filters']),
  /** The id that was asked for; of the board `provider` only. */
  provider: z.optional(z.string()),
  /** As the gateway sent it, whatever that is. */
  data: z.unknown(),
});

/** What `--json` prints. */
export const modelsDocumentSchema = z.union([listSchema, boardSchema, failureSchema]);

export type ModelDocument = z.infer<typeof modelSchema>;
export type ModelsDocument = z.infer<typeof listSchema>;
export type BoardDocument = z.infer<typeof boardSchema>;
