/** The cached model list of a gateway: which ids it has and what they cost. It reads and writes the cache; fetching is `models.ts`. */
import { posix, win32 } from 'node:path';
import type { Deps } from '../deps.ts';
import { asObject, asText } from '../json.ts';
import type { ListedPrice } from '../money/estimate.ts';

export interface CatalogueModel extends ListedPrice {
  id: string;
}

export interface Catalogue {
  /** The list belongs to this base URL only. */
  baseUrl: string;
  models: CatalogueModel[];
}

const MAX_BYTES = 8 * 1024 * 1024;

type CacheDeps = Pick<Deps, 'files' | 'platform'>;

function fileOf(directory: string, gatewayId: string, deps: CacheDeps): string {
  return (deps.platform === 'win32' ? win32 : posix).join(directory, `models-${gatewayId}.json`);
}

/** Null when nothing usable is cached for this gateway at this base URL. */
export async function readCatalogue(
  directory: string,
  gatewayId: string,
  baseUrl: string,
  deps: CacheDeps,
): Promise<Catalogue | null> {
  try {
    const bytes = await deps.files.read(fileOf(directory, gatewayId, deps), MAX_BYTES);
    const json = asObject(JSON.parse(new TextDecoder().decode(bytes)));
    if (!json || json.base_url !== baseUrl || !Array.isArray(json.models)) return null;
    const models = json.models.flatMap((item): CatalogueModel[] => {
      const model = asObject(item);
      const id = asText(model?.id);
      return id === null
        ? []
        : [{ id, input: asText(model?.input), output: asText(model?.output) }];
    });
    return { baseUrl, models };
  } catch {
    return null; // a cache that is not there or not whole is no cache
  }
}

/** Returns null, or why it was not kept. */
export async function writeCatalogue(
  directory: string,
  gatewayId: string,
  catalogue: Catalogue,
  deps: CacheDeps,
): Promise<string | null> {
  try {
    await deps.files.makeDirectory(directory);
    const json = { v: 1, base_url: catalogue.baseUrl, models: catalogue.models };
    await deps.files.replace(fileOf(directory, gatewayId, deps), `${JSON.stringify(json)}\n`);
    return null;
  } catch {
    return `the model list is not kept: ${directory} cannot be written`;
  }
}
