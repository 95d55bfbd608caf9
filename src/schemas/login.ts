/** The public JSON of `alltoken login` and `alltoken logout`. Fields are only ever added; none holds a part of a key. */
import * as z from 'zod/mini';
import { failureSchema } from './common.ts';

const loginSchema = z.object({
  schema: z.literal('alltoken.login.v1'),
  ok: z.literal(true),
  exit: z.literal(0),
  command: z.literal('login'),
  gateway: z.string(),
  /** The only place that the key is sent to. */
  origin: z.string(),
  /** Where it is stored. */
  file: z.string(),
  /** false: with --no-check, or the gateway has no free request that needs a key. */
  checked: z.boolean(),
  /** The variable that is set and used instead; null: the stored key is used. */
  overridden_by: z.nullable(z.string()),
});

const logoutSchema = z.object({
  schema: z.literal('alltoken.logout.v1'),
  ok: z.literal(true),
  exit: z.literal(0),
  command: z.literal('logout'),
  gateway: z.string(),
  /** The file; null: no key was stored. */
  removed: z.nullable(z.string()),
  /** A variable that holds a key for the gateway; null: there is none. */
  still_set: z.nullable(z.string()),
});

export const loginDocumentSchema = z.union([loginSchema, failureSchema]);
export const logoutDocumentSchema = z.union([logoutSchema, failureSchema]);

export type LoginDocument = z.infer<typeof loginSchema>;
export type LogoutDocument = z.infer<typeof logoutSchema>;
