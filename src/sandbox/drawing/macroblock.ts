/** Squares of sixteen by sixteen pixels as H.264 has them: 4:2:0 samples, uncompressed. It knows nothing of streams. */
import type { Colour, Image } from './canvas.ts';

/** The side of a macroblock in pixels: width and height of a video are multiples of it. */
export const macroblock = 16;

/** One byte of luma a pixel, two of chroma for four pixels. */
export const macroblockBytes = macroblock ** 2 + 2 * (macroblock / 2) ** 2;

/** The samples of one macroblock of `image`, whose colours are `yuv`: luma row by row, then both chromas at half the size, each the mean of four. */
export function samplesAt(
  { pixels, width }: Image,
  yuv: readonly Colour[],
  column: number,
  row: number,
): Uint8Array {
  const bytes = new Uint8Array(macroblockBytes);
  const chroma = [0, 0];
  const at = (x: number, y: number): Colour => {
    const pixel = pixels[(row * macroblock + y) * width + column * macroblock + x] ?? 0;
    return yuv[pixel] ?? [16, 128, 128];
  };
  for (let index = 0; index < macroblock ** 2; index += 1) {
    bytes[index] = at(index % macroblock, Math.floor(index / macroblock))[0];
  }
  for (let index = 0; index < 64; index += 1) {
    const x = (index % 8) * 2;
    const y = Math.floor(index / 8) * 2;
    const four = [at(x, y), at(x + 1, y), at(x, y + 1), at(x + 1, y + 1)];
    chroma.forEach((_, plane) => {
      const sum = four.reduce((total, sample) => total + (sample[plane + 1] ?? 0), 0);
      bytes[256 + plane * 64 + index] = Math.round(sum / 4);
    });
  }
  return bytes;
}

/** All of one colour. */
export function plainMacroblock([y, u, v]: Colour): Uint8Array {
  return new Uint8Array(macroblockBytes).fill(y, 0, 256).fill(u, 256, 320).fill(v, 320);
}

/** BT.601 with the narrow range that players expect. */
export function toYuv([red, green, blue]: Colour): Colour {
  return [
    Math.round(16 + 0.257 * red + 0.504 * green + 0.098 * blue),
    Math.round(128 - 0.148 * red - 0.291 * green + 0.439 * blue),
    Math.round(128 + 0.439 * red - 0.368 * green - 0.071 * blue),
  ];
}
