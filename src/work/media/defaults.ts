/** The body fields that a model gets by default. */

interface Kind {
  defaults: readonly { prefix: string; body: Readonly<Record<string, string | number>> }[];
}

export function defaultsFor(kind: Kind | null, model: string): Record<string, string | number> {
  return { ...kind?.defaults.find(({ prefix }) => model.startsWith(prefix))?.body };
}
