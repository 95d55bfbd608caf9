/** Deliberate defects of jobs, their files and locks. */
import type { Mutation } from './mutations.ts';

export const jobsMutations: readonly Mutation[] = [
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
    file: 'base/process-state.ts',
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
    name: 'the id of a task is not recorded',
    file: 'jobs/create-step.ts',
    find: "    state: 'submitted',\n    task_id: taskId,\n",
    replace: "    state: 'submitted',\n",
  },
  {
    name: 'the one reply with an image is not synced',
    file: 'jobs/spool.ts',
    find: '    }\n    await file.sync();\n',
    replace: '    }\n',
  },
  {
    name: 'half a reply is thrown away',
    file: 'jobs/spool-created.ts',
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
    name: 'no intent is written',
    file: 'jobs/job-ledger-lines.ts',
    find: "      event: 'intent',",
    replace: "      event: 'intention' as 'intent',",
  },
  {
    name: 'a repeated create request has no line in the ledger',
    file: 'work/tasks/resume-one.ts',
    find: 'repeats && (yield* admit(job, connection, said, deps));',
    replace: 'repeats;',
  },
  {
    name: 'a line that the ledger does not take is not said',
    file: 'work/media/keep-books.ts',
    find: "  if (problem !== null) yield lossOf('ledger', problem);\n",
    replace: '',
  },
  {
    name: 'an outcome that the ledger does not take is not said',
    file: 'work/media/keep-books.ts',
    find: "  if (unwritten !== null) yield lossOf('ledger', unwritten);\n",
    replace: '',
  },
  {
    name: 'a refusal of a repeated create request answers for the first',
    file: 'jobs/create-step.ts',
    find: 'const sentBefore = options.askNow || create.attempts > 0;',
    replace: 'const sentBefore = create.attempts > 0;',
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
    file: 'work/tasks/cancel.ts',
    find: "if (task.status === 'cancelled' && job.record.state === 'submitted')",
    replace: "if (job.record.state === 'submitted')",
  },
  {
    name: 'a record keeps its age by the wall clock alone',
    file: 'jobs/new-record.ts',
    find: '...(boot !== null && { boot }), ',
    replace: '',
  },
  {
    name: 'a create request is repeated when it is young by one clock',
    file: 'jobs/create-step.ts',
    find: 'return isOurs && Number.isNaN(boot) ? [wall] : [wall, boot];',
    replace: 'return Number.isNaN(boot) && !isOurs ? [wall, boot] : [wall];',
  },
];
