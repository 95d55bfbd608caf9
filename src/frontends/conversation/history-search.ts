/** Ctrl-R: finds the newest message with these words in it, then older ones. It draws nothing. */
import type { Line } from './folded-text.ts';

const MAX_QUERY = 60;

export class HistorySearch {
  /** The line when the search began. */
  readonly before: Line;
  private readonly history: readonly string[];
  private query = '';
  private index = -1;

  constructor(history: readonly string[], before: Line) {
    this.history = history;
    this.before = before;
  }

  /** null while nothing is found. */
  get found(): string | null {
    return this.history[this.index] ?? null;
  }

  get prompt(): string {
    const failed = this.query !== '' && this.found === null ? 'not in the ' : '';
    return `(${failed}history) ${this.query}: `;
  }

  add(text: string): void {
    this.query = [...(this.query + text)].slice(0, MAX_QUERY).join('');
    this.find(Math.max(this.index, 0));
  }

  shorten(): void {
    this.query = [...this.query].slice(0, -1).join('');
    this.find(0);
  }

  older(): void {
    const next = this.matchFrom(this.index + 1);
    if (next !== -1) this.index = next;
  }

  private find(from: number): void {
    this.index = this.query === '' ? -1 : this.matchFrom(from);
  }

  private matchFrom(from: number): number {
    const wanted = this.query.toLowerCase();
    if (wanted === '') return -1;
    return this.history.findIndex((text, at) => at >= from && text.toLowerCase().includes(wanted));
  }
}
