/**
 * The next steps of a failure for a client of the proxy, which has a request and no command line of ours: what it can send
 * otherwise, and what the user can start the proxy with. It decides nothing.
 */
import type { Billed } from '../base/errors.ts';
import { type NextStep, type NextSteps, say, stepsOf } from '../base/next-step.ts';
import { nextWords } from '../base/next-words.ts';

type Flag = Extract<NextStep, { do: 'set-flag' } | { do: 'leave-out' }>;

/** null when there is nothing that a client, or who started the proxy, could do. */
export function clientWords(next: NextSteps | undefined, billed: Billed): string | null {
  return nextWords(
    stepsOf(next).flatMap((step) => forClient(step) ?? []),
    billed,
  );
}

function forClient(step: NextStep): NextStep | null {
  const { why, when } = step;
  const first = step.first === undefined ? '' : `${step.first}, then `;
  switch (step.do) {
    case 'set-flag':
    case 'leave-out': {
      const words = inRequest(step) ?? ofProxy(step);
      return words === null ? null : { ...say(words), why };
    }
    case 'retry': {
      const wait = step.afterMs === undefined ? '' : `wait ${Math.ceil(step.afterMs / 1000)} s, `;
      const later = when === 'later' ? ' later' : '';
      return { ...say(`${first}${wait}send the same request again${later}`), why };
    }
    case 'use-model':
      return { ...say(`${first}send "model": ${JSON.stringify(step.model)}`), why };
    // Of a conversation on this machine.
    case 'continue-chat':
      return null;
    default:
      return step;
  }
}

/** The field of the request that this flag sets. */
function inRequest(step: Flag): string | null {
  const value = step.do === 'set-flag' ? step.value : undefined;
  switch (step.flag) {
    case '--max-tokens':
      return value === undefined
        ? 'send a lower max_tokens (max_output_tokens to /v1/responses)'
        : `send max_tokens (max_output_tokens to /v1/responses) of at most ${value}`;
    case '--thinking':
      return 'send a lower thinking_budget';
    case '--no-stream':
      return 'send "stream": false';
    case '--param': {
      const field = value?.split('=')[0];
      if (field !== undefined) return `leave ${field} out of the request`;
      return step.do === 'leave-out' ? 'send a lower max_tokens' : null;
    }
    default:
      return null;
  }
}

/** Flags that `serve` and `run` have both. */
const ofBoth: ReadonlySet<string> = new Set(['--max-cost', '--hold', '--timeout']);

function ofProxy(step: Flag): string | null {
  if (!ofBoth.has(step.flag)) return null;
  if (step.do === 'leave-out') return `start the proxy without ${step.flag}`;
  const value = step.value ?? step.fill;
  return `start the proxy with ${value === undefined ? 'a higher ' : ''}${step.flag}${value === undefined ? '' : ` ${value}`}`;
}
