/** One call with tools: they are there as long as it takes. */
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { findPlaces } from '../../config/places.ts';
import type { AskFlags } from '../../flags/ask-flags.ts';
import { formatOf } from '../../flags/common-flags.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { askOptions } from '../../work/ask/options.ts';
import { runAsk } from '../../work/ask/run.ts';
import { askLine } from './ask-terminal.ts';

/** Throws `CliError` usage for `--tools-approve ask` where nobody can be asked. */
export async function* askWithTools(
  words: string[],
  flags: AskFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const canAsk = deps.stdin.isTerminal && deps.stderr.isTerminal && flags.quiet !== true;
  if (flags.toolsApprove === 'ask' && !canAsk)
    throw new CliError('usage', '--tools-approve ask needs a terminal as input and error output', {
      code: 'not_a_terminal',
      next: { do: 'set-flag', flag: '--tools-approve', value: 'auto' },
    });
  const { ChatTools, replyIn, toolChoice } = await import('../../agent/chat/chat-tools.ts');
  const tools = new ChatTools(
    toolChoice(flags, findPlaces(deps), deps),
    canAsk
      ? async (show, { signal }) => replyIn((await askLine(() => show(''), signal, deps)) ?? '')
      : null,
    deps,
  );
  try {
    yield* runAsk(askOptions('chat', words, flags), formatOf(flags), deps, tools.open);
  } finally {
    await tools.close();
  }
}
