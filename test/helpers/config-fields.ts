/** What the config may hold, from its schema. */
import * as z from 'zod/mini';
import { configSchema } from '../../src/schemas/config.ts';

interface Shape {
  properties?: Readonly<Record<string, Shape>>;
  additionalProperties?: Shape | boolean;
}

/** The paths of all fields; one that people name themselves is `<name>`. */
export function configFields(): string[] {
  return fieldsOf(z.toJSONSchema(configSchema) as Shape);
}

function fieldsOf({ properties, additionalProperties }: Shape, path: string[] = []): string[] {
  if (properties !== undefined)
    return Object.entries(properties).flatMap(([name, one]) => fieldsOf(one, [...path, name]));
  const isRecord = typeof additionalProperties === 'object';
  if (!isRecord) return [path.join('.')];
  // One that holds texts is a field itself below the top, such as `env`.
  const isField = additionalProperties.properties === undefined && path.length > 1;
  return isField ? [path.join('.')] : fieldsOf(additionalProperties, [...path, '<name>']);
}
