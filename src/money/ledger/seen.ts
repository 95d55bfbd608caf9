/** Remembers which calls have been counted, in 16 bytes a call or less. It forgets none and reads nothing. */

const FIRST_SIZE = 1024;

/**
 * A set of call ids by 64 bits of each: among a million, two are taken for one with a chance of one in thirty million. A set
 * of texts would take ten times the memory.
 */
export class Seen {
  private size = FIRST_SIZE;
  private count = 0;
  /** Two numbers a call; zeros where there is none. */
  private slots = new Uint32Array(2 * FIRST_SIZE);

  /** Of the text that `hash` was last called with: two mixtures of all characters, of 32 bits each; the first is never zero. */
  private low = 0;
  private high = 0;

  /** Returns whether it was there before. */
  add(call: string): boolean {
    this.hash(call);
    const at = this.find();
    if (this.slots[at] !== 0) return true;
    this.put(at);
    this.count += 1;
    if (this.count * 2 > this.size) this.grow();
    return false;
  }

  has(call: string): boolean {
    this.hash(call);
    return this.slots[this.find()] !== 0;
  }

  /** Where it is, or where it would be. */
  private find(): number {
    const { slots, low, high } = this;
    const last = 2 * this.size - 1;
    let at = (high << 1) & last;
    while (slots[at] !== 0 && (slots[at] !== low || slots[at + 1] !== high)) at = (at + 2) & last;
    return at;
  }

  private put(at: number): void {
    this.slots[at] = this.low;
    this.slots[at + 1] = this.high;
  }

  private grow(): void {
    const before = this.slots;
    this.size *= 2;
    this.slots = new Uint32Array(2 * this.size);
    for (let at = 0; at < before.length; at += 2) {
      this.low = before[at] ?? 0;
      this.high = before[at + 1] ?? 0;
      if (this.low !== 0) this.put(this.find());
    }
  }

  private hash(text: string): void {
    let low = 0x811c9dc5;
    let high = 0x9e3779b9;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul((high << 7) ^ (high >>> 25) ^ code, 0x85ebca6b);
    }
    this.low = (low ^ (low >>> 15)) >>> 0 || 1;
    this.high = (high ^ (high >>> 13)) >>> 0;
  }
}
