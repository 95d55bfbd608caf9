/** `alltoken logout`: removes the key that `alltoken login` stored. It asks no gateway. */
import type { Deps } from '../../base/deps.ts';
import { CliError, EXIT_OK } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import { forgetKey } from '../../config/key-file.ts';
import { loadSettings } from '../../config/settings.ts';
import { rawVariable } from '../../config/variable.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { LogoutDocument } from '../../schemas/login.ts';

export async function* runLogout(
  flags: { gateway?: string },
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { gateway, places } = await loadSettings(deps, flags);
  const found = await forgetKey(gateway.id, places, deps);
  if (found !== null && 'elsewhere' in found)
    throw new CliError('usage', `the api_key_file of ${gateway.label} is not one of login's`, {
      code: 'foreign_key_file',
      next: runStep(['config', 'unset', `gateways.${gateway.id}.api_key_file`]),
    });
  const { keyVariable } = gateway;
  const left =
    keyVariable !== null && rawVariable(deps, keyVariable) !== undefined ? keyVariable : null;
  if (left !== null) yield { type: 'warning', message: `${left} is still set` };
  const document: LogoutDocument = {
    schema: 'alltoken.logout.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'logout',
    gateway: gateway.id,
    removed: found?.file ?? null,
    still_set: left,
  };
  const text =
    found === null
      ? `${gateway.label}: no key was stored\n`
      : `${gateway.label}: the stored key is removed\n`;
  yield { type: 'output', content: { text }, document };
}
