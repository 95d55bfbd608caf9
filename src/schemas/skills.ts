/** The public JSON of `alltoken skills`. Fields are only ever added. */
import * as z from 'zod/mini';
import { errorSchema, failureSchema } from './common.ts';

const head = {
  schema: z.literal('alltoken.skills.v1'),
  ok: z.literal(true),
  exit: z.literal(0),
  /** Of alltoken, and so of its skills. */
  version: z.string(),
};

/** null: the folder was named by --dir. */
const host = z.nullable(z.string());

const skillStates = ['missing', 'current', 'outdated', 'changed'] as const;

/** kept: a file of an older version that is no longer needed, but was edited by hand. */
const fileActions = ['installed', 'updated', 'unchanged', 'removed', 'kept'] as const;

const listSchema = z.object({
  ...head,
  command: z.literal('skills list'),
  skills: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      bytes: z.int(),
      /** `path` in the folder of the skill, with / between. */
      files: z.array(z.object({ path: z.string(), bytes: z.int() })),
    }),
  ),
  /** For each --host, or --dir. */
  places: z.array(
    z.object({ host, skill: z.string(), directory: z.string(), state: z.enum(skillStates) }),
  ),
});

const showSchema = z.object({
  ...head,
  command: z.literal('skills show'),
  skill: z.string(),
  file: z.string(),
  bytes: z.int(),
  sha256: z.string(),
  text: z.string(),
});

const installSchema = z.object({
  ...head,
  command: z.literal('skills install'),
  /** true: nothing was written; the actions are what would be done. */
  dry_run: z.boolean(),
  installed: z.array(
    z.object({
      host,
      skill: z.string(),
      directory: z.string(),
      /** Absolute paths. */
      files: z.array(z.object({ path: z.string(), action: z.enum(fileActions) })),
    }),
  ),
  notes: z.array(z.string()),
});

/** A file was in the way, and so nothing was written. */
const refusalSchema = z.object({
  schema: z.literal('alltoken.skills.v1'),
  ok: z.literal(false),
  command: z.literal('skills install'),
  version: z.string(),
  error: errorSchema,
  refused: z.array(z.object({ path: z.string(), reason: z.string() })),
});

/** What `--json` prints. */
export const skillsDocumentSchema = z.union([
  listSchema,
  showSchema,
  installSchema,
  refusalSchema,
  failureSchema,
]);

export type SkillState = (typeof skillStates)[number];
export type FileAction = (typeof fileActions)[number];
export type ListDocument = z.infer<typeof listSchema>;
export type ShowDocument = z.infer<typeof showSchema>;
export type InstallDocument = z.infer<typeof installSchema>;
export type RefusalDocument = z.infer<typeof refusalSchema>;
