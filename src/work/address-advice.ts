/**
 * Advice where the address itself is the reason: a fault of the sandbox of this process, a proxy that wants its token, a variable
 * that leads to a server which is gone. It decides by settings, codes and what the sandbox has counted, never by a message.
 */
import type { CliError, ExitName } from '../base/errors.ts';
import { type NextStep, type NextSteps, runStep, say, stepsOf } from '../base/next-step.ts';
import { RUN_VARIABLE } from '../config/run-proxy.ts';
import { unsetLine } from '../config/variable.ts';
import type { Situation } from './situation.ts';

/** Failures that no server has a part in. */
const ownExits: ReadonlySet<ExitName> = new Set([
  ...(['usage', 'no_key', 'budget', 'local_io', 'internal'] as const),
]);

/**
 * Ends the advice with the way out of a fault that was injected on purpose. Where the fault alone is why the call was refused,
 * the usual advice would send people to a balance or a key that there is not.
 */
export function withoutFault(error: CliError, { gateway, kind }: Situation): CliError {
  if (error.isStop || ownExits.has(error.exit)) return error;
  const hits = gateway?.faultHits?.() ?? [];
  if (hits.length === 0) return error;
  const names = hits.map(({ name }) => name).join(' and ');
  const first = `unset ALLTOKEN_SANDBOX_FAULT, which injects ${names}`;
  const out: NextStep =
    kind === 'config doctor'
      ? { ...runStep(['config', 'doctor', '-g', gateway?.id ?? '']), first }
      : { do: 'retry', first, ...(kind === 'models' && { free: true }) };
  const isRefused = error.mayRunAgain && !error.retryable && hits.some(({ refuses }) => refuses);
  const before = isRefused ? [] : stepsOf(error.details.next);
  return error.changed({ next: [...before, out] });
}

/** After the 401 of an `alltoken serve`. `first`: what is done before the same command is run again. */
export function withProxyToken(
  situation: Situation,
  first: (words: string) => NextStep,
): NextStep[] {
  const { gateway, keySource } = situation;
  const isByFlag = gateway?.addressFrom?.includes('--base-url') === true;
  const words =
    keySource === null
      ? `set the variables that alltoken serve prints at its start${isByFlag ? ', leave out --base-url' : ''}`
      : `set ${keySource} to the token that alltoken serve printed at its start`;
  const other = unsetAddress(situation);
  return [first(words), ...(other === null ? [] : [say(other, 'user')])];
}

/** Where variables have chosen the base URL; undefined where none has. */
export function leadsElsewhere(situation: Situation): NextStep | undefined {
  const { gateway } = situation;
  const unset = unsetAddress(situation);
  if (gateway === null || unset === null) return undefined;
  const [name = ''] = gateway.addressFrom ?? [];
  const start =
    name === RUN_VARIABLE
      ? 'start alltoken serve again and set what it prints'
      : 'start the server there';
  return say(`${name} leads to ${gateway.baseUrl}: ${start}, or ${unset}`, 'user');
}

/** The same failure of the network, with the variable that has chosen the address among its steps. */
export function withAddress(error: CliError, situation: Situation): CliError {
  const leads = error.exit === 'network' ? leadsElsewhere(situation) : undefined;
  if (leads === undefined) return error;
  const next: NextSteps = [...stepsOf(error.details.next), leads];
  return error.changed({ next });
}

/** The command that takes the address back; null where no variable has chosen it. */
function unsetAddress({ gateway, machine }: Situation): string | null {
  const names = (gateway?.addressFrom ?? []).filter((name) => !name.startsWith('-'));
  return names.length === 0 ? null : unsetLine(machine?.platform ?? '', names);
}
