/** The names that `config set` takes, from the schema of the config. */
import { configShape, type Shape } from './config-shape.ts';

/** Dotted. Where the user chooses a key, those of `gateways`, and the one that `current` already has. */
export function configNames(gateways: readonly string[], current: string): string[] {
  const walk = (shape: Shape, at: readonly string[]): string[] => {
    if (shape.kind === 'leaf') return [at.join('.')];
    if (shape.kind === 'object')
      return [...shape.keys].flatMap(([key, below]) => walk(below, [...at, key]));
    const typed = current.split('.')[at.length] ?? '';
    const chosen = at[0] === 'gateways' ? gateways : [typed];
    return chosen.filter((key) => key !== '').flatMap((key) => walk(shape.value, [...at, key]));
  };
  return walk(configShape, []);
}
