/** What every paid request through the proxy has in common: its lines in the ledger, and what becomes of it when its client leaves. */
import { type CliError, EXIT_OK } from '../base/errors.ts';
import { thisProcess } from '../base/process-state.ts';
import type { IntentLine, OutcomeLine } from '../money/ledger/lines.ts';
import { type CallEnd, outcomeLine } from '../work/call/outcome.ts';
import type { CallTerms } from './chat/ask.ts';
import type { Flight } from './flight.ts';
import type { Service } from './service.ts';
import type { Wanted } from './single-flight.ts';

/** How long the gateway is waited for after a client has left that had nothing yet, ms: it may come back. */
const COMES_BACK_MS = 15_000;

export interface Watched {
  flight: Flight;
  wanted: Wanted;
  isStream: boolean;
  /** Nothing but the cost can follow. */
  isComplete(): boolean;
  /** Ends the request to the gateway. */
  stop: AbortController;
}

/** Ends the call, or lets it go on, when nobody waits for it any more. */
export function watchClient(
  { flight, wanted, isStream, isComplete, stop }: Watched,
  service: Service,
): void {
  let stopWaiting = (): void => {};
  const giveUp = (): void => {
    const how = service.rules.onDisconnect ?? (isStream ? 'cancel' : 'drain');
    if (how === 'cancel' && !isComplete()) stop.abort(new Error('the client has left'));
  };
  flight.onAlone = () => {
    if (flight.hasBegun) {
      giveUp();
      return;
    }
    service.flights.lost(wanted, flight);
    stopWaiting = service.deps.clock.after(COMES_BACK_MS, giveUp, 'background');
  };
  flight.onCompany = () => stopWaiting();
  if (flight.isAlone) flight.onAlone();
}

export function intentOf(model: string, terms: CallTerms, service: Service): IntentLine {
  const { command, connection, tills, deps } = service;
  return {
    v: 1,
    event: 'intent',
    call: deps.uuid(),
    at: new Date(deps.clock.now()).toISOString(),
    command,
    gateway: connection.gateway.id,
    session: terms.session,
    tags: tills.tagsOf(terms.tags),
    ...thisProcess(deps),
    model,
  };
}

export interface Ended extends Omit<CallEnd, 'exit' | 'billed'> {
  failure: CliError | null;
}

export function outcomeOf(intent: IntentLine, ended: Ended, { deps }: Service): OutcomeLine {
  const { failure, ...facts } = ended;
  const exit = failure?.exitCode ?? EXIT_OK;
  return outcomeLine(intent, { ...facts, exit, billed: failure?.billed ?? 'yes' }, deps);
}

/** For `GET /alltoken/v1/calls/{id}`, while it runs and when it has ended. */
export function remember(
  intent: IntentLine,
  outcome: OutcomeLine | null,
  cut: string | null,
  { calls }: Service,
): void {
  calls.set({
    id: intent.call,
    status: outcome === null ? 'running' : 'done',
    model: outcome?.model ?? null,
    requested_model: intent.model,
    billed: outcome?.billed ?? 'unknown',
    cost: outcome?.cost ?? { amount: null, currency: 'USD', source: 'unknown' },
    usage: outcome?.usage ?? null,
    request_id: outcome?.request_id ?? null,
    cut,
    exit: outcome?.exit ?? null,
  });
}

/** Of a call that has ended, for headers or trailers. */
export function costHeaders(
  { cost, billed }: OutcomeLine,
  cut: string | null,
): Record<string, string> {
  return {
    ...(cost.amount !== null && { 'x-alltoken-cost': cost.amount }),
    'x-alltoken-cost-source': cost.source,
    'x-alltoken-billed': billed,
    ...(cut !== null && { 'x-alltoken-cut': cut }),
  };
}

/** The names of those headers, as a stream announces them. */
export const trailerNames = [
  'x-alltoken-cost',
  'x-alltoken-cost-source',
  'x-alltoken-billed',
  'x-alltoken-cut',
].join(', ');
