/** The public JSON of `alltoken init`. Fields are only ever added. */
import * as z from 'zod/mini';
import { errorSchema, failureSchema } from './common.ts';

/** kept: it was there before, and is as it was. */
const fileActions = ['created', 'kept'] as const;

/**
 * exists: the directory has a repository of its own; inside: it is in a work tree; not_found: there is no git on this
 * machine; off: --no-git.
 */
const gitStates = ['initialized', 'exists', 'inside', 'not_found', 'failed', 'off'] as const;

const facts = {
  schema: z.literal('alltoken.init.v1'),
  command: z.literal('init'),
  template: z.string(),
  /** Of the package. */
  name: z.string(),
  /** Absolute. */
  directory: z.string(),
  /** `path` in the directory, with / between. */
  files: z.array(z.object({ path: z.string(), action: z.enum(fileActions) })),
  git: z.enum(gitStates),
  /** `npm install` has run. */
  installed: z.boolean(),
  /** Command lines for a shell, in their order: each is to be run in the directory. */
  next: z.array(z.string()),
  notes: z.array(z.string()),
};

const initSchema = z.object({ ok: z.literal(true), exit: z.literal(0), ...facts });

/** The project is there; `npm install` failed. */
const halfSchema = z.object({ ok: z.literal(false), ...facts, error: errorSchema });

/** What `--json` prints. */
export const initDocumentSchema = z.union([initSchema, halfSchema, failureSchema]);

export type FileAction = (typeof fileActions)[number];
export type GitState = (typeof gitStates)[number];
export type InitDocument = z.infer<typeof initSchema>;
export type HalfInitDocument = z.infer<typeof halfSchema>;
