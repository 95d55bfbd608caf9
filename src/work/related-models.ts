/** Finds ids that may have been meant, or may be used instead, by their spelling alone. It contacts no gateway and knows no vendor. */

/**
 * From `ids`, in their order: the same model with or without its prefix, else those of its family, such as
 * `gpt` of `openai/gpt-5.4`. An id may have any number of slashes: the last part names the model. `tried` are left out.
 */
export function relatedModels(
  model: string,
  ids: readonly string[],
  tried: readonly string[] = [model],
): string[] {
  // A bare id where the gateway wants vendor/id, or the other way round.
  const same = ids.filter((id) => id.endsWith(`/${model}`) || model.endsWith(`/${id}`));
  if (same.length > 0) return same;
  const start = model.lastIndexOf('/') + 1;
  const family =
    model.slice(0, start) + (/^[a-z]+/i.exec(model.slice(start))?.[0] ?? model.slice(start));
  return ids.filter((id) => !tried.includes(id) && id.startsWith(family));
}
