/** Deliberate defects, as data: each is one change of the source that the simulator has to find. */

export interface Mutation {
  /** What is wrong then. */
  name: string;
  /** Below src. */
  file: string;
  /** Stands there exactly once. */
  find: string;
  replace: string;
  /** Where one place is not enough. */
  more?: readonly Omit<Mutation, 'name' | 'more'>[];
}

export const mutations: readonly Mutation[] = [
  {
    name: 'the record of a job is not durable',
    file: 'jobs/journal.ts',
    find: 'replace(fileOf(record.id), text);',
    replace: 'replace(fileOf(record.id), text, { durable: false });',
  },
  {
    name: 'a lock is not looked at again once it is made',
    file: 'system/lock.ts',
    find: '    holder = await find();\n    isMade',
    replace: '    isMade',
  },
  {
    name: 'a lock is not given back',
    file: 'system/lock.ts',
    find: '  try {\n    await files.remove(path);\n  } finally {\n    ourLocks',
    replace: '  try {\n    await files.status(path);\n  } finally {\n    ourLocks',
  },
  {
    name: 'locks of the dead are believed',
    file: 'system/lock.ts',
    find: "  return deps.processMark(pid) === mark ? 'runs' : 'dead';",
    replace: "  return 'runs';",
  },
  {
    name: 'resume sends the create request again whatever the state',
    file: 'jobs/create-step.ts',
    find: '  if (!options.mayCreate) throw yield* unknownOutcome(job, context, null);\n',
    replace: '',
  },
  {
    name: 'a lost paid request is sent again',
    file: 'transport/retry.ts',
    find: 'return !paid && failure.error.retryable;',
    replace: 'return true;',
  },
  {
    name: 'any 5xx is sent again, paid or not',
    file: 'transport/retry.ts',
    find: 'if (paid) return failure.inEnvelope && (failure.status === 429 || failure.status === 503);\n',
    replace: '',
  },
  {
    name: 'a lost paid request is called a failure of the network',
    file: 'transport/verdict.ts',
    find: "  return paid\n    ? new CliError('outcome_unknown', words, { code: code ?? 'connection_lost', cause })\n    : new",
    replace: '  return new',
  },
  {
    name: 'a paid request without an answer is called a time-out',
    file: 'transport/verdict.ts',
    find: "paid && sent ? 'outcome_unknown' : 'timeout'",
    replace: "'timeout'",
  },
  {
    name: 'a 502 page is a verdict of the gateway',
    file: 'transport/verdict.ts',
    find: "return body.inEnvelope || !paid ? 'upstream' : 'outcome_unknown';",
    replace: "return 'upstream';",
  },
  {
    name: 'a request that never left counts as sent',
    file: 'transport/verdict.ts',
    find: '  if (sending !== null && !sent)\n',
    replace: '  if (sending !== null && !sent && paid === undefined)\n',
  },
  {
    name: 'an Idempotency-Key is believed for an hour',
    file: 'client/create-task.ts',
    find: 'age < idempotencyMs - MARGIN_MS',
    replace: 'age < 60 * idempotencyMs',
  },
  {
    name: 'the task that a duplicate names is not taken',
    file: 'client/create-task.ts',
    find: 'details.status === 409 && details.taskId !== undefined',
    replace: 'details.status === 418 && details.taskId !== undefined',
  },
  {
    name: 'the id of a task is not recorded',
    file: 'jobs/create-step.ts',
    find: "    state: 'submitted',\n    task_id: taskId,\n",
    replace: "    state: 'submitted',\n",
  },
  {
    name: 'the one reply with an image is not synced',
    file: 'jobs/spool.ts',
    find: '    await file.sync();\n',
    replace: '',
  },
  {
    name: 'half a reply is thrown away',
    file: 'jobs/spool.ts',
    find: '    if (isError || (task !== null && !isResult)) await deps.files.remove(path);\n    else await keepAsBody(job, deps);',
    replace: '    await deps.files.remove(path);',
  },
  {
    name: 'a saved reply is not looked for',
    file: 'jobs/await-step.ts',
    find: '    if (spooled !== null) return yield* settle(job, spooled, context);',
    replace: '',
  },
  {
    name: 'a file is not synced before it gets its name',
    file: 'jobs/decode-item.ts',
    find: '    await output.file.sync();\n',
    replace: '',
  },
  {
    name: 'a file takes the name of another',
    file: 'jobs/publish.ts',
    find: '      await files.link(temporary, path);\n      await files.remove(temporary);',
    replace: '      await files.rename(temporary, path);',
  },
  {
    name: 'any file of that name counts as whole',
    file: 'jobs/save-item.ts',
    find: 'return found !== null && found.bytes === saving.bytes && found.sha256 === saving.sha256;',
    replace: 'return found !== null;',
  },
  {
    name: 'the reply is removed before its images are saved',
    file: 'jobs/carry-on.ts',
    find: '  const failures = new Map<number, CliError>();\n',
    replace:
      "  const failures = new Map<number, CliError>();\n  if (job.record.items.length > 1) await context.deps.files.remove(job.file('body'));\n",
  },
  {
    name: 'a failed image counts as saved',
    file: 'jobs/carry-on.ts',
    find: 'if (first !== undefined) throw together(job, first, [...failures.values()]);',
    replace: '',
  },
  {
    name: 'the rest of a download is put behind another file',
    file: 'transport/file-reply.ts',
    find: 'if (!fits || !sameSize || isOtherFile(headers, part))',
    replace: 'if (first === undefined)',
  },
  {
    name: 'a cut download counts as whole',
    file: 'transport/download.ts',
    find: 'if (state.total !== null && state.bytes !== state.total)\n    return {',
    replace: 'if (state.total === -1)\n    return {',
  },
  {
    name: 'a stream that breaks off is a success',
    file: 'client/answer-stream.ts',
    find: 'return this.answer.hasTerminalSignal;',
    replace: 'return true;',
    more: [
      {
        file: 'client/chat.ts',
        find: 'if (!answer.hasTerminalSignal) {',
        replace: 'if (answer.isEmpty) {',
      },
    ],
  },
  {
    name: 'nothing is read after [DONE]',
    file: 'client/answer-stream.ts',
    find: 'return this.answer.done && (this.costSeen || this.context.costWaitMillis === 0);',
    replace: 'return this.answer.done;',
  },
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
    file: 'money/budget/catch-up.ts',
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
    name: 'no intent is written',
    file: 'jobs/job-ledger-lines.ts',
    find: "      event: 'intent',",
    replace: "      event: 'intention' as 'intent',",
  },
  {
    name: 'a repeated create request has no line in the ledger',
    file: 'work/tasks/resume-one.ts',
    find: 'repeats && (yield* writeDown(job, connection, deps));',
    replace: 'repeats;',
  },
  {
    name: 'a line that the ledger does not take is not said',
    file: 'work/media/keep-books.ts',
    find: "  if (problem !== null) yield { type: 'warning', message: problem };\n",
    replace: '',
  },
  {
    name: 'a refusal of a repeated create request answers for the first',
    file: 'jobs/create-step.ts',
    find: 'sentBefore: options.askNow || create.attempts > 0,',
    replace: 'sentBefore: create.attempts > 0,',
  },
  {
    name: 'silence in a body is waited for',
    file: 'transport/watch.ts',
    find: "        clocks.silence = countdown('idle', timeouts.idleMs);",
    replace: "        clocks.silence = countdown('idle', 1e12);",
  },
  {
    name: 'a failed task still runs',
    file: 'client/poll-task.ts',
    find: "status === 'succeeded' || status === 'failed' ||",
    replace: "status === 'succeeded' ||",
  },
  {
    name: 'a passing failure ends the wait',
    file: 'client/poll-task.ts',
    find: '      else if (!isPassing(error)) throw error;',
    replace: '      else throw error;',
  },
  {
    name: 'a bought job may say 2x and 3x',
    file: 'jobs/after-purchase.ts',
    find: "  if (!isBought || !corrected.mayRunAgain || corrected.exit === 'refused') return corrected;",
    replace: '  if (isBought) return corrected;',
  },
  {
    name: 'a signal ends a create request at once',
    file: 'jobs/grace-period.ts',
    find: 'const LAST_BYTES_MS = 3000;',
    replace: 'const LAST_BYTES_MS = 0;',
  },
  {
    name: 'a reservation ends with the intent',
    file: 'money/budget/catch-up.ts',
    find: "  if (typeof bound !== 'string') return;\n",
    replace:
      '  state.reservations = state.reservations.filter((held) => held.call !== call);\n  return;\n',
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
    file: 'work/ask/call-ledger.ts',
    find: '    const problem = await appendLedger(ledger, line, key, deps);\n',
    replace:
      '    await appendLedger(ledger, line, key, deps);\n    const problem = await appendLedger(ledger, line, key, deps);\n',
  },
  {
    name: 'a call is sent although a budget needs the ledger',
    file: 'work/ask/call-ledger.ts',
    find: '          throw withoutLedger(problem);\n',
    replace: '',
  },
  {
    name: 'a downloaded file is published without a sync',
    file: 'jobs/fetch-item.ts',
    find: '    await output.file.sync();\n',
    replace: '',
  },
  {
    name: 'the name of a published file is not synced',
    file: 'jobs/publish.ts',
    find: '  await files.syncDirectory(deps.path.dirname(path));\n',
    replace: '',
  },
  {
    name: 'the one reply with an image is asked for again',
    file: 'jobs/carry-on.ts',
    find: 'if (body === null || (await deps.files.isTaken(body))) return false;',
    replace: 'if (body === null) return false;',
  },
  {
    name: 'only the first of several images is saved',
    file: 'jobs/carry-on.ts',
    find: 'const all = [...job.record.items.keys()];',
    replace: 'const all = [...job.record.items.keys()].slice(0, 1);',
  },
  {
    name: 'a cancel that the gateway refused is recorded as done',
    file: 'commands/tasks/cancel.ts',
    find: "if (task.status === 'cancelled' && job.record.state === 'submitted')",
    replace: "if (job.record.state === 'submitted')",
  },
  {
    name: 'one retry too many',
    file: 'transport/retry.ts',
    find: 'const MAX_TRIES = 3;',
    replace: 'const MAX_TRIES = 4;',
  },
  {
    name: 'Retry-After is ignored',
    file: 'transport/retry.ts',
    find: "const requested = failure.kind === 'status' ? failure.retryAfterMs : null;",
    replace: 'const requested = null as number | null;',
  },
  {
    name: 'the cost after [DONE] is waited for half as long',
    file: 'gateways/alltoken.ts',
    find: 'costWaitMillis: 2000',
    replace: 'costWaitMillis: 1000',
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
    find: 'if (!conversation.save || answer.text.isEmpty) return null;',
    replace: 'if (!conversation.save || answer.text.isEmpty || answer.attempts > 1) return null;',
  },
  {
    name: 'a refusal by content policy is a success',
    file: 'client/chat.ts',
    find: "if (ending === 'refused')",
    replace: "if (ending === ('never' as string))",
  },
  {
    name: 'an empty balance is a failure of the gateway',
    file: 'transport/verdict.ts',
    find: "402: 'balance'",
    replace: "402: 'upstream'",
  },
  {
    name: 'a signal is no signal',
    file: 'base/errors.ts',
    find: 'sigint: { code: 130',
    replace: 'sigint: { code: 40',
  },
];
