/** A small picture that a large one is averaged into, pixel by pixel and in any order, so that the large one is never in memory. */

/** The image breaks the rules of its format, or ends early. */
export class DamagedImage extends Error {}

/** The image is valid, of a kind that is not decoded here. */
export class UnsupportedImage extends Error {}

export interface Size {
  width: number;
  height: number;
}

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

export class PixelGrid {
  private readonly wanted: Size;
  private readonly width: number;
  private readonly height: number;
  private readonly columnOf: Uint32Array;
  private readonly source: Size;
  /** Red, green and blue, weighed by opacity; opacity; number of pixels. */
  private readonly sums: Float64Array;

  /** `source`: what `add` counts in. `wanted`: what `at` counts in; where it is larger, pixels are repeated. */
  constructor(source: Size, wanted: Size) {
    this.source = source;
    this.wanted = wanted;
    this.width = Math.min(source.width, wanted.width);
    this.height = Math.min(source.height, wanted.height);
    this.columnOf = Uint32Array.from({ length: source.width }, (_, x) =>
      Math.floor((x * this.width) / source.width),
    );
    this.sums = new Float64Array(this.width * this.height * 5);
  }

  /** All but x and y are 0 to 255. */
  add(x: number, y: number, red: number, green: number, blue: number, opacity: number): void {
    const { sums } = this;
    const row = Math.floor((y * this.height) / this.source.height);
    const at = (row * this.width + (this.columnOf[x] ?? 0)) * 5;
    sums[at] = (sums[at] ?? 0) + red * opacity;
    sums[at + 1] = (sums[at + 1] ?? 0) + green * opacity;
    sums[at + 2] = (sums[at + 2] ?? 0) + blue * opacity;
    sums[at + 3] = (sums[at + 3] ?? 0) + opacity;
    sums[at + 4] = (sums[at + 4] ?? 0) + 1;
  }

  /** null: below the last line, or rather transparent. */
  at(x: number, y: number): Colour | null {
    if (y >= this.wanted.height) return null;
    const column = Math.floor((x * this.width) / this.wanted.width);
    const row = Math.floor((y * this.height) / this.wanted.height);
    const at = (row * this.width + column) * 5;
    const [red = 0, green = 0, blue = 0, opacity = 0, count = 0] = this.sums.subarray(at, at + 5);
    if (opacity < count * 128) return null;
    return [Math.round(red / opacity), Math.round(green / opacity), Math.round(blue / opacity)];
  }
}
