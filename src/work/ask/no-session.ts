/** `-c` where no conversation is saved. */
import { CliError } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';

export function noSession(): CliError {
  return new CliError('usage', 'there is no conversation to continue', {
    code: 'no_session',
    next: runStep(['chat', '--session', 'main'], '"your question"'),
  });
}
