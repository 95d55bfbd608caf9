/** One call of a tool: runs its command line in this process and receives its events. It prints nothing, and meets its deadline. */
import type { core } from 'zod/mini';
import type { Deps } from '../../base/deps.ts';
import { toCliError } from '../../base/error-document.ts';
import { SignalReceived } from '../../base/errors.ts';
import { innerDeps, noInput } from '../../base/inner-deps.ts';
import { documentOf } from '../../base/result-document.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { claimFile } from './claims.ts';
import { checkInput, declaredOptions, lineOf } from './line.ts';
import { nameTimeout, timeIsUp } from './out-of-time.ts';
import { errorOf, failureOf, type ResultDocument, silence } from './result-document.ts';
import { type Serving, stopAfterMs, waitOf } from './serving.ts';
import { readInput } from './standard.ts';
import type { Tool, ToolInput } from './tool.ts';

export interface Call {
  tool: Tool;
  /** What its input has to be. */
  schema: core.$ZodType;
  /** In the form that the schema wants, where only the form was another one. */
  given: ToolInput;
  /** What was changed for that, in sentences for the host. */
  notes: readonly string[];
  /** The host no longer wants it. */
  cancelled: AbortSignal;
  onEvent(event: OutputEvent): void;
}

export interface Outcome {
  document: ResultDocument;
  /** It was stopped because its time was up. */
  outOfTime: boolean;
}

/** Only the protocol may be written to standard output, whatever a command does. */
const nowhere = { isTerminal: false, columns: undefined, write: async () => {} };

/** How long a task is left alone that another call works on, before it is asked for again. */
const IN_USE_MS = 500;

/** Resolves to the command's document, in success and in failure. */
export async function callTool(call: Call, serving: Serving): Promise<Outcome> {
  const { tool, cancelled } = call;
  const { context, directory, flags } = serving;
  const stop = new AbortController();
  const end = (): void => stop.abort(new SignalReceived('SIGINT'));
  if (cancelled.aborted) end();
  else cancelled.addEventListener('abort', end, { once: true });
  let outOfTime = false;
  const stopWaiting = context.deps.clock.after(stopAfterMs(flags, tool), () => {
    outOfTime = true;
    stop.abort(timeIsUp());
  });
  const deps = innerDeps(context.deps, {
    stdin: noInput,
    stdout: nowhere,
    stderr: nowhere,
    signal: stop.signal,
    workingDirectory: directory,
  });
  let document: ResultDocument;
  const orderEnded = serving.orders.begin(tool, call.given);
  try {
    document = await runCall(call, serving, deps);
  } catch (error) {
    document = failureOf(tool, toCliError(error));
  } finally {
    stopWaiting();
    cancelled.removeEventListener('abort', end);
  }
  if (outOfTime) document = nameTimeout(document, tool);
  orderEnded(document);
  serving.orders.close(document);
  return { document, outOfTime };
}

/** Throws `CliError` for an input that is refused. */
async function runCall(call: Call, serving: Serving, deps: Deps): Promise<ResultDocument> {
  const { tool, schema, given, notes } = call;
  const read = readInput(schema, given);
  const input = await serving.orders.fill(tool, read, deps.signal);
  const startedAt = deps.clock.monotonic();
  const waitLeft = (): number =>
    Math.round(waitOf(serving.flags, input) - (deps.clock.monotonic() - startedAt) / 1000);
  const declared = await declaredOptions(tool, serving.context);
  await checkInput(tool, input, declared, serving, deps);
  const giveBack = await claimFile(input, serving, deps);
  try {
    for (;;) {
      const line = lineOf(tool, input, Math.max(0, waitLeft()), declared, serving);
      const document = await run(line, call, serving, deps);
      const isInUse = tool.waits && errorOf(document)?.code === 'in_use';
      if (!isInUse || waitLeft() <= 0 || deps.signal.aborted) return withNotes(document, notes);
      await deps.clock.sleep(IN_USE_MS, deps.signal).catch(() => {}); // then the call is over
    }
  } finally {
    giveBack();
  }
}

function withNotes(document: ResultDocument, notes: readonly string[]): ResultDocument {
  if (notes.length === 0) return document;
  const { warnings } = document;
  return { ...document, warnings: [...(Array.isArray(warnings) ? warnings : []), ...notes] };
}

async function run(
  line: readonly string[],
  { tool, onEvent }: Call,
  { context }: Serving,
  deps: Deps,
): Promise<ResultDocument> {
  let document: ResultDocument | null = null;
  await context.listen(line, deps, (event) => {
    document = asDocument(documentOf(event)) ?? document;
    onEvent(event);
  });
  return document ?? failureOf(tool, silence());
}

function asDocument(value: unknown): ResultDocument | null {
  return typeof value === 'object' && value !== null ? { ...value } : null;
}
