/** The public JSON of `alltoken slash --explain`, and of a message that names no command or two. Fields are only ever added. */
import * as z from 'zod/mini';
import { mainCommands } from './choices.ts';
import { failureSchema } from './common.ts';

const triggerSchema = z.object({
  /** As written in the message. */
  phrase: z.string(),
  command: z.enum(mainCommands),
});

const explanationSchema = z.object({
  schema: z.literal('alltoken.slash.v1'),
  ok: z.literal(true),
  exit: z.int(),
  command: z.literal('slash'),
  trigger: triggerSchema,
  /** The words after `alltoken`; all after -- is text. */
  argv: z.array(z.string()),
  flags: z.array(
    z.object({
      name: z.string(),
      /** null: it takes no value. */
      value: z.nullable(z.string()),
      from: z.enum(['message', 'caller']),
    }),
  ),
  text: z.string(),
  /** The text before the trigger; it is not sent. */
  before: z.string(),
  notes: z.array(z.string()),
});

/** `seen`: the commands in the message; absent where something else is wrong. */
const slashFailureSchema = z.extend(failureSchema, {
  seen: z.optional(z.array(triggerSchema)),
});

export const slashDocumentSchema = z.union([explanationSchema, slashFailureSchema]);

export type SlashDocument = z.infer<typeof explanationSchema>;
