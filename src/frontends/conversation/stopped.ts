/** Failures as they are said in a conversation: with its own commands as the next step, or with where else it is typed. It reads data, no message. */
import { errorSteps } from '../../base/error-document.ts';
import { exitCodes } from '../../base/errors.ts';
import { type NextStep, runStep, say } from '../../base/next-step.ts';
import { nextWords } from '../../base/next-words.ts';
import type { ErrorDocument } from '../../schemas/common.ts';
import type { OutputEvent } from '../../schemas/events.ts';

export interface Here {
  /** The command line that goes on with the conversation. */
  again: readonly string[];
  /** Of the next message; null where none is chosen. */
  gateway: string | null;
  /** What failed: /retry sends a message or a search again, and /model has no effect on a search. */
  what: 'message' | 'search' | 'command';
}

/** `isKept`: a part of the answer is in the conversation. */
export function answeredHere(event: OutputEvent, isKept: boolean, here: Here): OutputEvent {
  if (event.type !== 'error' && event.type !== 'failure') return event;
  const { error } = event;
  if (error.exit !== exitCodes.sigint.code || here.what === 'command')
    return hintedHere(event, here);
  const message = isKept ? 'stopped; what came of the answer is kept' : 'stopped before an answer';
  return { ...event, error: { ...error, message, hint: null, next: [] } } as OutputEvent;
}

/** The event with a hint that is right at this prompt, where a command line would be sent as a message. */
export function hintedHere(event: OutputEvent, here: Here): OutputEvent {
  if (event.type === 'error') return { ...event, error: hinted(event.error, here) };
  if (event.type === 'failure') return { ...event, error: hinted(event.error, here) };
  return event;
}

/** Nothing more is typed here after these. */
const ends: ReadonlySet<number> = new Set(
  [exitCodes.sigint, exitCodes.sighup, exitCodes.sigterm].map(({ code }) => code),
);

function hinted(error: ErrorDocument, here: Here): ErrorDocument {
  if (ends.has(error.exit)) return error;
  const steps = errorSteps(error);
  const [first = usual(error)] = steps;
  if (first === undefined || (steps.length > 0 && steps.every(isWords))) return error;
  const hint = hintHere(first, here, error);
  // As words alone, so that nothing makes a command line of it again.
  return { ...error, hint, next: [say(hint)] as ErrorDocument['next'] };
}

function isWords({ do: what }: NextStep): boolean {
  return what === 'say' || what === 'did-you-mean';
}

const onNetwork: ReadonlySet<string> = new Set(['no_key', 'auth', 'forbidden', 'network']);

/** Where nothing that knew more has named a step. */
function usual({ name, billed }: ErrorDocument): NextStep | undefined {
  if (onNetwork.has(name)) return runStep(['config', 'doctor']);
  if (name === 'timeout' && billed === 'no') return { do: 'retry' };
  return name === 'usage' ? say('/help') : undefined;
}

function hintHere(step: NextStep, here: Here, { billed }: ErrorDocument): string {
  const words = plainHint(step, here, billed);
  return step.first === undefined ? words : `${step.first}, then ${words}`;
}

function plainHint(step: NextStep, here: Here, billed: ErrorDocument['billed']): string {
  const { again, gateway, what } = here;
  switch (step.do) {
    case 'use-model': {
      const isHere = step.gateway === undefined || step.gateway === gateway;
      if (isHere && step.command === 'image') return `/image -m ${step.model} …`;
      const isChat = step.command === 'chat' && step.search !== true && what !== 'search';
      return isHere && isChat && step.baseUrl === undefined
        ? `/model ${step.model}, then /retry`
        : elsewhere(step);
    }
    case 'retry':
      return what === 'command' ? 'type it again' : '/retry';
    case 'continue-chat':
      return 'your next message continues the conversation';
    case 'run':
    case 'resume':
      return elsewhere(step);
    case 'set-flag':
      if (what === 'command') return elsewhereFlag(step);
      return outside(
        [...again, step.flag, ...(step.value === undefined ? [] : [step.value])],
        step.fill,
      );
    case 'leave-out':
      return `${outside(again)}, without ${step.flag}`;
    case 'check-usage': {
      const calls = runStep([
        ...['cost', '--calls'],
        ...(step.gateway === undefined ? [] : ['-g', step.gateway]),
      ]);
      const at = step.at === undefined ? '' : ` at ${step.at}`;
      const look = `look at your usage${at} before you send it again; ${elsewhere(calls)}`;
      return billed === 'unknown' ? `it may have been billed; ${look}` : look;
    }
    case 'host-setting':
    case 'did-you-mean':
    case 'say':
      return nextWords({ ...step, first: undefined }, billed) ?? '';
  }
}

/** What is typed here is a message: a flag and a command belong on a command line. */
function elsewhere(step: NextStep): string {
  const plain = { ...step, first: undefined, why: undefined, when: undefined };
  return `in another terminal: ${nextWords(plain, 'no')}`;
}

function elsewhereFlag(step: NextStep): string {
  return `in another terminal, with the whole command: ${nextWords({ ...step, first: undefined }, 'no')}`;
}

function outside(argv: readonly string[], fill?: string): string {
  return `/quit, then: ${nextWords({ do: 'run', argv, fill }, 'no')}`;
}
