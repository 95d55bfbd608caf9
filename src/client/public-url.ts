/** Where the public things of a gateway are: beside its base URL. It asks for none of them. */
import type { PublicPlace } from '../gateways/types.ts';

/** The address; null when the gateway has no such place, or its base URL is not built the way that leads there. */
export function publicUrl(baseUrl: string, place: PublicPlace | null | undefined): string | null {
  if (place == null || !baseUrl.endsWith(place.replace)) return null;
  return `${baseUrl.slice(0, baseUrl.length - place.replace.length)}${place.by}`;
}
