/** One call of a tool: runs its command line in this process and hears how it goes. It prints nothing, and ends in time. */
import { CliError, SignalReceived } from '../../errors.ts';
import type { OutputEvent } from '../../events.ts';
import { errorDocument, toCliError } from '../../render/failure.ts';
import { documentOf } from '../../render/json.ts';
import { innerDeps, noInput } from '../inner-deps.ts';
import { lineOf } from './line.ts';
import { type Serving, stopAfterMs } from './serving.ts';
import type { Tool, ToolInput } from './tool.ts';

/** What a command prints with --json. */
export type ResultDocument = Record<string, unknown>;

export interface Outcome {
  document: ResultDocument;
  /** It was stopped because its time was up. */
  outOfTime: boolean;
}

/** Nothing but the protocol may stand on standard output, whatever a command does. */
const nowhere = { isTerminal: false, columns: undefined, write: async () => {} };

/** `cancelled`: the host no longer wants it. Resolves to the command's document, in success and in failure. */
export async function callTool(
  tool: Tool,
  input: ToolInput,
  cancelled: AbortSignal,
  hear: (event: OutputEvent) => void,
  serving: Serving,
): Promise<Outcome> {
  const { context, directory, flags } = serving;
  const stop = new AbortController();
  const end = (): void => stop.abort(new SignalReceived('SIGINT'));
  if (cancelled.aborted) end();
  else cancelled.addEventListener('abort', end, { once: true });
  let outOfTime = false;
  const timer = setTimeout(() => {
    outOfTime = true;
    end();
  }, stopAfterMs(flags));
  const deps = innerDeps(context.deps, {
    stdin: noInput,
    stdout: nowhere,
    stderr: nowhere,
    signal: stop.signal,
    workingDirectory: directory,
  });
  let document: ResultDocument | null = null;
  try {
    const line = await lineOf(tool, input, serving, deps);
    await context.listen(line, deps, (event) => {
      document = asDocument(documentOf(event)) ?? document;
      hear(event);
    });
  } catch (error) {
    document = failed(tool, toCliError(error));
  } finally {
    clearTimeout(timer);
    cancelled.removeEventListener('abort', end);
  }
  document ??= failed(tool, new CliError('internal', 'the command said nothing'));
  return { document, outOfTime };
}

function asDocument(value: unknown): ResultDocument | null {
  return typeof value === 'object' && value !== null ? { ...value } : null;
}

function failed(tool: Tool, error: CliError): ResultDocument {
  return {
    schema: 'alltoken.error.v1',
    ok: false,
    command: tool.words.join(' '),
    error: errorDocument(error),
  };
}
