/** Random numbers from a seed: the same seed gives the same numbers on every machine. Never for secrets. */

/** sfc32: small, fast, and good enough for every statistical test that is known. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `label` makes streams that do not depend on each other: what one draws does not move another. */
  constructor(seed: number, label = '') {
    let hash = 2_166_136_261 ^ seed;
    for (let at = 0; at < label.length; at += 1)
      hash = Math.imul(hash ^ label.charCodeAt(at), 16_777_619);
    this.#a = seed | 0;
    this.#b = hash | 0;
    this.#c = Math.imul(seed ^ hash, 0x9e3779b1) | 0;
    for (let round = 0; round < 15; round += 1) this.next();
  }

  /** Uniform in [0, 1). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return (sum >>> 0) / 4_294_967_296;
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    const found = list[Math.floor(this.next() * list.length)];
    if (found === undefined) throw new RangeError('nothing to pick from');
    return found;
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.alloc(length);
    for (let at = 0; at + 4 <= length; at += 4)
      bytes.writeUInt32LE(this.next() * 4_294_967_295, at);
    return bytes;
  }
}
