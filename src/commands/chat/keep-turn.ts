/** Keeps one turn of a conversation, also one that broke off: what was shown was said. */
import type { Answer } from '../../client/answer.ts';
import type { Deps } from '../../deps.ts';
import type { OutputEvent } from '../../events.ts';
import { saveTurn } from '../../sessions/store.ts';
import type { Plan } from './plan.ts';

export async function* keepTurn(
  plan: Plan,
  answer: Answer,
  deps: Pick<Deps, 'files' | 'platform' | 'clock'>,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { conversation } = plan;
  if (!conversation.save || answer.text.isEmpty) return;
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
  // Nobody asked for the conversation by name: losing it is not worth a line.
  if (problem !== null && conversation.wanted) yield { type: 'warning', message: problem };
}
