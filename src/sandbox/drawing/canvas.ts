/** An image being drawn: one byte a pixel, the number of a colour. It knows shapes and letters, and nothing of files. */
import { glyphHeight, glyphOf, glyphWidth } from './font.ts';

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** A finished image: `pixels` row by row from the top, each the index of a colour. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  readonly palette: readonly Colour[];
  /** Colours below this index are see-through where the file can say so. */
  readonly clearBelow: number;
}

export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8Array(width * height);
  }

  /** Whatever lies outside of the canvas is left out; coordinates are rounded. */
  rectangle(left: number, top: number, width: number, height: number, colour: number): void {
    const from = clamp(left, this.width);
    const to = clamp(left + width, this.width);
    const bottom = clamp(top + height, this.height);
    for (let y = clamp(top, this.height); y < bottom; y += 1) {
      this.pixels.fill(colour, y * this.width + from, y * this.width + to);
    }
  }

  disc(centreX: number, centreY: number, radius: number, colour: number): void {
    for (let y = Math.ceil(centreY - radius); y <= centreY + radius; y += 1) {
      const half = Math.sqrt(radius ** 2 - (y - centreY) ** 2);
      this.rectangle(centreX - half, y, 2 * half, 1, colour);
    }
  }

  /** A triangle on the lower edge. */
  mountain(peakX: number, peakY: number, slope: number, colour: number): void {
    for (let y = Math.max(0, Math.round(peakY)); y < this.height; y += 1) {
      const half = (y - peakY) * slope;
      this.rectangle(peakX - half, y, 2 * half, 1, colour);
    }
  }

  /** One line; `scale` is the side of a dot in pixels. */
  text(left: number, top: number, scale: number, line: string, colour: number): void {
    Array.from(line).forEach((character, index) => {
      const x = left + index * advance(scale);
      glyphOf(character).forEach((row, y) => {
        for (let dot = 0; dot < glyphWidth; dot += 1) {
          if ((row >> (glyphWidth - 1 - dot)) & 1) {
            this.rectangle(x + dot * scale, top + y * scale, scale, scale, colour);
          }
        }
      });
    });
  }
}

/** From one character to the next, in pixels. */
export function advance(scale: number): number {
  return (glyphWidth + 1) * scale;
}

/** From one line to the next, in pixels. */
export function lineHeight(scale: number): number {
  return (glyphHeight + 2) * scale;
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, Math.round(value)));
}
