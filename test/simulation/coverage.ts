/** Counts which faults were met where, over many worlds, and lists those that never were. */

interface Place {
  passed: number;
  possible: readonly string[];
}

export class Coverage {
  readonly #hit = new Map<string, number>();
  readonly #faults = new Map<string, Place>();
  readonly #deaths = new Map<string, Place>();
  readonly #counts: boolean;

  /** `counts` false: nobody will ask. */
  constructor(counts = true) {
    this.#counts = counts;
  }

  /** A place was passed at which one of these faults could have been. */
  passed(place: string, faults: readonly string[]): void {
    if (this.#counts) count(this.#faults, place, faults);
  }

  /** A process came to a step at which it could have died. */
  reached(place: string, deaths: readonly string[]): void {
    if (this.#counts) count(this.#deaths, place, deaths);
  }

  met(place: string, fault: string): void {
    if (!this.#counts) return;
    const key = `${place} × ${fault}`;
    this.#hit.set(key, (this.#hit.get(key) ?? 0) + 1);
  }

  /** Place × fault, with how often. */
  hits(): [string, number][] {
    return [...this.#hit].sort(([one], [two]) => (one < two ? -1 : 1));
  }

  /** Places that were passed, with the faults that were never met there. */
  holes(): [place: string, passed: number, faults: string[]][] {
    const deaths = [...this.#deaths].map(([place, one]): [string, Place] => [`at ${place}`, one]);
    return [...this.#faults, ...deaths]
      .map(([place, { passed, possible }]): [string, number, string[]] => [
        place,
        passed,
        possible.filter((fault) => !this.#hit.has(`${place} × ${fault}`)),
      ])
      .filter(([, , faults]) => faults.length > 0)
      .sort(([one], [two]) => (one < two ? -1 : 1));
  }
}

function count(places: Map<string, Place>, place: string, possible: readonly string[]): void {
  const known = places.get(place);
  if (known === undefined) places.set(place, { passed: 1, possible });
  else known.passed += 1;
}
