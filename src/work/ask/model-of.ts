/** The model that a conversation has. */
import type { Turn } from './conversations.ts';

/** Of its last turn with this gateway; a search has its own model. */
export function modelOf(
  turns: readonly Turn[],
  gateway: string,
  command: 'chat' | 'search',
): string | undefined {
  const wanted = command === 'search';
  return turns.findLast((turn) => turn.gateway === gateway && (turn.search ?? false) === wanted)
    ?.model;
}
