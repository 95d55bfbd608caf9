/** What a caller gives to an agent, checked before anything of it is sent. */
import { isRecord, jsonText } from '../base/json.ts';
import { usageError } from './failure.ts';
import type { ContentPart } from './types.ts';

/** Throws `AllTokenError` usage where it is not a message that can be sent. */
export function checkInput(input: unknown): void {
  const isParts =
    Array.isArray(input) && input.length > 0 && input.every(isPart) && jsonText(input) !== null;
  if (typeof input !== 'string' && !isParts)
    throw usageError('the message is neither text nor a list of parts', 'bad_input');
}

/** Of any type: servers know more of them than we do. */
function isPart(part: unknown): boolean {
  return isRecord(part) && typeof part.type === 'string';
}

/** Throws `AllTokenError` usage where it is not a tool, or its definition cannot be sent. */
export function checkTool(handler: unknown): void {
  const { definition, execute } = isRecord(handler) ? handler : {};
  const about = isRecord(definition) ? definition.function : null;
  const isTool = isRecord(about) && typeof about.name === 'string' && typeof execute === 'function';
  if (!isTool) throw usageError('a tool needs a definition with a name, and execute', 'bad_tool');
  if (jsonText(definition) === null)
    throw usageError(`${about.name}: its definition cannot be JSON`, 'bad_tool');
}

/** The text of a message, without its other parts. */
export function textOf(parts: readonly ContentPart[]): string {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}
