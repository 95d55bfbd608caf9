/** Commander's command with our words for what it refuses by itself. What it reads, and when it refuses, is commander's own. */
import { Command, type Option } from 'commander';
import { CliError } from '../base/errors.ts';
import { runStep } from '../base/next-step.ts';

export class OwnCommand extends Command {
  /** What stands behind its first word belongs to a program, not to us. */
  passesThrough = false;

  override passThroughOptions(passes = true): this {
    this.passesThrough = passes;
    return super.passThroughOptions(passes);
  }

  override createCommand(name?: string): OwnCommand {
    return new OwnCommand(name);
  }

  /** Called by commander, whose types do not say so; and so are the next ones. `instead`: the word that stands where the value should. */
  optionMissingArgument({ long, short, flags }: Option, instead?: string): never {
    const name = long ?? short ?? flags;
    const found = instead === undefined ? '' : `; ${instead} is an option`;
    throw new CliError('usage', `${name} needs a value${found}`, {
      code: 'option_missing_argument',
      next: runStep([...this.names(), '--help']),
    });
  }

  missingArgument(name: string): never {
    throw new CliError('usage', `<${name}> is missing`, {
      code: 'missing_argument',
      next: runStep([...this.names(), '--help']),
    });
  }

  _conflictingOption(one: Option, other: Option): never {
    const [name, rival] = [one, other].map(({ long, flags }) => long ?? flags);
    throw new CliError('usage', `${name} cannot be used with ${rival}`, {
      code: 'conflicting_option',
      next: { do: 'leave-out', flag: `${name}` },
    });
  }

  private names(): string[] {
    const above: string[] = [];
    for (let at: Command | null = this; at?.parent != null; at = at.parent)
      above.unshift(at.name());
    return above;
  }
}
