/** The public price catalogue of the sandbox: made-up prices and limits. Like the real one it does not hold every model. */

import type { JsonObject } from '../../base/json.ts';
import { alltoken } from '../../gateways/alltoken.ts';
import { Rejection, unknownModel } from '../envelope.ts';
import { imageModels, videoModels } from '../media/known-models.ts';
import { chatModality, describeModel, type Modality } from '../models.ts';
import { cachedPrice, catalogPrices, type ListUnit } from '../prices.ts';

interface CatalogueItem extends JsonObject {
  id: string;
}

/** Chats that can be had, but have no price here: what they cost must be unknown, and not nothing. */
const unlisted = ['kimi-k2.6', 'gpt-5.3-codex', 'qwen3-coder-next'];

interface Limits {
  prefix: string;
  /** Tokens of prompt and answer together. */
  context: number;
  /** Tokens of the longest answer. */
  output: number;
}

/** The first match counts. */
const limits: readonly Limits[] = [
  { prefix: 'gpt-', context: 400_000, output: 128_000 },
  { prefix: 'claude-', context: 200_000, output: 64_000 },
  { prefix: 'gemini-', context: 1_048_576, output: 65_536 },
  { prefix: 'qwen', context: 262_144, output: 65_536 },
];
const otherwise = { context: 131_072, output: 32_768 };

/** The body of GET /api-account/models: prices are strings, USD for as many tokens as `unit` says. */
export function catalogue(unit: ListUnit): unknown {
  return { data: items(unit) };
}

/** The body of GET /api-account/models/:id. Throws Rejection (404) for a model that the catalogue does not hold. */
export function catalogueModel(id: string, unit: ListUnit): unknown {
  const item = items(unit).find((candidate) => candidate.id === id);
  if (!item) throw new Rejection(unknownModel(id));
  return { data: item };
}

/** The body of GET /api-account/models/filters. Its shape on the real gateway is not known: this one is made up. */
export function catalogueFilters(): unknown {
  const families = alltoken.modelPrefixes.map((prefix) => prefix.replace(/-$/, ''));
  return {
    data: {
      note: 'made up by the alltoken sandbox',
      modalities: ['text', 'vision', 'image', 'video'],
      families,
      providers: ['sandbox-east', 'sandbox-west'],
    },
  };
}

function items(unit: ListUnit): CatalogueItem[] {
  const chats = alltoken.knownModels.filter((id) => !unlisted.includes(id));
  return [
    ...chats.map((id) => chatItem(id, unit)),
    ...imageModels.map((id) => anyItem(id, 'image', unit)),
    ...videoModels.map(({ id }) => anyItem(id, 'video', unit)),
  ];
}

function anyItem(id: string, modality: Modality, unit: ListUnit): CatalogueItem {
  return { id, ...catalogPrices(id, unit), ...describeModel(id, modality) };
}

function chatItem(id: string, unit: ListUnit): CatalogueItem {
  const { context, output } = limits.find(({ prefix }) => id.startsWith(prefix)) ?? otherwise;
  return {
    ...anyItem(id, chatModality(id), unit),
    cached_input_price: cachedPrice(id, unit),
    context_length: context,
    max_output_tokens: output,
  };
}
