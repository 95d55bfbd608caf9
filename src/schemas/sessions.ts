/** The public JSON of `alltoken sessions`. Fields are only ever added. */
import * as z from 'zod/mini';
import { failureSchema } from './common.ts';

const head = { schema: z.literal('alltoken.sessions.v1'), ok: z.literal(true), exit: z.literal(0) };

const overviewSchema = z.object({
  name: z.string(),
  turns: z.int(),
  /** Of the last turn, as it was requested; null where there is none. */
  model: z.nullable(z.string()),
  gateway: z.nullable(z.string()),
  created_at: z.nullable(z.string()),
  changed_at: z.string(),
  /** The beginning of the first prompt, in one line. */
  first_words: z.string(),
  /** Lines of the file that are no turn. */
  damaged_lines: z.int(),
});

/** As it is sent to the API: `content` is a text, or a list of parts. */
const messageSchema = z.object({
  role: z.string(),
  content: z.unknown(),
  /** Of an assistant that called tools. */
  tool_calls: z.optional(z.array(z.unknown())),
  /** Of a result of a tool. */
  tool_call_id: z.optional(z.string()),
});

const listSchema = z.object({
  ...head,
  command: z.literal('sessions list'),
  sessions: z.array(overviewSchema),
  /** All that there are, also those that --limit left out. */
  total: z.int(),
  warnings: z.array(z.string()),
});

const showSchema = z.object({
  ...head,
  command: z.literal('sessions show'),
  session: overviewSchema,
  turns: z.array(
    z.object({
      at: z.string(),
      gateway: z.string(),
      model: z.string(),
      system: z.nullable(z.string()),
      /** With a word for each picture; `sessions export` has the pictures. */
      messages: z.array(z.object({ role: z.string(), text: z.string() })),
    }),
  ),
});

const searchSchema = z.object({
  ...head,
  command: z.literal('sessions search'),
  matches: z.array(
    z.object({
      name: z.string(),
      /** From 1. */
      turn: z.int(),
      at: z.string(),
      role: z.string(),
      /** The words with what stands around them, in one line. */
      excerpt: z.string(),
    }),
  ),
  warnings: z.array(z.string()),
});

const exportSchema = z.object({
  ...head,
  command: z.literal('sessions export'),
  session: overviewSchema,
  model: z.nullable(z.string()),
  /** What the next request would begin with. */
  messages: z.array(messageSchema),
});

const removeSchema = z.object({
  ...head,
  command: z.literal('sessions remove'),
  removed: z.array(z.string()),
});

const renameSchema = z.object({
  ...head,
  command: z.literal('sessions rename'),
  from: z.string(),
  to: z.string(),
});

export const sessionsDocumentSchema = z.union([
  listSchema,
  showSchema,
  searchSchema,
  exportSchema,
  removeSchema,
  renameSchema,
  failureSchema,
]);

export type SessionOverview = z.infer<typeof overviewSchema>;
type Success =
  | z.infer<typeof listSchema>
  | z.infer<typeof showSchema>
  | z.infer<typeof searchSchema>
  | z.infer<typeof exportSchema>
  | z.infer<typeof removeSchema>
  | z.infer<typeof renameSchema>;
/** Without what every one of them has. */
export type SessionsDocument = Success extends infer One
  ? One extends Success
    ? Omit<One, 'schema' | 'ok' | 'exit'>
    : never
  : never;
