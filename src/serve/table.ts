/** A table of routes, and which of them a path means. It answers nothing itself. */
import { Refusal, type Shape } from './refusal.ts';
import type { Visit } from './service.ts';

export interface Route {
  method: string;
  /** `:id` is one part of a path, `*` at the end all that is left of it. */
  path: string;
  shape: Shape;
  /** As at the gateway, where everybody may read it: no token is needed. */
  isPublic: boolean;
  answer(visit: Visit): Promise<void>;
}

export interface Found {
  route: Route;
  id: string;
  all: readonly Route[];
}

export class Table {
  private readonly routes: readonly Route[];
  /** Those whose path is the same for all requests: nearly all of them are for one of these. */
  private readonly byPath = new Map<string, Route[]>();

  constructor(routes: readonly Route[]) {
    this.routes = routes;
    for (const route of routes)
      if (!/[:*]/.test(route.path))
        this.byPath.set(route.path, [...(this.byPath.get(route.path) ?? []), route]);
  }

  /** Any route of that path; which method it takes is judged later. */
  find(path: string): Found | null {
    const exact = this.byPath.get(path);
    if (exact?.[0] !== undefined) return { route: exact[0], id: '', all: exact };
    const all = this.routes.filter((route) => idIn(path, route.path) !== null);
    const [route] = all;
    return route === undefined ? null : { route, id: idIn(path, route.path) ?? '', all };
  }

  /** The path that a client with a wrong base URL has probably meant; null: none is like it. */
  near(path: string): string | null {
    const tidy = path.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
    const meant = [tidy, `/v1${tidy}`, tidy.replace('/v1/v1/', '/v1/')];
    return meant.find((one) => this.byPath.has(one)) ?? null;
  }
}

/** Throws `Refusal` where there is no such route, or none with this method. */
export function chosen(
  found: Found | null,
  method: string | undefined,
  path: string,
  table: Table,
): Found {
  if (found === null) {
    const meant = table.near(path);
    throw new Refusal(404, 'not_served', `this server has no route ${path.slice(0, 200)}`, {
      hint: meant === null ? undefined : `set the base URL so that the path is ${meant}`,
    });
  }
  const route = found.all.find((one) => one.method === method);
  if (route === undefined) throw otherMethod(found.all.map((one) => one.method));
  return { ...found, route, id: idIn(path, route.path) ?? '' };
}

/** `allowed`: what the route takes; a method may be there twice. */
export function otherMethod(allowed: readonly string[]): Refusal {
  return new Refusal(405, 'method', 'this route takes another method', {
    headers: { allow: [...new Set(allowed)].join(', ') },
  });
}

/** The part in place of `:id`, or of `*` all that is left; '' where the route has none; null when the path is another one. */
function idIn(path: string, pattern: string): string | null {
  if (pattern.endsWith('/*')) {
    const start = pattern.slice(0, -1);
    return path.startsWith(start) && path.length > start.length ? path.slice(start.length) : null;
  }
  const parts = path.split('/');
  const wanted = pattern.split('/');
  if (parts.length !== wanted.length) return null;
  const at = wanted.indexOf(':id');
  const isSame = parts.every((part, index) => part === wanted[index] || index === at);
  const id = parts[at] ?? '';
  return isSame && (at < 0 || /^[\w.~-]{1,200}$/.test(id)) ? id : null;
}
