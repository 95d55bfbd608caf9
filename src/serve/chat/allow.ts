/** `--model-allow`: which models may be used. */
import { Refusal } from '../refusal.ts';

/** `patterns`: with `*` for any text. Throws `Refusal` 403, and 400 where there is none to judge. */
export function checkModel(model: string, patterns: readonly string[]): void {
  if (patterns.length === 0 || patterns.some((pattern) => fits(model, pattern))) return;
  if (model === '')
    throw new Refusal(
      400,
      'missing_model',
      'the request has no "model", and not every one is allowed',
      {
        param: 'model',
        facts: { allowed: patterns },
      },
    );
  throw new Refusal(403, 'model', 'this server does not allow that model', {
    facts: { allowed: patterns },
  });
}

/** Linear in the length of both, whatever the pattern is. */
function fits(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return text === pattern;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
