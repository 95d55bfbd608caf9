/** The document of a `sessions` command: what all of them have, around what is its own. */
import { EXIT_OK } from '../../base/errors.ts';
import type { SessionsDocument } from '../../schemas/sessions.ts';

export function sessionsDocument(own: SessionsDocument): unknown {
  return { schema: 'alltoken.sessions.v1', ok: true, exit: EXIT_OK, ...own };
}
