/** Whose calls a report is of: those of -g, else those that cost money. It opens no gateway. */
import type { Deps } from '../base/deps.ts';
import { loadConfig } from '../config/file.ts';
import { findPlaces } from '../config/places.ts';
import { loadSettings } from '../config/settings.ts';
import { variable } from '../config/variable.ts';
import { playGateway } from '../money/play.ts';

type ReportDeps = Parameters<typeof loadSettings>[0];

/**
 * The id of one gateway; null: all but the sandbox. Where the environment or the config has chosen the sandbox for every
 * call, its calls are meant. Throws `CliError` usage for a name that no gateway has, `no_key` for a bad config.
 */
export async function reportedGateway(
  flag: string | undefined,
  deps: ReportDeps & Pick<Deps, 'env' | 'platform'>,
): Promise<string | null> {
  if (flag !== undefined) return (await loadSettings(deps, { gateway: flag })).gateway.id;
  const usual =
    variable(deps, 'ALLTOKEN_GATEWAY') ?? (await loadConfig(deps, findPlaces(deps))).gateway;
  return usual === playGateway ? playGateway : null;
}
