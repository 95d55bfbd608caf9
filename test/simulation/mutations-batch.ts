/** Deliberate defects of batches: their intents, their output, what is sent again, and their limits. */
import type { Mutation } from './mutations.ts';

export const batchMutations: readonly Mutation[] = [
  {
    name: 'the intent of a line is written after it is sent',
    file: 'batch/send-line.ts',
    find: 'await context.state.intend({ id: job.id, hash: job.hash, call, bound, isAgain, model });',
    replace:
      'void context.deps.clock.sleep(500, new AbortController().signal).then(() => context.state.intend({ id: job.id, hash: job.hash, call, bound, isAgain, model })).catch(() => {});',
  },
  {
    name: 'the intent of a line is not synced',
    file: 'batch/state-file.ts',
    find: '    await this.writer.sync();\n',
    replace: '',
  },
  {
    name: 'an outcome is in the ledger before its result is in the output, and counts as the result',
    file: 'batch/loop.ts',
    find: '    let state: LineState = stateOf(line);\n',
    replace: '    let state: LineState = stateOf(line);\n    await ended.settle?.();\n',
  },
  {
    name: 'a line that met 429 is begun twice',
    file: 'batch/send-line.ts',
    find: '      permit = await rate.permit(true);\n      if (permit !== null) continue;',
    replace:
      '      permit = await rate.permit(true);\n      if (permit !== null) {\n        await attempt(held, new Answer(1000), [], context);\n        continue;\n      }',
  },
  {
    name: 'a 429 counts as a try, and the third one fails the line',
    file: 'batch/send-line.ts',
    find: "    if (verdict === 'try') tries += 1;",
    replace: '    tries += 1;',
    more: [
      {
        file: 'batch/send-line.ts',
        find: "if (ends === null && verdict === 'try' && tries >= MAX_TRIES)",
        replace: 'if (ends === null && tries >= MAX_TRIES)',
      },
    ],
  },
  {
    name: 'an unknown line is sent again without being asked for',
    file: 'batch/settle.ts',
    find: '      index.setResult(number, { state: lineStates.unknown, ...line.alltoken });',
    replace: '      index.setState(number, lineStates.unread);',
  },
  {
    name: 'an intent without a result is not looked at',
    file: 'batch/intents.ts',
    find: '        index.setState(number, lineStates.intent);',
    replace: '        index.setState(number, lineStates.unread);\n        intents.close(number);',
  },
  {
    name: 'a torn last line of the output is not cut off',
    file: 'batch/output-file.ts',
    find: "openToWrite(path, isThere ? bytes : 'new', 0o666)",
    replace:
      "openToWrite(path, isThere ? ((await files.status(path))?.bytes ?? bytes) : 'new', 0o666)",
  },
  {
    name: 'the compacted output is renamed before it is synced',
    file: 'batch/output-file.ts',
    find: '      await copyLines(reader, writer, offsets, deps);\n      await writer.sync();',
    replace: '      await copyLines(reader, writer, offsets, deps);',
  },
  {
    name: 'the lock of an output is not looked at',
    file: 'batch/place.ts',
    find: "  if (!('heldBy' in lock)) return lock;",
    replace:
      "  if (!('heldBy' in lock) || lock.heldBy > 0) return 'heldBy' in lock ? { release: async () => {} } : lock;",
  },
  {
    name: 'the intents go before the output is synced',
    file: 'batch/run.ts',
    find: '    if ((await deps.files.status(plan.output)) !== null) await syncOutput(plan.output, calm);\n',
    replace: '',
  },
  {
    name: 'the intents go where a result could not be written',
    file: 'batch/run.ts',
    find: '    if (isSettled) await',
    replace: '    await',
  },
  {
    name: 'the intents go where the ledger did not take an outcome',
    file: 'batch/run.ts',
    find: 'loop.lost === 0 && unbooked === null && recalled.unsettled === null',
    replace: 'loop.lost === 0',
  },
  {
    name: 'a failed line is sent again by every run',
    file: 'batch/run.ts',
    find: '  if (retryFailed) open(lineStates.failed);',
    replace: '  open(lineStates.failed);',
  },
  {
    name: '--max-cost forgets what earlier runs spent',
    file: 'batch/total.ts',
    find: 'total: new Total(maxCost, { spent })',
    replace: 'total: new Total(maxCost)',
  },
  {
    name: 'a line of unknown cost counts as nothing under --max-cost',
    file: 'batch/tally.ts',
    find: "      this.bounds = how(this.bounds, parseDecimal(bound ?? '0') ?? zero);\n",
    replace: '',
  },
  {
    name: 'Retry-After of a batch is ignored',
    file: 'batch/rate.ts',
    find: 'const pause = Math.max(SHORTEST_PAUSE_MS, retryAfterMs ?? usual);',
    replace: 'const pause = Math.max(SHORTEST_PAUSE_MS, retryAfterMs === -1 ? 0 : usual);',
  },
  {
    name: 'a result without its outcome in the ledger is left so',
    file: 'batch/settle.ts',
    find: 'if (intents.calls.has(call) && !ended.add(call)) lacking.push(known);',
    replace:
      'if (intents.calls.has(call) && !ended.add(call) && known.attempts < 0) lacking.push(known);',
  },
  {
    name: 'Ctrl-C ends the requests that are in flight',
    file: 'batch/run.ts',
    find: 'const ongoing = innerDeps(deps, { signal: new AbortController().signal });',
    replace: 'const ongoing = innerDeps(deps, { signal: deps.signal });',
  },
  {
    name: 'the outcome of a second try has the cost of both',
    file: 'batch/settle.ts',
    find: '  const { cost, billed, attempts } = known.last;',
    replace:
      "  const { cost, billed, attempts } = 'cost' in known ? (known as Known) : known.last;",
  },
  {
    name: 'the budgets of the config are not held over a batch',
    file: 'batch/plan.ts',
    find: 'const caps = capsOf(budget, undefined, options.tags);',
    replace: 'const caps = capsOf(undefined, undefined, options.tags);',
  },
  {
    name: 'each part of a batch may cost the whole --max-cost',
    file: 'batch/total.ts',
    find: 'if (shard === null || shard.count === 1)',
    replace: 'if (shard === null || shard.count > 0)',
  },
  {
    name: 'a line that waited for money is sent in the middle of a Retry-After',
    file: 'batch/send-line.ts',
    find: 'const renewed = await rate.renewed(first);',
    replace: 'const renewed = first;',
  },
  {
    name: 'a line that was refused waits for those that wait for its money',
    file: 'batch/send-line.ts',
    find: '  rate.setAside(first);\n',
    replace: '',
  },
  {
    name: 'a failed line that is not sent again is called skipped',
    file: 'batch/run.ts',
    find: '  closeAgain();\n',
    replace: '',
  },
  {
    name: 'a line that was refused waits behind new ones',
    file: 'batch/rate.ts',
    find: '(again ? this.again : this.fresh).push({ grant });',
    replace: 'this.fresh.push({ grant });',
  },
  {
    name: 'a refusal that ends a batch lets another line begin',
    file: 'batch/send-line.ts',
    find: '    if (isOver !== null) context.end(isOver);\n',
    replace: '',
  },
  {
    name: 'an outcome that lacks only its line feed is written again',
    file: 'batch/settle.ts',
    find: 'for (const text of [...lines, rest]) {',
    replace: 'for (const text of lines.filter(() => rest !== null)) {',
  },
  {
    name: 'of lines of one turn only the first is written',
    file: 'system/append-together.ts',
    find: 'const appended = await append(path, lines, true);',
    replace:
      'const appended = { ...(await append(path, lines.slice(0, 1), true)), whole: lines.length };',
  },
  {
    name: 'behind a line that could not be written the others of its turn wait for ever',
    file: 'system/append-together.ts',
    find: '  return whole + 1;',
    replace: '  return group.length;',
  },
  {
    name: 'a line that was not sent is booked as a success',
    file: 'batch/send-line.ts',
    find: "await settle(new Answer(0), null, 'no');",
    replace: "await settle(new Answer(0), 0, 'no');",
  },
];
