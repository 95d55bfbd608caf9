/** A value that fits a simple JSON Schema and says that it is a placeholder. It knows no `pattern`, no `not` and no conditions. */
import { asObject, type JsonObject } from '../base/json.ts';

/** Deep and wide enough for any honest schema, and an end for one that refers to itself. */
const maxDepth = 12;
const maxValues = 5_000;

/** The value for `schema`; `note` is the text that strings hold. A schema we do not understand gives the note. */
export function placeholder(schema: unknown, note: string): unknown {
  return new Placeholder(asObject(schema) ?? {}, note).valueFor(schema, 0);
}

class Placeholder {
  private readonly root: JsonObject;
  private readonly note: string;
  private valuesLeft = maxValues;

  constructor(root: JsonObject, note: string) {
    this.root = root;
    this.note = note;
  }

  valueFor(schema: unknown, depth: number): unknown {
    this.valuesLeft -= 1;
    if (depth > maxDepth || this.valuesLeft < 0) return null;
    const rules = this.resolve(asObject(schema) ?? {}, 0);
    if ('const' in rules) return rules.const;
    if (Array.isArray(rules.enum) && rules.enum.length > 0) return rules.enum[0];
    const choice = firstChoice(rules);
    if (choice) return this.valueFor(choice, depth + 1);
    switch (typeOf(rules)) {
      case 'object':
        return this.object(rules, depth);
      case 'array':
        return this.array(rules, depth);
      case 'number':
        return numberFor(rules, 0);
      case 'integer':
        return numberFor(rules, 1);
      case 'boolean':
        return false;
      case 'null':
        return null;
      default:
        return this.string(rules);
    }
  }

  /** Follows `#/…` references, and lays the parts of `allOf` over each other. */
  private resolve(schema: JsonObject, hops: number): JsonObject {
    if (hops > maxDepth) return schema;
    if (typeof schema.$ref === 'string') {
      const keys = schema.$ref.replace(/^#\/?/, '').split('/').filter(Boolean);
      const find = (at: unknown, key: string): unknown => asObject(at)?.[unescapePointer(key)];
      const { $ref: _, ...own } = schema;
      return this.resolve({ ...asObject(keys.reduce(find, this.root)), ...own }, hops + 1);
    }
    if (!Array.isArray(schema.allOf)) return schema;
    const { allOf, ...own } = schema;
    const parts = [own, ...allOf.map((part) => this.resolve(asObject(part) ?? {}, hops + 1))];
    const properties = Object.assign({}, ...parts.map((part) => asObject(part.properties)));
    const required = parts.flatMap((part) => (Array.isArray(part.required) ? part.required : []));
    const all: JsonObject = Object.assign({}, ...parts, { properties });
    return required.length > 0 ? { ...all, required } : all;
  }

  /** The required properties; all of them when the schema does not say which. */
  private object(rules: JsonObject, depth: number): JsonObject {
    const properties = asObject(rules.properties) ?? {};
    const names = Array.isArray(rules.required) ? rules.required : Object.keys(properties);
    const entries = names.map((name: unknown): [string, unknown] => {
      const key = String(name);
      return [key, this.valueFor(properties[key], depth + 1)];
    });
    return Object.fromEntries(entries);
  }

  private array(rules: JsonObject, depth: number): unknown[] {
    const most = typeof rules.maxItems === 'number' ? rules.maxItems : 100;
    const least = typeof rules.minItems === 'number' ? rules.minItems : 1;
    const length = Math.max(0, Math.min(least, most, 100));
    if (depth >= maxDepth) return [];
    return Array.from({ length }, () => this.valueFor(rules.items, depth + 1));
  }

  private string(rules: JsonObject): string {
    const formatted = formats.get(rules.format);
    if (formatted) return formatted;
    const least = typeof rules.minLength === 'number' ? Math.min(rules.minLength, 10_000) : 0;
    const most = typeof rules.maxLength === 'number' ? rules.maxLength : Infinity;
    return this.note.padEnd(least, '.').slice(0, Math.max(0, most));
  }
}

/** Reserved names and the first second of 1970: nothing that could be taken for real. */
const formats: ReadonlyMap<unknown, string> = new Map([
  ['date-time', '1970-01-01T00:00:00Z'],
  ['date', '1970-01-01'],
  ['time', '00:00:00Z'],
  ['email', 'sandbox@example.invalid'],
  ['uri', 'https://example.invalid/'],
  ['uuid', '00000000-0000-0000-0000-000000000000'],
  ['hostname', 'example.invalid'],
  ['ipv4', '192.0.2.1'],
  ['ipv6', '2001:db8::1'],
]);

function firstChoice(rules: JsonObject): JsonObject | null {
  const choices = Array.isArray(rules.anyOf) ? rules.anyOf : rules.oneOf;
  if (!Array.isArray(choices)) return null;
  const objects = choices.map(asObject).filter((choice) => choice !== null);
  return objects.find((choice) => choice.type !== 'null') ?? objects[0] ?? null;
}

function typeOf(rules: JsonObject): unknown {
  const { type } = rules;
  if (Array.isArray(type)) return type.find((name) => name !== 'null') ?? 'null';
  if (type === undefined && (rules.properties || rules.required)) return 'object';
  return type === undefined && rules.items ? 'array' : type;
}

/** 0 where it is allowed, else the nearest number that is; `step` is 1 for whole numbers. */
function numberFor(rules: JsonObject, step: number): number {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = rules;
  const unit = typeof multipleOf === 'number' && multipleOf > 0 ? multipleOf : step;
  const apart = unit || 0.5;
  let value = 0;
  if (typeof minimum === 'number' && value < minimum) value = minimum;
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) {
    value = exclusiveMinimum + apart;
  }
  if (unit > 0) value = Math.ceil(value / unit) * unit;
  if (typeof maximum === 'number' && value > maximum) value = maximum;
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) {
    value = exclusiveMaximum - apart;
  }
  return unit > 0 ? Math.floor(value / unit) * unit : value;
}

function unescapePointer(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}
