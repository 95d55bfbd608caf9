/** The shapes that the size of an image can have. Which sizes a model makes is the server's to say. */

/** `auto`, `1536x1024`, `2K`, `16:9`: as servers write them. */
export const imageSizeShape =
  /^(auto|[1-9]\d{0,4}x[1-9]\d{0,4}|[1-9]\d?K|[1-9]\d{0,2}:[1-9]\d{0,2})$/;

/** As servers write it, whatever the case; null for another shape. */
export function normalSize(text: string): string | null {
  const size = /^\d+k$/i.test(text) ? text.toUpperCase() : text.toLowerCase();
  return imageSizeShape.test(size) ? size : null;
}

/** Pixels of the image that such a size means, for an estimate of disk space; a megapixel where it does not say. */
export function pixelsOf(size: unknown): number {
  const [, thousands] = /^(\d+)K$/.exec(String(size)) ?? [];
  if (thousands !== undefined) return (Number(thousands) * 1024) ** 2;
  const [, width = '1024', height = '1024'] = /^(\d+)x(\d+)$/.exec(String(size)) ?? [];
  return Number(width) * Number(height);
}
