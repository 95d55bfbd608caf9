/** A map that keeps the latest entries only: what is added beyond its limit pushes the oldest out. */

export class BoundedMap<Value> {
  private readonly entries = new Map<string, Value>();
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** `key` must be new. */
  add(key: string, value: Value): void {
    this.entries.set(key, value);
    const [oldest] = this.entries.keys();
    if (this.entries.size > this.limit && oldest !== undefined) this.entries.delete(oldest);
  }

  get(key: string): Value | undefined {
    return this.entries.get(key);
  }

  newestFirst(): Value[] {
    return [...this.entries.values()].reverse();
  }
}
