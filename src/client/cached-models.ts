/** The cached model lists, and how old they are. It sends no request and changes no list. */
import type { Deps } from '../base/deps.ts';
import { durationWords } from '../base/duration.ts';
import type { Gateway } from '../gateways/types.ts';
import type { ListedPrice } from '../money/prices.ts';
import { type Catalogue, type CatalogueModel, readCatalogue } from './catalogue.ts';
import { FRESH_MS } from './listing.ts';

interface Kept {
  /** The models that a key may use. */
  all: Catalogue | null;
  /** Only the public catalogue. */
  public: Catalogue | null;
}

/** null for each that is missing, incomplete, or of another base URL. */
export async function readCached(
  directory: string,
  { id, baseUrl }: Pick<Gateway, 'id' | 'baseUrl'>,
  deps: Pick<Deps, 'files' | 'path'>,
): Promise<Kept> {
  const [all, open] = await Promise.all([
    readCatalogue(directory, id, baseUrl, deps, 'all'),
    readCatalogue(directory, id, baseUrl, deps, 'public'),
  ]);
  return { all, public: open };
}

/** Prices of a model from the newest cached list that has them; null if no list does. */
export async function cachedPrice(
  id: string,
  directory: string,
  gateway: Pick<Gateway, 'id' | 'baseUrl'>,
  deps: Pick<Deps, 'files' | 'path' | 'clock'>,
): Promise<CatalogueModel | null> {
  const cached = await readCached(directory, gateway, deps);
  const first = newer(cached.all, cached.public, deps);
  const second = first === cached.all ? cached.public : cached.all;
  const listed = [first, second].map((list) => list?.models.find((model) => model.id === id));
  return listed.find((model) => model !== undefined && isPriced(model)) ?? null;
}

export function isPriced({ input, output }: ListedPrice): boolean {
  return input !== null || output !== null;
}

/** The newer list; the first if equal, or if the age of both is unknown. */
export function newer(
  a: Catalogue | null,
  b: Catalogue | null,
  deps: Pick<Deps, 'clock'>,
): Catalogue | null {
  const age = (list: Catalogue | null): number =>
    (list === null ? null : ageOf(list, deps)) ?? Number.POSITIVE_INFINITY;
  return age(b) < age(a) ? b : (a ?? b);
}

/** Milliseconds since a list was fetched; null when unknown: a list from the future was written while the clock was wrong. */
export function ageOf({ fetchedAt }: Catalogue, { clock }: Pick<Deps, 'clock'>): number | null {
  const age = fetchedAt === null ? -1 : clock.now() - fetchedAt;
  return age < 0 ? null : age;
}

/** Fresh enough to be used without a new request. */
export function isFresh(list: Catalogue, deps: Pick<Deps, 'clock'>): boolean {
  const age = ageOf(list, deps);
  return age !== null && age < FRESH_MS;
}

/** `20 min old`, `3 h old`, `2 d old`, or `of unknown age`. */
export function ageWords(list: Catalogue, deps: Pick<Deps, 'clock'>): string {
  const age = ageOf(list, deps);
  if (age === null) return 'of unknown age';
  return `${durationWords(age)} old`;
}
