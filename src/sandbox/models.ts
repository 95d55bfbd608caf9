/** The sandbox's lists of models, from the ids that AllToken is known to have, and what it says of each. It invents no other model. */
import { alltoken } from '../gateways/alltoken.ts';
import { capabilities, imageModels, videoModels } from './media/known-models.ts';

/** Any fixed second in 2026: the list must not change from one call to the next. */
const created = 1_770_000_000;

/** vision: a chat model with image input. */
export type Modality = 'text' | 'vision' | 'image' | 'video';

const visionModels = ['gemini-3.1-pro-preview'];

/** As on the real gateway, `owned_by` does not show the kind: these video models belong to "chat" too, and these chats do not. */
const videosOwnedByChat = ['seedance-1.5-pro', 'seedance-2.0'];
const chatsOwnedByOthers = /^(glm|minimax)-/;

/** The body of GET /v1/models: chat only. */
export function modelList(): unknown {
  return listOf(alltoken.knownModels.map((id) => listItem(id, chatModality(id), 'model')));
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

export function chatModality(id: string): Modality {
  return visionModels.includes(id) ? 'vision' : 'text';
}

/** What a list and the catalogue both say of a model. */
export function describeModel(id: string, modality: Modality): object {
  return {
    modality,
    display_name: displayName(id),
    description: `A stand-in for ${id} in the alltoken sandbox: no model is behind it.`,
    input_modalities: modality === 'text' ? ['text'] : ['text', 'image'],
    output_modalities: [modality === 'vision' ? 'text' : modality],
  };
}

/** Known, or of a known family with a number in it: new models appear there every week. */
export function isServed(model: string): boolean {
  if (alltoken.knownModels.includes(model)) return true;
  return /\d/.test(model) && alltoken.modelPrefixes.some((prefix) => model.startsWith(prefix));
}

function listOf(data: readonly object[]): unknown {
  return { object: 'list', data };
}

function listItem(id: string, modality: Modality, object: string): object {
  return { id, object, created, owned_by: owner(id, modality), ...describeModel(id, modality) };
}

function owner(id: string, modality: Modality): string {
  if (modality === 'image' || modality === 'video') {
    return videosOwnedByChat.includes(id) ? 'chat' : 'sandbox';
  }
  return chatsOwnedByOthers.test(id) ? 'sandbox' : 'chat';
}

/** `gpt-5.4-nano` → `Gpt 5.4 Nano (sandbox)`. */
function displayName(id: string): string {
  const words = id.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join(' ')} (sandbox)`;
}
