/** What an MCP server answered, as a result for the model. Bytes do not go to the model: they become a note. It trusts no field. */
import { asObject, asText, jsonText } from '../../base/json.ts';

/** `content` and the rest: any JSON. An error is `{ error }`. */
export function toolResult(result: unknown): unknown {
  const { content, structuredContent, isError } = asObject(result) ?? {};
  const blocks: readonly unknown[] = Array.isArray(content) ? content : [];
  const text = blocks.map(blockText).join('\n');
  if (isError === true) return { error: text === '' ? 'the tool failed and says nothing' : text };
  if (structuredContent === undefined || structuredContent === null) return text;
  // Most servers send the same twice: as text, and as data or as the one field of it.
  if (text === '' || sameJson(text, structuredContent)) return structuredContent;
  const values = Object.values(asObject(structuredContent) ?? {});
  const isOnlyText = values.length === 1 && values[0] === text;
  return isOnlyText ? text : { text, structured: structuredContent };
}

function sameJson(text: string, value: unknown): boolean {
  try {
    return canonical(JSON.parse(text)) === canonical(value);
  } catch {
    return false;
  }
}

/** The same text for values that are equal as JSON. Throws for what is nested too deeply. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, one: unknown) => {
      const object = asObject(one);
      return object === null ? one : Object.fromEntries(Object.entries(object).sort(byKey));
    }) ?? ''
  );
}

function byKey([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

function blockText(value: unknown): string {
  const block = asObject(value) ?? {};
  switch (block.type) {
    case 'text':
      return typeof block.text === 'string' ? block.text : '';
    case 'image':
    case 'audio':
      return note(String(block.type), block.mimeType, block.data);
    case 'resource_link':
      return `[resource ${asText(block.uri) ?? 'without an address'}]`;
    case 'resource': {
      const { uri, text, blob, mimeType } = asObject(block.resource) ?? {};
      const name = `resource ${asText(uri) ?? 'without an address'}`;
      return typeof text === 'string' ? `[${name}]\n${text}` : note(name, mimeType, blob);
    }
    default:
      return jsonText(value) ?? '';
  }
}

/** `data`: base64. */
function note(what: string, type: unknown, data: unknown): string {
  const bytes = typeof data === 'string' ? Math.floor((data.length * 3) / 4) : 0;
  return `[${what}, ${asText(type) ?? 'of an unknown type'}, about ${bytes} bytes, not shown]`;
}
