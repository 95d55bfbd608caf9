/** The command that stores a key, as a next step. It stores none. */
import type { NextStep } from '../base/next-step.ts';

/** For the user alone: a key is nothing that an agent should type. */
export function loginStep({ id }: { id: string }): NextStep {
  return { do: 'run', argv: ['alltoken', 'login', '-g', id], for: 'user' };
}
