/** Which kind of thing a model makes, told by what a list says of it and never by who owns it. */
import type { ModelItem, ModelKind } from '../schemas/models.ts';

const byWord: Readonly<Record<string, ModelKind>> = {
  text: 'chat',
  chat: 'chat',
  // Chat that takes pictures.
  vision: 'chat',
  image: 'image',
  video: 'video',
  audio: 'audio',
  speech: 'audio',
};

/** A kind as it stands in our own cache; null for any other word. */
export function asModelKind(value: unknown): ModelKind | null {
  return value === 'other' ? value : typeof value === 'string' ? (own(value) ?? null) : null;
}

function own(word: string): ModelKind | undefined {
  return Object.hasOwn(byWord, word) ? byWord[word] : undefined;
}

/** `list`: the kind of the list that it came from; null for one of all kinds. */
export function kindOf(item: ModelItem, list: ModelKind | null): ModelKind {
  const { modality, output_modalities: outputs, object } = item;
  const words = [modality, outputs?.length === 1 ? outputs[0] : undefined];
  for (const word of words) {
    const kind = own(word?.toLowerCase() ?? '');
    if (kind !== undefined) return kind;
  }
  // Some models answer in text and pictures: text makes them a chat.
  if (outputs?.some((word) => word.toLowerCase() === 'text')) return 'chat';
  if (modality || outputs?.length) return 'other';
  return own(object?.toLowerCase() ?? '') ?? list ?? byName(item.id);
}

/** The last resort, where a list says nothing but ids. */
function byName(id: string): ModelKind {
  const name = id.slice(id.lastIndexOf('/') + 1).toLowerCase();
  if (/image|dall-e|seedream|flux|stable-diffusion/.test(name)) return 'image';
  if (/seedance|happyhorse|kling|sora|veo-|wan\d.*[tir]2v|video/.test(name)) return 'video';
  if (/tts|whisper|speech|voice/.test(name)) return 'audio';
  if (/embed|rerank|tripo|seed3d/.test(name)) return 'other';
  return 'chat';
}
