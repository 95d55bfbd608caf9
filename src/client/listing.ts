/** Filters, sorts and prints model lists. Pure and small, because every command that lists models loads it. */
import type { CatalogueModel } from './catalogue.ts';

/** Models and prices change rarely: a cached list is fresh for this long, ms. */
export const FRESH_MS = 3_600_000;

/** A model without a kind counts as a chat model. */
export function isOfType({ kind }: CatalogueModel, type: string): boolean {
  return type === 'all' || (kind ?? 'chat') === type;
}

/** Sorts by id. */
export function byId(a: Pick<CatalogueModel, 'id'>, b: Pick<CatalogueModel, 'id'>): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** One id per line. */
export function idLines(models: readonly CatalogueModel[]): string {
  return models.map(({ id }) => `${id.replace(/[\r\n]+/g, ' ')}\n`).join('');
}

/** Which models a list of this type leaves out, in words; null where none. */
export function leftOutWords(models: readonly CatalogueModel[], type: string): string | null {
  const others = models.filter((model) => !isOfType(model, type));
  if (others.length === 0) return null;
  const kinds = [...new Set(others.map(({ kind }) => kind ?? 'chat'))].sort();
  const last = kinds.pop() ?? '';
  const named = kinds.length === 0 ? last : `${kinds.join(', ')} and ${last}`;
  const verb = others.length === 1 ? 'model is' : 'models are';
  return `${others.length} ${named} ${verb} not shown: --kind all`;
}
