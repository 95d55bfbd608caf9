/** Commander's command with our words for what it refuses by itself. What it reads, and when it refuses, is commander's own. */
import { Command, type Option } from 'commander';
import { CliError } from '../base/errors.ts';
import { runStep } from '../base/next-step.ts';

export class OwnCommand extends Command {
  override createCommand(name?: string): OwnCommand {
    return new OwnCommand(name);
  }

  /** Called by commander, whose types do not say so; and so are the next ones. */
  optionMissingArgument({ long, short, flags }: Option): never {
    const name = long ?? short ?? flags;
    const value = /<.*/.exec(flags)?.[0] ?? '<value>';
    const next = runStep([...this.names(), name], value);
    throw new CliError('usage', `${name} needs a value`, { code: 'option_missing_argument', next });
  }

  missingArgument(name: string): never {
    const fill = this.usage().replace('[options] ', '');
    throw new CliError('usage', `<${name}> is missing`, {
      code: 'missing_argument',
      next: runStep(this.names(), fill),
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
