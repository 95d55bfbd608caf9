/** Bits into bytes, most significant first, with the codes of H.264's bit streams. It knows no syntax beyond them. */

export class BitWriter {
  private readonly buffer: Uint8Array;
  private bitCount = 0;

  /** Writing more than `capacity` bytes throws RangeError. */
  constructor(capacity: number) {
    this.buffer = new Uint8Array(capacity);
  }

  bits(value: number, count: number): this {
    for (let bit = count - 1; bit >= 0; bit -= 1) {
      const at = this.bitCount >> 3;
      if (at >= this.buffer.length) throw new RangeError('the bit stream is full');
      const mask = ((value >>> bit) & 1) << (7 - (this.bitCount & 7));
      this.buffer[at] = (this.buffer[at] ?? 0) | mask;
      this.bitCount += 1;
    }
    return this;
  }

  /** ue(v): whole numbers from 0, short ones in few bits. */
  unsigned(value: number): this {
    const length = 32 - Math.clz32(value + 1);
    return this.bits(0, length - 1).bits(value + 1, length);
  }

  /** Whole bytes, after zero bits up to the next byte. */
  bytes(data: Uint8Array): this {
    this.bitCount = (this.bitCount + 7) & ~7;
    this.buffer.set(data, this.bitCount >> 3);
    this.bitCount += data.length * 8;
    return this;
  }

  /** What was written, closed by a one bit and zeros up to the next byte. */
  finish(): Uint8Array {
    this.bits(1, 1);
    return this.buffer.slice(0, (this.bitCount + 7) >> 3);
  }
}
