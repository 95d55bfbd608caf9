/** Deliberate defects of agents: their history, their tools and what they may spend. */
import type { Mutation } from './mutations.ts';

export const agentMutations: readonly Mutation[] = [
  {
    name: 'calls without a result are sent',
    file: 'agent/history.ts',
    find: '  return isMended ? list : messages;',
    replace: '  return messages;',
    more: [
      {
        file: 'agent/loop.ts',
        find: "      run.append(resultMessage(id, JSON.stringify(failed('aborted'))));\n      continue;",
        replace: '      continue;',
      },
    ],
  },
  {
    name: 'tools run for an answer that was cut at the token limit',
    file: 'agent/loop.ts',
    find: "const isWell = answered.ending === null || answered.ending === 'done';",
    replace: 'const isWell = true;',
    more: [
      {
        file: 'agent/loop.ts',
        find: "if (answered.ending === 'length') {",
        replace: "if (answered.ending === 'length' && calls.length === 0) {",
      },
    ],
  },
  {
    name: 'tools run beside a call with bad arguments',
    file: 'agent/loop.ts',
    find: 'const mayRun = isWell && !isInvalid;',
    replace: 'const mayRun = isWell && ready.length >= 0;',
  },
  {
    name: 'a call that was interrupted runs again',
    file: 'agent/loop.ts',
    find: 'if (handler === undefined || !(isDecided || (mayWait && waits))) {',
    replace: 'if (handler === undefined || (isDecided && mayWait && waits)) {',
  },
  {
    name: 'an unknown cost counts as nothing under maxCost',
    file: 'agent/purse.ts',
    find: 'else if (bound !== null) this.#gone = plus(this.#gone, bound);',
    replace: 'else if (bound !== null) this.#gone = plus(this.#gone, zero);',
  },
  {
    name: 'maxCost forgets what earlier processes spent',
    file: 'agent/agent.ts',
    find: 'if (this.#hasCounted || session === null || maxCost === null) return;',
    replace: 'if (this.#hasCounted || session !== null || maxCost === null) return;',
  },
  {
    name: 'maxCost counts no call that was killed',
    file: 'agent/world.ts',
    find: 'if (isOurs(line)) amounts.push(line.bound ?? null);',
    replace: "if (isOurs(line)) amounts.push('0');",
  },
];
