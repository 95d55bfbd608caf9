/** What happened in a world, line by line: a hash to compare two runs, and the lines themselves where somebody reads them. */

export class Trace {
  #one = 0x811c9dc5;
  #two = 0x1234567;
  readonly lines: string[] | null;

  constructor(keepsLines: boolean) {
    this.lines = keepsLines ? [] : null;
  }

  /** `at` in ms; `actor` is a process, the gateway, or the world itself. */
  add(at: number, actor: string, what: string): void {
    const line = `${at.toFixed(3)} ${actor} ${what}`;
    let one = this.#one;
    let two = this.#two;
    for (let index = 0; index < line.length; index += 1) {
      const letter = line.charCodeAt(index);
      one = Math.imul(one ^ letter, 0x01000193);
      two = Math.imul(two ^ letter, 0x5bd1e995);
    }
    this.#one = one;
    this.#two = two;
    this.lines?.push(line);
  }

  hash(): string {
    return [this.#one, this.#two]
      .map((half) => (half >>> 0).toString(16).padStart(8, '0'))
      .join('');
  }
}
