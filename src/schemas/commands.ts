/** What `--help --json` prints: the command line as data. An option that many commands share is written once, and named where it belongs. */
import * as z from 'zod/mini';

/** What is absent does not apply. */
const optionSchema = z.object({
  /** With its dashes. */
  name: z.string(),
  short: z.optional(z.string()),
  description: z.string(),
  /** What follows the flag; absent: it takes no value. `optional`: it may be left out. */
  value: z.optional(
    z.object({
      name: z.string(),
      optional: z.optional(z.literal(true)),
      choices: z.optional(z.array(z.string())),
    }),
  ),
  repeatable: z.optional(z.literal(true)),
  /** The flag that it switches off. */
  negates: z.optional(z.string()),
  default: z.optional(z.unknown()),
});

const argumentSchema = z.object({
  name: z.string(),
  description: z.string(),
  required: z.boolean(),
  /** Takes any number of words. */
  variadic: z.boolean(),
  choices: z.optional(z.array(z.string())),
});

const oneCommandSchema = z.object({
  /** Its words: `alltoken tasks resume`. */
  name: z.string(),
  summary: z.string(),
  /** Absent below the requested command: its own help has it. */
  description: z.optional(z.string()),
  usage: z.string(),
  arguments: z.optional(z.array(argumentSchema)),
  options: z.optional(z.array(optionSchema)),
  /** Names of `option_groups`: it takes all the options in them as well. */
  option_groups: z.optional(z.array(z.string())),
  /** These two belong to the requested command; subcommands have theirs in their own help. */
  examples: z.optional(z.array(z.object({ command: z.string(), note: z.optional(z.string()) }))),
  notes: z.optional(z.string()),
});

export interface CommandDocument extends z.infer<typeof oneCommandSchema> {
  commands?: CommandDocument[];
}

const commandSchema: z.ZodMiniType<CommandDocument, CommandDocument> = z.extend(oneCommandSchema, {
  commands: z.optional(z.array(z.lazy(() => commandSchema))),
}) as z.ZodMiniType<CommandDocument, CommandDocument>;

export const commandsDocumentSchema = z.object({
  schema: z.literal('alltoken.commands.v1'),
  ok: z.literal(true),
  exit: z.int(),
  command: z.literal('help'),
  version: z.string(),
  /** The options that several of these commands share, by the heading that they have in the help. */
  option_groups: z.record(z.string(), z.array(optionSchema)),
  tree: commandSchema,
});

export type OptionDocument = z.infer<typeof optionSchema>;
export type CommandsDocument = z.infer<typeof commandsDocumentSchema>;
