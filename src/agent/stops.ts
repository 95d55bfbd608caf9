/** How a run stops, and what that leaves behind. It loads nothing that a run needs. */
import { CliError } from '../base/errors.ts';
import { openCalls, resultMessage } from './history.ts';
import type { ChatMessage, Tool } from './types.ts';

/** Whether its calls may wait for a decision. */
export function isHeld(handler: Partial<Tool> | undefined): boolean {
  return handler?.needsApproval !== undefined && handler.needsApproval !== false;
}

/** A result for every call that has none. */
export function closeOpen(
  run: { messages(): readonly ChatMessage[]; append(message: ChatMessage): void },
  result: unknown,
): void {
  for (const { id } of openCalls(run.messages()))
    run.append(resultMessage(id, JSON.stringify(result)));
}

export function needsDecision(): CliError {
  return new CliError('still_running', 'a tool call waits for a decision', {
    code: 'approval',
    billed: 'yes',
    next: { do: 'say', words: 'see pending(), then decide(callId, decision) and resume()' },
  });
}

export function abortedError(steps: number): CliError {
  return new CliError('sigint', 'the run was aborted', {
    code: 'aborted',
    billed: steps === 0 ? 'no' : 'yes',
  });
}

export function tooManySteps(maxSteps: number): CliError {
  return new CliError('partial', `no answer after ${maxSteps} steps`, {
    code: 'max_steps',
    billed: 'yes',
    next: { do: 'say', words: 'raise maxSteps, or resume() for as many steps more' },
  });
}

export function stoppedByCaller(stop: string): CliError {
  return new CliError('partial', `stopWhen ended the run: ${stop}`, {
    code: 'custom',
    billed: 'yes',
  });
}
