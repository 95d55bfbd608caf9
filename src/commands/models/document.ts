/** Models in the public JSON, and as text. */

import type { Deps } from '../../base/deps.ts';
import { EXIT_OK } from '../../base/errors.ts';
import { ageOf } from '../../client/cached-models.ts';
import type { Catalogue, CatalogueModel } from '../../client/catalogue.ts';
import type { Gateway } from '../../gateways/types.ts';
import { priceDocument } from '../../money/price-document.ts';
import type { ModelDocument, ModelsDocument } from '../../schemas/models-document.ts';

/** `total`: how many there are, before a limit. */
export function modelsDocument(
  { id: gateway }: Gateway,
  catalogue: Catalogue,
  models: readonly CatalogueModel[],
  total: number,
  deps: Pick<Deps, 'clock'>,
): ModelsDocument {
  const age = ageOf(catalogue, deps);
  return {
    schema: 'alltoken.models.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'models',
    gateway,
    fetched_at: catalogue.fetchedAt === null ? null : new Date(catalogue.fetchedAt).toISOString(),
    age_seconds: age === null ? null : Math.max(0, Math.floor(age / 1000)),
    total,
    models: models.map(modelDocument),
  };
}

function modelDocument(model: CatalogueModel): ModelDocument {
  const { id, kind, name, description, context, max_output } = model;
  const { input_modalities, output_modalities, capabilities } = model;
  const prices = priceDocument(model);
  const limits = { context, max_output, input_modalities, output_modalities, capabilities };
  return { id, kind, name, description, prices, ...limits };
}

/** `256k`, `1M`, `1.05M`: for people; a number that is not round loses its last digits. */
export function tokenWords(count: number | null): string {
  if (count === null) return 'unknown';
  if (count < 1000) return String(count);
  const [size, unit] = count < 999_500 ? [count / 1000, 'k'] : [count / 1e6, 'M'];
  return `${Number(size.toPrecision(3))}${unit}`;
}

/** A price for a table: at least two decimals, so that the points align. */
export function priceWords(price: string | null): string {
  if (price === null) return 'unknown';
  const [whole = '', fraction = ''] = price.split('.');
  return `${whole}.${fraction.padEnd(2, '0')}`;
}
