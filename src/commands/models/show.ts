/** `alltoken models <id>`: all that is known of one model. */

import type { Deps } from '../../base/deps.ts';
import type { JsonObject } from '../../base/json.ts';
import type { CatalogueModel } from '../../client/catalogue.ts';
import { loadSettings } from '../../config/settings.ts';
import type { Gateway, SearchRule } from '../../gateways/types.ts';
import type { PriceTier } from '../../money/prices.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { ModelsDocument } from '../../schemas/models-document.ts';
import { findModelPage } from '../../work/find-model.ts';
import { loadModels } from '../../work/model-list.ts';
import { cellOf } from './board-tables.ts';
import { capabilityRows } from './capabilities.ts';
import { modelsDocument } from './document.ts';
import type { ModelsFlags } from './options.ts';

export async function* showModel(
  word: string,
  flags: ModelsFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const settings = await loadSettings(deps, flags);
  for (const message of settings.notes) yield { type: 'warning', message };
  const wants = { needKey: true, refresh: flags.refresh === true };
  const catalogue = yield* loadModels(settings, wants, deps);
  const { kind: type = 'all' } = flags;
  const models = catalogue.models.filter(({ kind }) => type === 'all' || kind === type);
  const { model, page } = yield* findModelPage(word, { models }, settings, deps);
  const search = model.kind === 'chat' ? searchOf(model.id, settings.gateway) : null;
  const rows = [
    ...factRows(model),
    ...capabilityRows(model.capabilities),
    ...searchRows(search),
    ...pageRows(page, deps.stdout.isTerminal),
  ];
  yield {
    type: 'output',
    content: { table: { head: [], rows } },
    document: { ...modelsDocument(settings.gateway, catalogue, [model], 1, deps), search, page },
  };
}

function factRows(model: CatalogueModel): (readonly [string, string])[] {
  const price = (value: string | null): string => value ?? 'unknown';
  const rows: [string, string | null][] = [
    ['id', model.id],
    ['kind', model.kind],
    ['name', model.name],
    ['description', model.description],
    ['input $/M', price(model.input)],
    ['output $/M', price(model.output)],
    ['cached input $/M', model.cached_input],
    ['cache write $/M', model.cache_write ?? null],
    ['reasoning $/M', model.reasoning ?? null],
    ['request $', model.request ?? null],
    ...(model.tiers ?? []).map(tierRow),
    ['also priced', model.others?.join(', ') ?? null],
    ['prices in', model.currency ?? null],
    ['context', model.context === null ? null : `${model.context} tokens`],
    ['longest answer', model.max_output === null ? null : `${model.max_output} tokens`],
    ['takes', model.input_modalities?.join(', ') ?? null],
    ['makes', model.output_modalities?.join(', ') ?? null],
  ];
  return rows.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}

/** `from 200000` `input 2.5, output 15`. */
function tierRow({ from, ...rates }: PriceTier): [string, string | null] {
  const words = Object.entries(rates).flatMap(([name, price]) =>
    price == null ? [] : [`${name.replaceAll('_', ' ')} ${price}`],
  );
  return [`prompt from ${from}`, words.join(', ')];
}

/** Fields of the page that the rows above say already, or that say nothing. */
const said: ReadonlySet<string> = new Set([
  ...['id', 'object', 'created', 'modality', 'display_name', 'name', 'description', 'capabilities'],
  ...['input_modalities', 'output_modalities', 'architecture', 'context_length', 'context_window'],
  ...['max_output_length', 'max_output_tokens', 'input_price', 'prompt_price', 'output_price'],
  ...['completion_price', 'cached_input_price', 'pricing', 'logo_url'],
]);

/** What only the gateway's own page has, by the names that it uses. Its shape is not documented. */
function pageRows(page: JsonObject | null, forPeople: boolean): (readonly [string, string])[] {
  return Object.entries(page ?? {}).flatMap(([name, value]) => {
    const words = said.has(name) ? '' : cellOf(value, { forPeople });
    return words === '' ? [] : [[name, words] as const];
  });
}

function searchOf(id: string, { chat }: Gateway): NonNullable<ModelsDocument['search']> | null {
  const rule = chat.search?.rules.find(({ prefix }) => id.startsWith(prefix));
  return rule && chat.search ? { effect: rule.effect, probed: chat.search.probed } : null;
}

const searchWords: Readonly<Record<SearchRule['effect'], string>> = {
  searches: 'searches the web',
  ignored: 'ignores the search flag',
  unreliable: 'answers nothing or refuses when it is to search',
  fails: 'the gateway fails when it is to search',
};

function searchRows(search: ModelsDocument['search']): (readonly [string, string])[] {
  if (!search) return [];
  return [['search', `${searchWords[search.effect]} (tried on ${search.probed})`]];
}
