/** Collects the images of a chat reply as they were sent: base64 or an address. It decodes, downloads and saves nothing. */
import { asObject, type JsonObject } from '../base/json.ts';
import type { Unread } from './unread.ts';

/** More than any model draws in one answer. */
const MAX_IMAGES = 64;
/** Bare text that is shorter, or has other characters, is not taken for base64. */
const LEAST_BASE64 = 64;

export interface Image {
  /** Base64, or a whole `data:` URL; null when there is only an address. */
  data: string | null;
  /** http or https. */
  url: string | null;
  /** What the server says it is. */
  mime: string | null;
}

/** Fields in which an image stands, alone or in an object; the first one that holds one counts. */
const fields = [
  'image_url', // OpenAI, OpenRouter
  'url',
  'b64_json', // the images API
  'data', // Ollama, Anthropic's source
  'image_base64',
  'image',
  'source', // Anthropic
  'inline_data', // Gemini
  'inlineData',
  'result', // the image_generation_call of OpenAI
];
const mimeFields = ['media_type', 'mime_type', 'mimeType'];

export class Images {
  readonly list: Image[] = [];
  private readonly seen = new Set<string>();
  private length = 0;

  /** How much is in memory, in UTF-16 units. */
  get held(): number {
    return this.length;
  }

  /** A list of images, or one: any JSON. */
  add(value: unknown, unread: Unread): void {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const item of items) {
      if (item === null || item === undefined || item === '') continue;
      const image = imageOf(item, 3);
      if (image === null) unread.note('an image');
      else this.addOne(image, unread);
    }
  }

  private addOne(image: Image, unread: Unread): void {
    const key = image.data ?? image.url ?? '';
    // The last message of a stream often repeats what came.
    if (this.seen.has(key)) return;
    if (this.list.length === MAX_IMAGES) {
      unread.note(`more than ${MAX_IMAGES} images`);
      return;
    }
    this.seen.add(key);
    this.length += key.length;
    this.list.push(image);
  }
}

function imageOf(value: unknown, depth: number): Image | null {
  if (typeof value === 'string') return fromText(value.trim());
  const object = asObject(value);
  if (object === null || depth === 0) return null;
  for (const field of fields) {
    const found = imageOf(object[field], depth - 1);
    if (found !== null) return { ...found, mime: found.mime ?? mimeOf(object) };
  }
  return null;
}

function fromText(text: string): Image | null {
  if (/^data:/i.test(text)) return { data: text, url: null, mime: null };
  if (/^https?:\/\//i.test(text)) return { data: null, url: text, mime: null };
  return isBareBase64(text) ? { data: text, url: null, mime: null } : null;
}

/** By a search for what is none: a pattern that runs over all of a large image overflows V8's stack. */
function isBareBase64(text: string): boolean {
  const end = text.endsWith('==') ? text.length - 2 : text.length - (text.endsWith('=') ? 1 : 0);
  if (end < LEAST_BASE64) return false;
  const foreign = text.search(/[^A-Za-z0-9+/_-]/);
  return foreign === -1 || foreign === end;
}

function mimeOf(object: JsonObject): string | null {
  const mime = mimeFields.map((field) => object[field]).find((one) => typeof one === 'string');
  return typeof mime === 'string' ? mime.slice(0, 100) : null;
}
