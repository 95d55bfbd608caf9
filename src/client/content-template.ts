/**
 * Most chunks of an answer differ from the last one only in their text. This recognises such chunks, and then only the text
 * is parsed: a tenth of the garbage, so a long answer needs the memory of a short one. It never guesses; what does not
 * match exactly is parsed completely.
 */
import { asObject, parseLoosely } from '../base/json.ts';

/** After this many misses it gives up: the server changes something in every chunk (a time, padding). */
const GIVE_UP_AFTER = 8;

export class ContentTemplate {
  private head = '';
  private tail = '';
  /** Of the choice that the learned chunk is of. */
  index = 0;
  private missesLeft = GIVE_UP_AFTER;

  /** The text of a chunk that otherwise equals the learned one; null when it must be parsed. */
  match(data: string): string | null {
    const { head, tail } = this;
    if (head === '' || data.length < head.length + tail.length) return null;
    if (!data.startsWith(head) || !data.endsWith(tail)) return null;
    try {
      // Exactly one JSON string between the same head and tail is the same document with another string in it.
      const words: unknown = JSON.parse(data.slice(head.length, data.length - tail.length));
      return typeof words === 'string' ? words : null;
    } catch {
      return null;
    }
  }

  /** Learns from a chunk that was parsed completely and contains only text. */
  learn(data: string, json: unknown): void {
    if (this.missesLeft === 0) return;
    const words = onlyWords(json);
    if (words === null) return;
    this.missesLeft -= 1;
    const literal = `"content":${JSON.stringify(words)}`;
    const at = data.indexOf(literal);
    if (at === -1 || at !== data.lastIndexOf(literal)) return;
    const head = data.slice(0, at + '"content":'.length);
    const tail = data.slice(at + literal.length);
    // The proof: other text at this position must be read as the text of the answer.
    if (onlyWords(parseLoosely(`${head}"other words"${tail}`)) !== 'other words') return;
    this.head = head;
    this.tail = tail;
    this.index = indexIn(json);
  }
}

function indexIn(json: unknown): number {
  const choices = asObject(json)?.choices;
  const index = asObject(Array.isArray(choices) ? choices[0] : null)?.index;
  return typeof index === 'number' ? index : 0;
}

/** The text of a chunk that contains nothing else; null otherwise. */
function onlyWords(json: unknown): string | null {
  const chunk = asObject(json);
  if (!chunk || !Array.isArray(chunk.choices) || chunk.choices.length !== 1) return null;
  if (asObject(chunk.usage) || (chunk.error !== undefined && chunk.error !== null)) return null;
  const choice = asObject(chunk.choices[0]);
  const delta = asObject(choice?.delta);
  if (choice?.finish_reason || asObject(choice?.message) || typeof delta?.content !== 'string')
    return null;
  const others = Object.entries(delta).filter(([key]) => key !== 'content' && key !== 'role');
  const isNothing = (value: unknown): boolean =>
    value === null || value === '' || (Array.isArray(value) && value.length === 0);
  return others.every(([, value]) => isNothing(value)) ? delta.content : null;
}
