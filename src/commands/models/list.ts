/** `alltoken models`: the list, as it was asked for. */

import type { Deps } from '../../base/deps.ts';
import type { CatalogueModel } from '../../client/catalogue.ts';
import { byId, idLines, isOfType, leftOutWords } from '../../client/listing.ts';
import { nearest } from '../../config/nearest.ts';
import { loadSettings } from '../../config/settings.ts';
import { compare, parseDecimal } from '../../money/decimal.ts';
import type { OutputEvent, Table } from '../../schemas/events.ts';
import { loadModels } from '../../work/model-list.ts';
import { modelsDocument, priceWords, tokenWords } from './document.ts';
import type { ModelsFlags } from './options.ts';

export async function* listModels(
  flags: ModelsFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const settings = await loadSettings(deps, flags);
  for (const message of settings.notes) yield { type: 'warning', message };
  const wants = { needKey: true, refresh: flags.refresh === true };
  const catalogue = yield* loadModels(settings, wants, deps);
  const type = flags.kind ?? 'chat';
  const found = catalogue.models.filter((model) => matches(model, flags.filter));
  const ofType = found.filter((model) => isOfType(model, type));
  const sorted = ofType.toSorted(orders[flags.sort ?? 'id']);
  const shown = sorted.slice(0, flags.limit ?? sorted.length);
  const left = sorted.length - shown.length;
  if (left > 0)
    yield {
      type: 'status',
      message: `${left} more ${left === 1 ? 'model is' : 'models are'} left out; see --limit`,
    };
  // Who named a kind knows that there are others.
  const others = flags.kind === undefined ? leftOutWords(found, type) : null;
  if (others !== null && shown.length > 0) yield { type: 'status', message: others };
  if (shown.length === 0)
    yield { type: 'status', message: nothingWords(flags, found, catalogue.models) };
  yield {
    type: 'output',
    content: contentOf(shown, type === 'all', flags.prices === true, deps.stdout.isTerminal),
    document: modelsDocument(settings.gateway, catalogue, shown, sorted.length, deps),
  };
}

function matches({ id, name }: CatalogueModel, filter = ''): boolean {
  const wanted = filter.toLowerCase();
  return id.toLowerCase().includes(wanted) || (name ?? '').toLowerCase().includes(wanted);
}

type Order = (a: CatalogueModel, b: CatalogueModel) => number;

/** The lowest first, what is not known last, equal ones by id. */
function byAmount(read: (model: CatalogueModel) => string | null): Order {
  return (a, b) => {
    const [x, y] = [parseDecimal(read(a) ?? ''), parseDecimal(read(b) ?? '')];
    if (x === null || y === null) return Number(x === null) - Number(y === null) || byId(a, b);
    return compare(x, y) || byId(a, b);
  };
}

const orders = {
  id: byId,
  input: byAmount(({ input }) => input),
  output: byAmount(({ output }) => output),
  context: byAmount(({ context }) => (context === null ? null : String(context))),
} as const;

function contentOf(
  models: readonly CatalogueModel[],
  ofAllKinds: boolean,
  withPrices: boolean,
  isTerminal: boolean,
): (OutputEvent & { type: 'output' })['content'] {
  if (models.length === 0) return { text: '' };
  if (isTerminal) return { table: forPeople(models, ofAllKinds, withPrices) };
  if (!withPrices) return { text: idLines(models) };
  const known = (value: string | number | null): string => String(value ?? 'unknown');
  const rows = models.map(({ id, input, output, cached_input: cached, context }) =>
    [id, input, output, cached, context].map(known),
  );
  return { table: { head: [], rows } };
}

interface Column {
  head: string;
  right?: true;
  /** Dropped on narrow terminals, the lowest first. */
  goes?: number;
  cell(model: CatalogueModel): string;
}

function forPeople(
  models: readonly CatalogueModel[],
  ofAllKinds: boolean,
  withPrices: boolean,
): Table {
  const kind: Column = { head: 'kind', goes: 2, cell: (model) => model.kind ?? 'unknown' };
  const cached: Column = {
    head: 'cached $/M',
    right: true,
    goes: 1,
    cell: (model) => priceWords(model.cached_input),
  };
  const columns: Column[] = [
    { head: 'id', cell: ({ id }) => id },
    ...(ofAllKinds ? [kind] : []),
    { head: 'input $/M', right: true, cell: ({ input }) => priceWords(input) },
    { head: 'output $/M', right: true, cell: ({ output }) => priceWords(output) },
    ...(withPrices ? [cached] : []),
    { head: 'context', right: true, goes: 0, cell: ({ context }) => tokenWords(context) },
  ];
  const optional = columns
    .flatMap(({ goes }, index) => (goes === undefined ? [] : [{ goes, index }]))
    .sort((a, b) => a.goes - b.goes)
    .map(({ index }) => index);
  return {
    head: columns.map(({ head }) => head),
    align: columns.map(({ right }) => (right ? 'right' : 'left')),
    optional,
    rows: models.map((model) => columns.map(({ cell }) => cell(model))),
  };
}

/** Why there is nothing to show, and what was probably meant. */
function nothingWords(
  { kind: type = 'chat', filter }: ModelsFlags,
  ofOtherKinds: readonly CatalogueModel[],
  all: readonly CatalogueModel[],
): string {
  const kind = type === 'all' ? 'model' : `${type} model`;
  if (filter === undefined)
    return all.length === 0
      ? 'the gateway lists no models'
      : `no ${kind} is listed; see alltoken models --kind all`;
  const none = `no ${kind} has ${JSON.stringify(filter)} in its id or name`;
  if (ofOtherKinds.length > 0)
    return `${none}; other kinds have: alltoken models --kind all --filter ${JSON.stringify(filter)}`;
  const words = all.flatMap(({ id }) => [id, ...id.split(/[-/:]/)]).filter((word) => word !== '');
  const near = nearest(filter, new Set(words));
  return near === null ? none : `${none}; did you mean ${JSON.stringify(near)}?`;
}
