/** The sandbox's model list and price catalogue, from the ids that AllToken is known to have. It invents no other model. */
import { alltoken } from '../gateways/alltoken.ts';
import { catalogPrices } from './prices.ts';

/** Any fixed second in 2026: the list must not change from one call to the next. */
const created = 1_770_000_000;

/** The body of GET /v1/models. */
export function modelList(): unknown {
  const data = alltoken.knownModels.map((id) => ({
    id,
    object: 'model',
    created,
    owned_by: 'sandbox',
    modality: 'text',
    display_name: displayName(id),
    input_modalities: ['text'],
    output_modalities: ['text'],
  }));
  return { object: 'list', data };
}

/** The body of GET /api-account/models: prices are strings, USD for a million tokens, and made up. */
export function catalogue(): unknown {
  const data = alltoken.knownModels.map((id) => ({
    id,
    ...catalogPrices(id),
    output_modalities: ['text'],
    display_name: displayName(id),
  }));
  return { data };
}

/** Known, or of a known family with a number in it: new models appear there every week. */
export function isServed(model: string): boolean {
  if (alltoken.knownModels.includes(model)) return true;
  return /\d/.test(model) && alltoken.modelPrefixes.some((prefix) => model.startsWith(prefix));
}

/** What the search flag does to a model; `ignored` when nobody has tried. */
export function searchEffect(model: string): 'searches' | 'ignored' | 'fails' {
  const rule = alltoken.chat.search?.find(({ prefix }) => model.startsWith(prefix));
  return rule?.effect ?? 'ignored';
}

/** `gpt-5.4-nano` → `Gpt 5.4 Nano (sandbox)`. */
function displayName(id: string): string {
  const words = id.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join(' ')} (sandbox)`;
}
