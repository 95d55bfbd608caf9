/** Collects the sources that an answer names, wherever a vendor puts them. It opens none of them. */
import { asObject, asText, type JsonObject, oneLine, shorten } from '../base/json.ts';
import type { Citation } from '../schemas/chat.ts';

/** More than any answer names. */
const MAX_CITATIONS = 200;
const MAX_URL_LENGTH = 2048;
const MAX_TITLE_LENGTH = 300;

/** Fields that hold an address, and objects around them. */
const urlFields = ['url', 'link', 'uri', 'href', 'source_url'];
const wrappers = ['url_citation', 'web', 'source'];

export class Citations {
  private readonly byUrl = new Map<string, Citation>();

  /** A list of addresses or objects, or one of them: any JSON. */
  add(value: unknown): void {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const item of items.slice(0, MAX_CITATIONS)) this.addOne(item);
  }

  get list(): Citation[] {
    return [...this.byUrl.values()];
  }

  private addOne(item: unknown): void {
    const found = citationOf(item, 1);
    if (found === null) return;
    const known = this.byUrl.get(found.url);
    if (known) known.title ??= found.title;
    else if (this.byUrl.size < MAX_CITATIONS) this.byUrl.set(found.url, found);
  }
}

function citationOf(item: unknown, depth: number): Citation | null {
  if (typeof item === 'string') return urlOf(item, null);
  const object = asObject(item);
  if (object === null) return null;
  for (const field of urlFields) {
    const url = object[field];
    if (typeof url === 'string' && url.trim() !== '') return urlOf(url, titleOf(object));
  }
  if (depth === 0) return null;
  for (const wrapper of wrappers) {
    const found = citationOf(object[wrapper], depth - 1);
    if (found !== null) return { ...found, title: found.title ?? titleOf(object) };
  }
  return null;
}

function urlOf(text: string, title: string | null): Citation | null {
  if (text.length > MAX_URL_LENGTH) return null;
  const url = oneLine(text).replaceAll(' ', '%20');
  return /^https?:\/\//i.test(url) ? { url, title } : null;
}

function titleOf(object: JsonObject): string | null {
  const title = asText(object.title) ?? asText(object.name);
  return title === null ? null : shorten(oneLine(title), MAX_TITLE_LENGTH) || null;
}
