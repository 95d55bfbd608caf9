/** Collects the pictures of a chat reply as they were sent: base64 or an address. It decodes, downloads and saves nothing. */
import { asObject, type JsonObject } from '../base/json.ts';
import type { Unread } from './unread.ts';

/** More than any model draws in one answer. */
const MAX_PICTURES = 64;
/** Bare text that is shorter, or has other characters, is not taken for base64. */
const bareBase64 = /^[A-Za-z0-9+/_-]{64,}={0,2}\s*$/;

export interface Picture {
  /** Base64, or a whole `data:` URL; null when there is only an address. */
  data: string | null;
  /** http or https. */
  url: string | null;
  /** What the server says it is. */
  mime: string | null;
}

/** Fields in which a picture stands, alone or in an object; the first one that holds one counts. */
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

export class Pictures {
  readonly list: Picture[] = [];
  private readonly seen = new Set<string>();
  private length = 0;

  /** How much is in memory, in UTF-16 units. */
  get held(): number {
    return this.length;
  }

  /** A list of pictures, or one: any JSON. */
  add(value: unknown, unread: Unread): void {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const item of items) {
      if (item === null || item === undefined || item === '') continue;
      const picture = pictureOf(item, 3);
      if (picture === null) unread.note('a picture');
      else this.addOne(picture, unread);
    }
  }

  private addOne(picture: Picture, unread: Unread): void {
    const key = picture.data ?? picture.url ?? '';
    // The last message of a stream often repeats what came.
    if (this.seen.has(key)) return;
    if (this.list.length === MAX_PICTURES) {
      unread.note(`more than ${MAX_PICTURES} pictures`);
      return;
    }
    this.seen.add(key);
    this.length += key.length;
    this.list.push(picture);
  }
}

function pictureOf(value: unknown, depth: number): Picture | null {
  if (typeof value === 'string') return fromText(value.trim());
  const object = asObject(value);
  if (object === null || depth === 0) return null;
  for (const field of fields) {
    const found = pictureOf(object[field], depth - 1);
    if (found !== null) return { ...found, mime: found.mime ?? mimeOf(object) };
  }
  return null;
}

function fromText(text: string): Picture | null {
  if (/^data:/i.test(text)) return { data: text, url: null, mime: null };
  if (/^https?:\/\//i.test(text)) return { data: null, url: text, mime: null };
  return bareBase64.test(text) ? { data: text, url: null, mime: null } : null;
}

function mimeOf(object: JsonObject): string | null {
  const mime = mimeFields.map((field) => object[field]).find((one) => typeof one === 'string');
  return typeof mime === 'string' ? mime.slice(0, 100) : null;
}
