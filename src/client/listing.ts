/** What a list of models shows of them, wherever it is shown. Pure, and loaded at every start that lists some. */
import type { CatalogueModel } from './catalogue.ts';

/** What is listed and priced changes rarely: a kept list is good for this long, ms. */
export const FRESH_MS = 3_600_000;

/** A model of a list that says nothing of kinds is for chats. */
export function isOfType({ kind }: CatalogueModel, type: string): boolean {
  return type === 'all' || (kind ?? 'chat') === type;
}

/** In the order of their ids. */
export function byId(a: Pick<CatalogueModel, 'id'>, b: Pick<CatalogueModel, 'id'>): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** One id a line. */
export function idLines(models: readonly CatalogueModel[]): string {
  return models.map(({ id }) => `${id.replace(/[\r\n]+/g, ' ')}\n`).join('');
}
