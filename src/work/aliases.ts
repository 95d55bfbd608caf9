/** Names that stand for a model: aliases of the config, and `auto:…`. It chooses none. */
import { CliError } from '../base/errors.ts';
import { runStep } from '../base/next-step.ts';
import type { Config } from '../schemas/config.ts';

/** The model that an alias refers to; the name itself when it is not an alias. */
export function aliased(name: string, { aliases }: Config): string {
  return aliases !== undefined && Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name;
}

export const AUTO_PREFIX = 'auto:';

/** Whether `auto-model.ts` has to choose the model. */
export function isAuto(model: string): boolean {
  return model.startsWith(AUTO_PREFIX);
}

/** For commands whose models no public ranking compares: throws `CliError` usage for `auto:…`. */
export function refuseAuto(model: string, kind: 'image' | 'video', gatewayId: string): void {
  if (!isAuto(model)) return;
  throw new CliError(
    'usage',
    `-m ${model}: auto: chooses chat models only; name the ${kind} model`,
    { code: 'bad_model', next: runStep(['models', '--kind', kind, '-g', gatewayId]) },
  );
}
