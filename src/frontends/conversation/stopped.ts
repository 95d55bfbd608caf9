/** Failures as they are said in a conversation: with its own commands as the next step, where it has one. It reads data, no message. */
import { exitCodes } from '../../base/errors.ts';
import { nextWords } from '../../base/next-words.ts';
import type { StepDocument } from '../../schemas/common.ts';
import type { OutputEvent } from '../../schemas/events.ts';

/** `isKept`: a part of the answer is in the conversation. `again`: the command line that goes on with it. */
export function answeredHere(
  event: OutputEvent,
  isKept: boolean,
  again: readonly string[],
): OutputEvent {
  if (event.type !== 'error' || !('error' in event)) return event;
  const { error } = event;
  if (error.exit === exitCodes.sigint.code) {
    const message = isKept
      ? 'stopped; what came of the answer is kept'
      : 'stopped before an answer';
    return { ...event, error: { ...error, message, hint: null, next: [] } };
  }
  // Nothing more is asked here: the next step is one of the command line.
  if (error.exit === exitCodes.sighup.code || error.exit === exitCodes.sigterm.code) return event;
  const [first] = error.next;
  const hint = first === undefined ? null : hintHere(first, again);
  return hint === null ? event : { ...event, error: { ...error, hint } };
}

/** null where the usual hint is right here too. */
function hintHere(step: StepDocument, again: readonly string[]): string | null {
  if (step.first !== undefined) return null;
  if (step.do === 'use-model' && step.gateway === undefined)
    return `/model ${step.model}, then /retry`;
  if (step.do === 'retry') return '/retry';
  if (step.do === 'continue-chat') return 'your next message continues the conversation';
  // What is typed here is a message: a flag and a command belong on a command line.
  if (step.do === 'run')
    return `in another terminal: ${nextWords({ do: 'run', argv: step.argv, fill: step.fill }, 'no')}`;
  if (step.do === 'set-flag')
    return outside(
      [...again, step.flag, ...(step.value === undefined ? [] : [step.value])],
      step.fill,
    );
  if (step.do === 'leave-out') return `${outside(again)}, without ${step.flag}`;
  return null;
}

function outside(argv: readonly string[], fill?: string): string {
  return `/quit, then: ${nextWords({ do: 'run', argv, fill }, 'no')}`;
}
