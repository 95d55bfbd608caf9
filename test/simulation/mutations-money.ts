/** Deliberate defects of budgets, the ledger and conversations. */
import type { Mutation } from './mutations.ts';

export const moneyMutations: readonly Mutation[] = [
  {
    name: 'a call is not reserved',
    file: 'money/budget/reserve.ts',
    find: 'if (fits && !waits) state.reservations.push(reservationOf(purchase, deps));',
    replace: '',
  },
  {
    name: 'a budget that cannot be read is made anew',
    file: 'money/budget/state.ts',
    find: "    if (code === 'ENOENT' || code === 'EFBIG') return null;\n    throw error;",
    replace: '    if (code !== undefined) return null;\n    throw error;',
  },
  {
    name: 'an unknown cost counts as nothing',
    file: 'money/budget/count-lines.ts',
    find: "const guess = line.bound ?? held?.amount ?? begun?.amount ?? before?.amount ?? '0';",
    replace: "const guess = '0';",
  },
  {
    name: 'the ledger is counted twice',
    file: 'money/budget/catch-up.ts',
    find: '        state.offset = end;\n',
    replace: '',
  },
  {
    name: 'a reservation ends with the intent',
    file: 'money/budget/count-lines.ts',
    find: '    this.state.unsettled[call] = {\n',
    replace:
      '    this.state.reservations = this.state.reservations.filter((held) => held.call !== call);\n    if (bound !== null) return;\n    this.state.unsettled[call] = {\n',
  },
  {
    name: 'a cap on a month is held against the day',
    file: 'money/budget/caps.ts',
    find: '(running?.spent(tag)[per] ?? zero)',
    replace: '(running?.spent(tag).day ?? zero)',
  },
  {
    name: 'play money counts in real caps',
    file: 'money/budget/catch-up.ts',
    find: '(gateway === playGateway) === book.isPlay && ',
    replace: '',
  },
  {
    name: 'play money is in the reports',
    file: 'money/play.ts',
    find: 'wanted === null ? gateway !== playGateway : ',
    replace: 'wanted === null ? true : ',
  },
  {
    name: 'an outcome is written twice',
    file: 'work/call/books.ts',
    find: '    const problem = await appendLedger(ledger, line, key, deps);\n',
    replace:
      '    await appendLedger(ledger, line, key, deps);\n    const problem = await appendLedger(ledger, line, key, deps);\n',
  },
  {
    name: 'a call is sent although a budget needs the ledger',
    file: 'work/call/books.ts',
    find: '        throw withoutLedger(problem);\n',
    replace: '',
  },
  {
    name: 'an outcome of a call that the ledger does not take is not said',
    file: 'work/call/send.ts',
    find: "  if (unwritten !== null) yield lossOf('ledger', unwritten);\n",
    replace: '',
  },
  {
    name: 'half a line of another process takes ours with it',
    file: 'system/append-line.ts',
    find: '    half ??= bytes',
    replace: '    half = null;\n    bytes',
  },
  {
    name: 'a line is glued to half a one',
    file: 'system/append-line.ts',
    find: 'return Buffer.from(',
    replace: 'isTorn = false;\n  return Buffer.from(',
  },
  {
    name: 'a turn takes the place of the earlier ones',
    file: 'work/ask/conversations.ts',
    find: 'await (fresh\n',
    replace: 'await (fresh || before !== null\n',
  },
  {
    name: 'a named turn is not saved',
    file: 'work/ask/run.ts',
    find: 'if (!conversation.save || (answer',
    replace: 'if (!conversation.save || answer.attempts > 1 || (answer',
  },
];
