/** Which model the next message goes to, as far as it is known before it is sent. */
import { loadSettings } from '../../config/settings.ts';
import { aliased } from '../../work/aliases.ts';
import { modelOf } from '../../work/ask/model-of.ts';
import type { Conversation } from './conversation.ts';

/** `model`: null where none is set and the gateway has no default. `label`: of the gateway. */
export async function chosenModel({
  deps,
  flags,
  live,
}: Conversation): Promise<{ model: string | null; gateway: string; label: string }> {
  const { config, gateway } = await loadSettings(deps, flags);
  const model =
    flags.model ??
    modelOf(live.turns, gateway.id, 'chat') ??
    config.defaults?.chat?.model ??
    gateway.defaultModels.chat;
  return {
    model: model === null ? null : aliased(model, config),
    gateway: gateway.id,
    label: gateway.label,
  };
}
