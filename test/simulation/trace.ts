/** What happened in a world, line by line, and a hash of it to compare two runs; nothing where nobody reads it. */

export class Trace {
  #one = 0x811c9dc5;
  #two = 0x1234567;
  /** null: not kept. */
  readonly lines: string[] | null;

  constructor(isKept: boolean) {
    this.lines = isKept ? [] : null;
  }

  /** `at` in ms; `actor` is a process, the gateway, or the world itself. `what`: a function where the words take time to make. */
  add(at: number, actor: string, what: string | (() => string)): void {
    if (this.lines === null) return;
    const line = `${at.toFixed(3)} ${actor} ${typeof what === 'string' ? what : what()}`;
    let one = this.#one;
    let two = this.#two;
    for (let index = 0; index < line.length; index += 1) {
      const letter = line.charCodeAt(index);
      one = Math.imul(one ^ letter, 0x01000193);
      two = Math.imul(two ^ letter, 0x5bd1e995);
    }
    this.#one = one;
    this.#two = two;
    this.lines.push(line);
  }

  /** null where the trace is not kept. */
  hash(): string | null {
    if (this.lines === null) return null;
    return [this.#one, this.#two]
      .map((half) => (half >>> 0).toString(16).padStart(8, '0'))
      .join('');
  }
}
