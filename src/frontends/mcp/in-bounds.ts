/** An input as its schema wants it, where only the form of a value is wrong. It refuses nothing; that is the schema's. */
import { type core, toJSONSchema } from 'zod/mini';
import { asObject } from '../../base/json.ts';
import type { ToolInput } from './tool.ts';

/** Below its lowest value, a number of these is raised, too: of what is bought, none is ever more than was asked for. */
const raised: ReadonlySet<string> = new Set(['wait_seconds', 'limit', 'temperature']);

const aNumber = /^-?\d{1,15}(\.\d{1,12})?$/;

export function inBounds(
  schema: core.$ZodType,
  given: ToolInput,
): { value: ToolInput; notes: string[] } {
  const fields = asObject(toJSONSchema(schema, { io: 'input' }).properties) ?? {};
  const notes: string[] = [];
  const value: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(given)) {
    if (one === null) continue;
    const field = Object.hasOwn(fields, name) ? asObject(fields[name]) : null;
    const read = field === null ? one : unquoted(one, field);
    const used = field === null ? read : clamped(name, read, field);
    if (used !== read) notes.push(`${name}: ${String(read)} is out of bounds; ${used} was used`);
    value[name] = used;
  }
  return { value, notes };
}

type Field = Readonly<Record<string, unknown>>;

/** The same value as its field takes it: without quotes, in quotes, or as a list of one. */
function unquoted(value: unknown, { type }: Field): unknown {
  if (type === 'string' && typeof value === 'number') return String(value);
  if (type === 'array' && typeof value === 'string' && value !== '') return listIn(value);
  if (typeof value !== 'string') return value;
  if ((type === 'integer' || type === 'number') && aNumber.test(value)) return Number(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

/** Some hosts send a list as its JSON. */
function listIn(text: string): unknown[] {
  if (!text.startsWith('[')) return [text];
  try {
    const read: unknown = JSON.parse(text);
    return Array.isArray(read) ? read : [text];
  } catch {
    return [text];
  }
}

function clamped(name: string, value: unknown, { minimum, maximum }: Field): unknown {
  if (typeof value !== 'number') return value;
  if (typeof maximum === 'number' && value > maximum) return maximum;
  return typeof minimum === 'number' && value < minimum && raised.has(name) ? minimum : value;
}
