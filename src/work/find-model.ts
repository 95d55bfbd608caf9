/** One model by its id or alias, with its price: from the list, else from the catalogue, which has some that it does not list. */

import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { runStep } from '../base/next-step.ts';
import type { Catalogue, CatalogueModel } from '../client/catalogue.ts';
import type { PublicModel } from '../client/models.ts';
import { nearest } from '../config/nearest.ts';
import type { Settings } from '../config/settings.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { aliased } from './aliases.ts';
import { withGateway } from './connection.ts';

/** `offline`: no request is sent. Throws `not_found` with likely ids; a failed catalogue request is a warning. */
export async function* findModel(
  word: string,
  { models }: Pick<Catalogue, 'models'>,
  offline: boolean,
  settings: Settings,
  deps: Deps,
): AsyncGenerator<OutputEvent, CatalogueModel, undefined> {
  const id = aliased(word, settings.config);
  const listed = models.find((model) => model.id === id);
  if (listed !== undefined && (listed.input !== null || listed.output !== null)) return listed;
  const fetched = offline ? null : yield* askForOne(id, settings, deps);
  return joined(id, listed, fetched?.model ?? null, models, settings);
}

/** As `findModel`, and the gateway's own page of the model, as sent; null where it has none. */
export async function* findModelPage(
  word: string,
  { models }: Pick<Catalogue, 'models'>,
  settings: Settings,
  deps: Deps,
): AsyncGenerator<
  OutputEvent,
  { model: CatalogueModel; page: PublicModel['page'] | null },
  undefined
> {
  const id = aliased(word, settings.config);
  const listed = models.find((model) => model.id === id);
  const fetched = yield* askForOne(id, settings, deps);
  const model = joined(id, listed, fetched?.model ?? null, models, settings);
  return { model, page: fetched?.page ?? null };
}

/** What the list knows, and what only the page does. */
function joined(
  id: string,
  listed: CatalogueModel | undefined,
  fetched: CatalogueModel | null,
  models: readonly CatalogueModel[],
  settings: Settings,
): CatalogueModel {
  const model = fetched ?? listed;
  if (model === undefined) throw unknownModel(id, models, settings);
  const known = Object.entries(listed ?? {}).filter(([, value]) => value !== null);
  return { ...model, ...Object.fromEntries(known), id };
}

async function* askForOne(
  id: string,
  settings: Settings,
  deps: Deps,
): AsyncGenerator<OutputEvent, PublicModel | null, undefined> {
  if (settings.gateway.catalogue === null) return null;
  const { fetchPublicModel } = await import('../client/models.ts');
  try {
    return yield* withGateway(settings, null, deps, ({ gateway, policy, fetch }) =>
      fetchPublicModel(gateway, id, { ...policy, maxTries: 1 }, fetch, deps),
    );
  } catch (error) {
    if (!(error instanceof CliError) || error.isStop) throw error;
    const message = `cannot look up ${id} in the catalogue: ${error.message}`;
    yield { type: 'warning', message };
    return null;
  }
}

function unknownModel(
  id: string,
  models: readonly CatalogueModel[],
  { gateway }: Settings,
): CliError {
  const ids = models.map((model) => model.id);
  const near = nearest(id, ids);
  const alike = ids.filter((other) => other.toLowerCase().includes(id.toLowerCase()));
  const best = [...new Set([...(near === null ? [] : [near]), ...alike])].slice(0, 4);
  return new CliError('not_found', `${gateway.label} lists no model ${JSON.stringify(id)}`, {
    code: 'model_not_found',
    billed: 'no',
    next:
      best.length === 0
        ? runStep(['models', '--kind', 'all', '-g', gateway.id])
        : { do: 'did-you-mean', values: best },
  });
}
