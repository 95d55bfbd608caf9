/** The document of a command as a tool returns it, and the errors inside. It decides nothing. */

import { errorDocument } from '../../base/error-document.ts';
import { CliError } from '../../base/errors.ts';
import { asObject } from '../../base/json.ts';
import type { ErrorDocument } from '../../schemas/common.ts';
import type { Tool } from './tool.ts';

/** What a command prints with --json. */
export type ResultDocument = Record<string, unknown>;

/** null for a success. A document of ours: the field `error` is what `errorDocument` made. */
export function errorOf({ error }: ResultDocument): ErrorDocument | null {
  return asObject(error) as ErrorDocument | null;
}

/** The same document with another error, also in each of its tasks. */
export function changeErrors(
  document: ResultDocument,
  change: (error: ErrorDocument) => ErrorDocument,
): ResultDocument {
  const error = errorOf(document);
  const changed = error === null ? document : { ...document, error: change(error) };
  if (!Array.isArray(document.tasks)) return changed;
  const tasks = document.tasks.map((task: unknown) => {
    const fields = asObject(task);
    return fields === null ? task : changeErrors({ ...fields }, change);
  });
  return { ...changed, tasks };
}

/** For what failed before its command could say so. */
export function failureOf({ words }: Tool, error: CliError): ResultDocument {
  return {
    schema: 'alltoken.error.v1',
    ok: false,
    command: words.join(' '),
    error: errorDocument(error),
  };
}

/** A command that ended and said nothing: a defect. */
export function silence(): CliError {
  return new CliError('internal', 'the command said nothing');
}
