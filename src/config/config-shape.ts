/** The tree of names that the config knows, read from its schema. It holds and validates no values. */
import type * as z from 'zod/mini';
import { configSchema } from '../schemas/config.ts';

export type Shape =
  | { kind: 'object'; keys: ReadonlyMap<string, Shape> }
  /** A map whose keys are chosen by the user. */
  | { kind: 'record'; value: Shape }
  | { kind: 'leaf' };

function shapeOf(schema: z.core.$ZodType): Shape {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
      return shapeOf(def.innerType);
    case 'object': {
      const entries = Object.entries(def.shape);
      return {
        kind: 'object',
        keys: new Map(entries.map(([key, value]) => [key, shapeOf(value)])),
      };
    }
    case 'record':
      return { kind: 'record', value: shapeOf(def.valueType) };
    default:
      return { kind: 'leaf' };
  }
}

export const configShape: Shape = shapeOf(configSchema);

/** The shape below one key; undefined when there is none. */
export function shapeBelow(shape: Shape | undefined, key: string): Shape | undefined {
  if (shape?.kind === 'object') return shape.keys.get(key);
  return shape?.kind === 'record' ? shape.value : undefined;
}

/** The shape at a path; undefined when there is none. */
function shapeAt(keys: readonly string[]): Shape | undefined {
  return keys.reduce<Shape | undefined>(shapeBelow, configShape);
}

/** The names that are allowed at a path, in the schema's order; [] where the user chooses them. */
export function knownKeys(keys: readonly string[]): string[] {
  const shape = shapeAt(keys);
  return shape?.kind === 'object' ? [...shape.keys.keys()] : [];
}
