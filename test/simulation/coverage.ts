/** Counts which faults were met where, over many worlds, and lists those that never were. */

export class Coverage {
  readonly #seen = new Map<string, number>();
  readonly #hit = new Map<string, number>();
  readonly #possible = new Map<string, readonly string[]>();

  /** A place was passed at which one of these faults could have been. */
  passed(place: string, faults: readonly string[]): void {
    this.#seen.set(place, (this.#seen.get(place) ?? 0) + 1);
    if (!this.#possible.has(place)) this.#possible.set(place, faults);
  }

  met(place: string, fault: string): void {
    const key = `${place} × ${fault}`;
    this.#hit.set(key, (this.#hit.get(key) ?? 0) + 1);
  }

  /** Place × fault, with how often. */
  hits(): [string, number][] {
    return [...this.#hit].sort(([one], [two]) => (one < two ? -1 : 1));
  }

  /** Places that were passed, with the faults that were never met there. */
  holes(): [place: string, passed: number, faults: string[]][] {
    return [...this.#possible]
      .map(([place, faults]): [string, number, string[]] => [
        place,
        this.#seen.get(place) ?? 0,
        faults.filter((fault) => !this.#hit.has(`${place} × ${fault}`)),
      ])
      .filter(([, , faults]) => faults.length > 0)
      .sort(([one], [two]) => (one < two ? -1 : 1));
  }
}
