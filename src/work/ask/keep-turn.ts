/** Keeps one turn of a conversation, also one that broke off: what was shown was said. */

import type { Deps } from '../../base/deps.ts';
import type { Answer } from '../../client/answer.ts';
import { saveTurn } from './conversations.ts';
import type { Plan } from './plan.ts';

/** Returns null, or why a conversation that somebody asked for is not kept. */
export async function keepTurn(
  plan: Plan,
  answer: Answer,
  deps: Pick<Deps, 'files' | 'path' | 'clock'>,
): Promise<string | null> {
  const { conversation } = plan;
  if (!conversation.save || answer.text.isEmpty) return null;
  const text = answer.text.whole;
  const problem =
    text === null
      ? 'the conversation is not kept: the answer is larger than 1 MB'
      : await saveTurn(
          plan.settings.places.sessions,
          conversation.name,
          {
            v: 1,
            at: new Date(deps.clock.now()).toISOString(),
            gateway: plan.gateway.id,
            model: plan.models[0],
            system: plan.system,
            messages: [plan.userMessage, { role: 'assistant', content: text }],
          },
          conversation.fresh,
          deps,
        );
  // Nobody asked for the others by name: losing one is not worth a line.
  return conversation.wanted ? problem : null;
}
