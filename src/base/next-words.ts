/** The next steps as the hint on stderr: command lines that can be pasted. What it says about money comes from `billed` alone. */
import type { Billed } from './errors.ts';
import { type NextStep, type NextSteps, stepsOf } from './next-step.ts';
import { shellWord } from './shell-word.ts';

/** null when there is nothing to say. */
export function nextWords(next: NextSteps | undefined, billed: Billed): string | null {
  const steps = stepsOf(next);
  if (steps.length === 0) return null;
  const words = steps
    .map((step, index) => `${joint(step, steps[index - 1])}${around(step, billed)}`)
    .join('');
  return billed === 'no' && steps.some((step) => step.do === 'retry' && !step.free)
    ? `${words}; nothing was bought`
    : words;
}

/** The words between a step and the one before it. */
function joint(step: NextStep, before: NextStep | undefined): string {
  if (before === undefined) return '';
  // After its question mark a sentence begins.
  const or = before.do === 'did-you-mean' ? ' Or' : ', or';
  if (step.when === 'afterwards') return ', then: ';
  if (step.when === 'if_another') return `${or}, if that is another one: `;
  if (step.when === 'later' && step.do !== 'retry') return '; later: ';
  if (step.why !== undefined || step.first !== undefined) return `${or} `;
  const isOneMore = step.do === 'set-flag' && before.do === 'set-flag' && step.flag === before.flag;
  if (isOneMore) return ', ';
  return isCommand(step) ? `${or}: ` : `${or} `;
}

function isCommand(step: NextStep): boolean {
  return step.do === 'run' || step.do === 'resume' || step.do === 'use-model';
}

function around(step: NextStep, billed: Billed): string {
  const body = wordsOf(step, billed);
  // Its words begin with a sentence of their own.
  const isSentence = step.do === 'check-usage' && billed === 'unknown';
  if (step.first !== undefined)
    return isSentence
      ? `${step.first}; ${body}`
      : `${step.first}, then${isCommand(step) ? ':' : ''} ${body}`;
  if (step.why === undefined) return body;
  return step.do === 'set-flag' && step.value === undefined
    ? `${step.why} with ${flagWords(step)}`
    : `${step.why}: ${body}`;
}

function wordsOf(step: NextStep, billed: Billed): string {
  switch (step.do) {
    case 'resume':
      return `${step.withinMs === undefined ? '' : `within ${Math.round(step.withinMs / 1000)} s of the first try: `}${commandLine(resumeArgv(step), step.fill)}`;
    case 'retry': {
      const wait =
        step.afterMs === undefined ? '' : `wait ${Math.ceil(step.afterMs / 1000)} s, then `;
      return `${wait}run the same command again${step.when === 'later' ? ' later' : ''}`;
    }
    case 'use-model':
      return commandLine(modelArgv(step), '…');
    case 'set-flag': {
      const isBare = step.value === undefined && step.fill === undefined;
      return isBare ? `add ${flagWords(step)}` : flagWords(step);
    }
    case 'leave-out':
      return `leave out ${flagWords(step)}`;
    case 'run':
      return commandLine(step.argv, step.fill);
    case 'check-usage': {
      const at = step.at === undefined ? '' : ` at ${step.at}`;
      const calls = commandLine(
        [...listsCalls, ...gatewayWords({ gateway: step.gateway })],
        undefined,
      );
      const look = `look at your usage${at} (${calls}) before you run it again`;
      return billed === 'unknown' ? `it may have been billed; ${look}` : look;
    }
    case 'continue-chat':
      return `${billed === 'unknown' ? 'the partial answer is saved and may be billed' : 'the partial answer is saved'}; continue with: ${commandLine(continueArgv(step), '"go on"')}`;
    case 'host-setting':
      return settingWords(step);
    case 'did-you-mean':
      return `did you mean ${step.values.join(', ')}?`;
    case 'say':
      return step.words;
  }
}

/** The command that lists the calls of this machine, also those whose outcome is not known. */
const listsCalls = ['alltoken', 'cost', '--calls'];

/** For the command line and for tools alike: it is the user's own file. */
export function settingWords({
  file,
  setting,
  value,
}: Pick<Step<'host-setting'>, 'file' | 'setting' | 'value'>): string {
  return `set ${setting} = ${value} in ${file}`;
}

type Step<Name extends NextStep['do']> = Extract<NextStep, { do: Name }>;

function resumeArgv({ id, adopt, flags = [] }: Step<'resume'>): string[] {
  const adopted = adopt === undefined ? [] : ['--adopt', adopt];
  return ['alltoken', 'tasks', 'resume', id, ...adopted, ...flags];
}

function modelArgv({ command, search, model, ...at }: Step<'use-model'>): string[] {
  const words = ['alltoken', command, ...(search ? ['--search'] : [])];
  return [...words, ...gatewayWords(at), '-m', model];
}

function continueArgv({ session, ...at }: Step<'continue-chat'>): string[] {
  const named = session === undefined ? [] : ['--session', session];
  return ['alltoken', 'chat', '-c', ...named, ...gatewayWords(at)];
}

function gatewayWords({
  gateway,
  baseUrl,
}: Pick<Step<'continue-chat'>, 'gateway' | 'baseUrl'>): string[] {
  const address = baseUrl === undefined ? [] : ['--base-url', baseUrl];
  return [...(gateway === undefined ? [] : ['-g', gateway]), ...address];
}

/** The letters that people type. */
export const letters: Readonly<Record<string, string>> = {
  '--gateway': '-g',
  '--model': '-m',
  '--out': '-o',
};

function flagWords(step: Step<'set-flag'> | Step<'leave-out'>): string {
  const name = letters[step.flag] ?? step.flag;
  if (step.do === 'leave-out') return name;
  return commandLine(step.value === undefined ? [name] : [name, step.value], step.fill);
}

function commandLine(argv: readonly string[], fill: string | undefined): string {
  return [...argv.map(shellWord), ...(fill === undefined ? [] : [gapWords(fill)])].join(' ');
}

/** `<other name>` as OTHER_NAME: a shell would read it as a redirection. */
function gapWords(fill: string): string {
  return fill.replace(/<([\w][\w. -]*)>/g, (_whole, name: string) =>
    name.toUpperCase().replaceAll(' ', '_'),
  );
}
