/** Remembers which kinds of content a server sent that were not understood, so that nothing is lost without a word. It keeps no content. */
import { shorten } from '../base/json.ts';

/** Kinds that are named; more are only counted. */
const MAX_KINDS = 8;

export class Unread {
  private readonly kinds = new Set<string>();
  private readonly fields = new Set<string>();
  private isMore = false;

  /** Something that was sent as content, reasoning or a tool call, and cannot be read. */
  note(kind: string): void {
    if (this.kinds.size < MAX_KINDS) this.kinds.add(kind);
    else if (!this.kinds.has(kind)) this.isMore = true;
  }

  /** As `note`, for a kind that the server named. */
  noteNamed(what: string, name: unknown): void {
    const word = typeof name === 'string' ? shorten(name.replace(/[^\w.\-/]/g, '_'), 40) : '';
    this.note(word === '' ? what : `${what} "${word}"`);
  }

  /** A field that no vendor is known to send: worth a word only where the answer is empty otherwise. */
  noteField(place: string, name: string): void {
    if (this.fields.size < MAX_KINDS)
      this.fields.add(`${place}.${shorten(name.replace(/[^\w.-]/g, '_'), 40)}`);
  }

  /** One sentence; null when everything was understood. */
  warning(isEmpty: boolean): string | null {
    const kinds = [...this.kinds];
    if (isEmpty) kinds.push(...[...this.fields].map((field) => `the field ${field}`));
    if (kinds.length === 0) return null;
    const more = this.isMore ? ' and more' : '';
    return `the server sent content of a kind that is not supported: ${kinds.join(', ')}${more}; --debug shows it`;
  }
}
