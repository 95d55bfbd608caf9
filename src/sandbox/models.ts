/** The sandbox's model lists and price catalogue, from the ids that AllToken is known to have. It invents no other model. */
import { alltoken } from '../gateways/alltoken.ts';
import { capabilities, imageModels, videoModels } from './media/known-models.ts';
import { catalogPrices } from './prices.ts';

/** Any fixed second in 2026: the list must not change from one call to the next. */
const created = 1_770_000_000;

type Modality = 'text' | 'image' | 'video';

/** The body of GET /v1/models: chat only. */
export function modelList(): unknown {
  return listOf(alltoken.knownModels.map((id) => listItem(id, 'text', 'model')));
}

/** The body of GET /v1/images/models. */
export function imageModelList(): unknown {
  return listOf(imageModels.map((id) => listItem(id, 'image', 'image')));
}

/** The body of GET /v1/videos/models: with what each can do. */
export function videoModelList(): unknown {
  return listOf(
    videoModels.map((model) => ({
      ...listItem(model.id, 'video', 'video'),
      capabilities: capabilities(model),
    })),
  );
}

/** The body of GET /api-account/models: prices are strings, USD for a million tokens, and made up. */
export function catalogue(): unknown {
  const data = [
    ...alltoken.knownModels.map((id) => catalogueItem(id, 'text')),
    ...imageModels.map((id) => catalogueItem(id, 'image')),
    ...videoModels.map(({ id }) => catalogueItem(id, 'video')),
  ];
  return { data };
}

function listOf(data: readonly object[]): unknown {
  return { object: 'list', data };
}

function listItem(id: string, modality: Modality, object: string): object {
  return {
    id,
    object,
    created,
    owned_by: 'sandbox',
    modality,
    display_name: displayName(id),
    input_modalities: modality === 'text' ? ['text'] : ['text', 'image'],
    output_modalities: [modality],
  };
}

function catalogueItem(id: string, modality: Modality): object {
  return {
    id,
    ...catalogPrices(id),
    output_modalities: [modality],
    display_name: displayName(id),
  };
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
