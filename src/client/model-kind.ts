/** Decides the kind of a model by the fields of its list entry, never by its owner. */
import type { ModelItem, ModelKind } from '../schemas/models.ts';

const byWord: Readonly<Record<string, ModelKind>> = {
  text: 'chat',
  chat: 'chat',
  // Chat with image input.
  vision: 'chat',
  image: 'image',
  video: 'video',
  audio: 'audio',
  speech: 'audio',
};

/** A kind from our own cache; null for any other word. */
export function asModelKind(value: unknown): ModelKind | null {
  return value === 'other' ? value : typeof value === 'string' ? (own(value) ?? null) : null;
}

function own(word: string): ModelKind | undefined {
  return Object.hasOwn(byWord, word) ? byWord[word] : undefined;
}

/** `list`: the kind of the list it came from; null for one of all kinds. */
export function kindOf(item: ModelItem, list: ModelKind | null): ModelKind {
  const { modality, output_modalities: outputs, object } = item;
  const words = [modality, outputs?.length === 1 ? outputs[0] : undefined];
  for (const word of words) {
    const kind = own(word?.toLowerCase() ?? '');
    if (kind !== undefined) return kind;
  }
  // Some models answer in text and images: text makes them chat models.
  if (outputs?.some((word) => word.toLowerCase() === 'text')) return 'chat';
  if (modality || outputs?.length) return 'other';
  return own(object?.toLowerCase() ?? '') ?? list ?? byName(item.id);
}

/** The last resort, if a list has only ids. */
function byName(id: string): ModelKind {
  const name = id.slice(id.lastIndexOf('/') + 1).toLowerCase();
  if (/image|dall-e|seedream|flux|stable-diffusion/.test(name)) return 'image';
  if (/seedance|happyhorse|kling|sora|veo-|wan\d.*[tir]2v|video/.test(name)) return 'video';
  if (/tts|whisper|speech|voice/.test(name)) return 'audio';
  if (/embed|rerank|tripo|seed3d/.test(name)) return 'other';
  return 'chat';
}
