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
