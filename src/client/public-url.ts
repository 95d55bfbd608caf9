/** Builds the public URLs of a gateway from its base URL. It requests none of them. */
import type { PublicPlace } from '../gateways/types.ts';

/** The URL, with `id` in its place; null when the gateway has none, or its base URL does not have the expected form. */
export function publicUrl(
  baseUrl: string,
  place: PublicPlace | null | undefined,
  id = '',
): string | null {
  if (place == null || !baseUrl.endsWith(place.replace)) return null;
  const path = place.by.replace('{id}', () => encodeURIComponent(id));
  return `${baseUrl.slice(0, baseUrl.length - place.replace.length)}${path}`;
}
