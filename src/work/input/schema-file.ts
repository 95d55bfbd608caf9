/** The JSON Schema that --schema names. It checks no answer. */
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { asObject } from '../../base/json.ts';
import { readTextFile } from './attachments.ts';

/** Throws `CliError` usage where it is no JSON object. */
export async function readSchema(
  path: string,
  deps: Deps,
): Promise<Readonly<Record<string, unknown>>> {
  const text = await readTextFile(path, '--schema', deps);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new CliError('usage', `--schema ${path}: not JSON`, { code: 'bad_schema' });
  }
  const schema = asObject(json);
  if (!schema)
    throw new CliError('usage', `--schema ${path}: not a JSON object`, { code: 'bad_schema' });
  return schema;
}
