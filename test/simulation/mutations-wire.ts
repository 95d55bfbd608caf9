/** Deliberate defects of requests and answers. */
import type { Mutation } from './mutations.ts';

export const wireMutations: readonly Mutation[] = [
  {
    name: 'a refused paid request is sent again',
    file: 'transport/retry.ts',
    find: 'failure.inEnvelope && (failure.status === 429 || failure.status === 503)',
    replace: 'failure.inEnvelope && (failure.status < 500 || failure.status === 503)',
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
    find: "return new CliError(paid ? 'outcome_unknown' : 'network', words, {",
    replace: "return new CliError('network', words, {",
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
    find: '  if (sending?.sent === false)\n',
    replace: '  if (sending?.sent === false && paid === undefined)\n',
  },
  {
    name: 'an Idempotency-Key is believed for an hour',
    file: 'client/create-task.ts',
    find: 'age + inMs < idempotencyMs - MARGIN_MS',
    replace: 'age + inMs < 60 * idempotencyMs',
  },
  {
    name: 'the task that a duplicate names is not taken',
    file: 'client/create-task.ts',
    find: 'details.status === 409 && details.taskId !== undefined',
    replace: 'details.status === 418 && details.taskId !== undefined',
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
    find: '(this.answer.done && (this.costSeen || this.context.costWaitMillis === 0))',
    replace: 'this.answer.done',
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
    name: 'a refusal by content policy is a success',
    file: 'client/chat.ts',
    find: "if (ending === 'refused')",
    replace: "if (ending === ('never' as string))",
  },
  {
    name: 'a signal is no signal',
    file: 'base/errors.ts',
    find: 'sigint: { code: 130',
    replace: 'sigint: { code: 40',
  },
];
