/** Reads the public rankings of a gateway, whose shape is not documented, and caches them. It fetches nothing and trusts no name: only ids that the gateway lists count. */
import type { Deps } from '../base/deps.ts';
import { asObject, asText, type JsonObject } from '../base/json.ts';
import type { CatalogueModel } from './catalogue.ts';
import { FRESH_MS } from './listing.ts';

/** What a ranking is about. */
export type Ranking = 'throughput' | 'coding' | 'benchmark';

/** The names that a ranking may have, as a field or as a category. */
const namesOf: Readonly<Record<Ranking, RegExp>> = {
  throughput: /throughput|speed|fastest|tokens_per_second/i,
  coding: /(^|[^a-z])(code|coding|programming)([^a-z]|$)/i,
  benchmark: /benchmark|quality|intelligence|overall|(^|[^a-z])best([^a-z]|$)/i,
};

/** A server controls both. */
const MAX_DEPTH = 5;
const MAX_NODES = 20_000;

/** The places of a ranking, the first one first, by the names that the board uses; [] when it has no such ranking. The outermost field of that name counts. */
export function placesOf(board: unknown, ranking: Ranking): string[] {
  const pattern = namesOf[ranking];
  let level: unknown[] = [board];
  let seen = 0;
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth += 1) {
    const below: unknown[] = [];
    for (const node of level) {
      seen += 1;
      if (seen > MAX_NODES) return [];
      for (const [name, value] of entriesOf(node)) {
        const places = pattern.test(name) ? namesIn(value, MAX_DEPTH) : [];
        if (places.length > 0) return places;
        below.push(value);
      }
    }
    level = below;
  }
  return [];
}

/** The fields of an object; of an item that names its category, that name and the item. */
function entriesOf(node: unknown): [string, unknown][] {
  if (Array.isArray(node))
    return node.map((item: unknown) => {
      const fields = asObject(item);
      return [asText(fields?.category ?? fields?.metric ?? fields?.ranking) ?? '', item];
    });
  return Object.entries(asObject(node) ?? {});
}

function namesIn(value: unknown, depth: number): string[] {
  if (depth === 0) return [];
  if (Array.isArray(value)) return inOrder(value).flatMap((item) => nameOf(item) ?? []);
  const fields = asObject(value);
  const name = nameOf(value);
  if (name !== null) return [name];
  if (fields === null) return [];
  const scores = Object.entries(fields);
  if (scores.length > 0 && scores.every(([, score]) => typeof score === 'number'))
    return scores.sort(([, a], [, b]) => Number(b) - Number(a)).map(([id]) => id);
  for (const below of Object.values(fields)) {
    const names = typeof below === 'object' ? namesIn(below, depth - 1) : [];
    if (names.length > 0) return names;
  }
  return [];
}

/** By the places that the items give themselves, where all of them do; else as they stand. */
function inOrder(items: readonly unknown[]): readonly unknown[] {
  const place = (item: unknown): unknown => {
    const fields = asObject(item);
    return fields?.rank ?? fields?.position ?? fields?.place;
  };
  if (!items.every((item) => typeof place(item) === 'number')) return items;
  return items.toSorted((a, b) => Number(place(a)) - Number(place(b)));
}

function nameOf(item: unknown): string | null {
  if (typeof item === 'string') return asText(item);
  const fields = asObject(item);
  if (fields === null) return null;
  const inner = asObject(fields.model);
  if (inner !== null) return idIn(inner);
  return asText(fields.model) ?? idIn(fields);
}

function idIn(fields: JsonObject): string | null {
  return asText(fields.model_id ?? fields.id ?? fields.slug ?? fields.model_name ?? fields.name);
}

/** The first place that one of these models has: by its id, its id without a vendor, or its display name, in any case. */
export function firstListed(
  places: readonly string[],
  models: readonly CatalogueModel[],
): CatalogueModel | null {
  const bare = (id: string): string => id.slice(id.lastIndexOf('/') + 1).toLowerCase();
  for (const place of places) {
    const found =
      models.find(({ id }) => id === place) ??
      models.find(({ id }) => bare(id) === bare(place)) ??
      models.find(({ name }) => name?.toLowerCase() === place.toLowerCase());
    if (found !== undefined) return found;
  }
  return null;
}

/** Larger ones are not cached. */
const MAX_BYTES = 1024 * 1024;

type CacheDeps = Pick<Deps, 'files' | 'path' | 'clock'>;

/** null when no fresh ones of this base URL are cached; else the board in an envelope. */
export async function readRankings(
  directory: string,
  gatewayId: string,
  baseUrl: string,
  deps: CacheDeps,
): Promise<{ board: unknown } | null> {
  try {
    const path = deps.path.join(directory, `rankings-${gatewayId}.json`);
    const json = asObject(
      JSON.parse(new TextDecoder().decode(await deps.files.read(path, MAX_BYTES))),
    );
    if (json === null || json.base_url !== baseUrl) return null;
    const age = deps.clock.now() - Number(json.fetched_at);
    return age >= 0 && age < FRESH_MS ? { board: json.board } : null;
  } catch {
    return null; // a missing or damaged cache counts as none
  }
}

/** A cache that cannot be written costs a request next time, and nothing else. */
export async function writeRankings(
  directory: string,
  gatewayId: string,
  baseUrl: string,
  board: unknown,
  deps: CacheDeps,
): Promise<void> {
  const json = { v: 1, base_url: baseUrl, fetched_at: deps.clock.now(), board };
  const text = `${JSON.stringify(json)}\n`;
  if (Buffer.byteLength(text) > MAX_BYTES) return;
  try {
    await deps.files.makeDirectory(directory);
    await deps.files.replace(deps.path.join(directory, `rankings-${gatewayId}.json`), text);
  } catch {
    // Read-only, or full.
  }
}
