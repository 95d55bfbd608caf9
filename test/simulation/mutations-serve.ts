/** Deliberate defects of the proxy: who shares a purchase, what clients are told, and what it may spend. */
import type { Mutation } from './mutations.ts';

export const serveMutations: readonly Mutation[] = [
  {
    name: 'a command keeps books beside the proxy of its home',
    file: 'config/own-servers.ts',
    find: "isReachedAs(name, server, deps) && stateOf(server, deps) === 'runs',",
    replace: "isReachedAs(name, server, deps) && stateOf(server, deps) === 'dead',",
  },
  {
    name: 'a retry is not attached to the call that its client has left',
    file: 'serve/purchase.ts',
    find: '    service.flights.lost(wanted, flight);\n',
    replace: '',
  },
  {
    name: 'a kept reply is given to more than one retry',
    file: 'serve/single-flight.ts',
    find: '      this.left.delete(entry);\n      if (entry.flight.isWhole)',
    replace: '      if (entry.flight.isWhole)',
  },
  {
    name: 'equal requests of others are merged',
    file: 'serve/single-flight.ts',
    find: 'if (key === null && !(wanted.isRetry && this.left.size > 0)) return null;',
    replace: 'if (key === null && this.left.size === 0) return null;',
  },
  {
    name: 'an Idempotency-Key is forgotten when its call ends',
    file: 'serve/chat/chat.ts',
    find: "if (failure !== null && outcome.billed === 'no') service",
    replace: 'if (outcome.exit !== null) service',
  },
  {
    name: 'a lost reply may be bought again',
    file: 'serve/chat/chat.ts',
    find: "if (failure !== null && outcome.billed === 'no') service",
    replace: 'if (failure !== null) service',
  },
  {
    name: 'a proxy that ends keeps its lease',
    file: 'serve/start.ts',
    find: '      await tills.close();\n',
    replace: '',
  },
  {
    name: 'calls are not cut off when the time of a stop is over',
    file: 'serve/ending.ts',
    find: '  const end = (): void => stop.abort(server.reason);',
    replace: '  const end = (): void => {};',
  },
  {
    name: 'a drained call has no outcome',
    file: 'serve/chat/chat.ts',
    find: 'const problem = await admission.settle(outcome);',
    replace: 'const problem = flight.isAlone ? null : await admission.settle(outcome);',
  },
  {
    name: 'the cost in headers and trailers is that of an estimate',
    file: 'serve/purchase.ts',
    find: "...(cost.amount !== null && { 'x-alltoken-cost': cost.amount }),",
    replace: "...(cost.amount !== null && { 'x-alltoken-cost': cost.amount.slice(0, -3) }),",
  },
  {
    name: 'a client that leaves makes its call free',
    file: 'serve/purchase.ts',
    find: "billed: failure?.billed ?? 'yes' }",
    replace: "billed: failure === null ? 'yes' : 'no' }",
  },
  {
    name: 'the total is checked after a call',
    file: 'money/budget/lease.ts',
    find: 'return check === undefined || (check.fits && !check.waits);',
    replace: 'return check === undefined || check.known;',
  },
  {
    name: 'what a lease holds is not counted',
    file: 'money/budget/lease.ts',
    find: '    this.held = plus(this.held, amount);\n    this.options.total?.hold(amount);',
    replace: '    this.options.total?.hold(amount);\n    this.held = plus(this.held, zero);',
  },
  {
    name: 'a stream that broke off is closed as a whole one',
    file: 'serve/chat/relay.ts',
    find: 'if (failure?.details.cause !== undefined && !answer.hasTerminalSignal) flight.break();\n      else flight.close(facts);',
    replace: 'flight.close(facts);',
  },
  {
    name: 'a part of an answer is sent as a whole document',
    file: 'serve/chat/relay.ts',
    find: 'if (failure !== null && !isAnswered) this.fail(failure, facts);',
    replace: 'if (failure !== null && !answer.begun) this.fail(failure, facts);',
  },
  {
    name: 'a library is told to try again after a lost reply',
    file: 'serve/refusal.ts',
    find: "mayRetry: error.billed === 'no' && error.retryable,",
    replace: "mayRetry: error.billed !== 'yes',",
  },
  {
    name: 'a price list that could not be had is not looked for again',
    file: 'serve/service.ts',
    find: 'found === before ? AGAIN_MS : FRESH_MS',
    replace: 'FRESH_MS',
  },
];
