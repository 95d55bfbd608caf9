/** The body fields that a model gets by default, and those that `--param` sets or leaves out. */

interface Kind {
  defaults: readonly { prefix: string; body: Readonly<Record<string, string | number>> }[];
}

export function defaultsFor(kind: Kind | null, model: string): Record<string, string | number> {
  return { ...kind?.defaults.find(({ prefix }) => model.startsWith(prefix))?.body };
}

/** Puts `--param` into the body of a request; null leaves a field out, also one that a flag or a default sets. */
export function setParameters(
  body: Record<string, unknown>,
  parameters: readonly { key: string; value: unknown }[],
): void {
  for (const { key, value } of parameters) {
    if (value === null) delete body[key];
    else body[key] = value;
  }
}
