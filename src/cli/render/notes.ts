/** Everything that goes to stderr, the same in every format: notes, retries, reasoning, the usage line, errors. It decides nothing. */
import type { Output } from '../../base/deps.ts';
import { errorLine } from '../../base/error-document.ts';
import { oneLine, shorten } from '../../base/json.ts';
import { formsOfAll, SecretStream } from '../../base/redact.ts';
import { wrapWords } from '../../base/wrap-words.ts';
import { formatCost } from '../../money/amount.ts';
import { totalWords } from '../../money/total-cost.ts';
import type {
  ChatEvent,
  ChatFailure,
  ChatSuccess,
  ToolCall,
  ToolResult,
} from '../../schemas/chat.ts';
import type { Cost, ErrorDocument } from '../../schemas/common.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { MediaEvent, MediaFailure, MediaSuccess } from '../../schemas/media.ts';
import { linesProgress } from './lines-progress.ts';
import type { Paint } from './paint.ts';
import type { PreviewTerminal } from './preview/preview.ts';
import { cleanForTerminal, TerminalText } from './sanitize.ts';
import { noSpinner, type Spinner } from './spinner.ts';

export interface NoteOptions {
  quiet: boolean;
  verbose: boolean;
  debug: boolean;
  /** Takes the key, and whatever looks like one, out of a line. */
  redact(text: string): string;
  /** The keys in use. */
  secrets: ReadonlySet<string>;
  /** What images can be shown on; absent where none can. */
  previews?: PreviewTerminal | undefined;
}

const MAX_DEBUG_LENGTH = 4_000;
/** Of what a tool gets and returns, in UTF-16 units. */
const MAX_SHOWN = 300;
/** Notes that wait for the end of an answer; one more does not. */
const MAX_HELD = 100;

/** What the spinner puts around its text: the sign, and how long it has been there. */
const SPINNER_COLUMNS = 12;

/** How long the id of a task is on the spinner's line alone: a shorter wait needs no line of its own. */
const ID_LINE_AFTER_MS = 10_000;

export class Notes {
  private readonly output: Output;
  private readonly options: NoteOptions;
  private readonly paint: Paint;
  private readonly spinner: Spinner;
  private readonly reasoning = new TerminalText();
  /** Of reasoning, as the terminal gets it; null between. */
  private thoughts: SecretStream | null = null;
  /** What the spinner says until the first word of the answer; null before and after. */
  private waitingFor: string | null = null;
  /** A question was written, and what is typed behind it is not shown. */
  private promptOpen = false;
  /** Reasoning was written and its line is still open. */
  private reasoningOpen = false;
  /** An answer is being printed: a note now would stand in the middle of its line, where both streams go to one place. */
  private isAnswering = false;
  private held: (() => Promise<void>)[] = [];
  /** The end of the usage line of an answer in a conversation. */
  private soFar = '';
  /** The id of a task and the command to resume it, not written yet. */
  private idLine: { text: string; cancel(): void } | null = null;

  constructor(output: Output, options: NoteOptions, paint: Paint, spinner: Spinner = noSpinner) {
    this.output = output;
    this.options = options;
    this.paint = paint;
    this.spinner = spinner;
  }

  /** Called for each event before the format's own renderer shows it. */
  async show(event: OutputEvent): Promise<void> {
    if (event.type === 'trace' && !this.wantsTrace(event.level)) return;
    if (this.showOnSpinner(event)) return;
    this.spinner.stop();
    if (event.type !== 'reasoning') await this.closeReasoning();
    if (this.promptOpen) await this.write('\n');
    this.promptOpen = false;
    switch (event.type) {
      case 'start':
        this.waitingFor = this.options.quiet
          ? null
          : this.options.redact(`waiting for ${cleanForTerminal(event.model)}`);
        break;
      case 'reasoning':
        await this.showReasoning(event.text);
        break;
      case 'status':
        await this.afterAnswer(() =>
          'task_id' in event || 'to_type' in event
            ? this.command(event.message)
            : this.note(event.message),
        );
        if ('task_id' in event && this.waitingFor !== null)
          this.waitingFor = cleanForTerminal(`${event.task_id} ${event.status}`);
        break;
      case 'warning':
        await this.afterAnswer(() =>
          event.lost === undefined
            ? this.note(`warning: ${event.message}`, 'yellow')
            : this.line(`warning: ${event.message}`, 'yellow'),
        );
        break;
      case 'retry':
        await this.afterAnswer(() => this.note(retryLine(event)));
        break;
      case 'trace':
        if (event.level === 'debug') await this.trace(event.level, event.message);
        else await this.afterAnswer(() => this.trace(event.level, event.message));
        break;
      case 'delta':
        this.waitingFor = null;
        this.isAnswering = true;
        break;
      case 'preview':
        await this.preview(event.bytes);
        break;
      case 'prompt':
        await this.write(cleanForTerminal(event.message));
        this.promptOpen = true;
        break;
      case 'step':
        // The answer so far has ended, and its line is complete.
        this.waitingFor = null;
        break;
      case 'tool_result':
        await this.toolResult(event.tool_result);
        break;
      case 'question':
        await this.write(cleanForTerminal(this.options.redact(event.message)));
        break;
      case 'settled':
        await this.noteJob(event.usage, event.model, event.cost);
        break;
      case 'so_far':
        this.soFar = ` conversation=${totalWords({ amount: event.amount, atLeast: event.at_least })}`;
        break;
      case 'progress':
        if (event.phase === 'lines')
          await this.note(linesProgress(event, Number.POSITIVE_INFINITY));
        break;
      case 'layout':
      case 'kept':
        break;
      default:
        this.waitingFor = null;
    }
    if (this.waitingFor !== null && !this.reasoningOpen) this.spinner.start(this.waitingFor);
  }

  /** What changes all the time belongs on the spinner's line; true when it went there. Where nothing is drawn, a change of state is a line. */
  private showOnSpinner(event: OutputEvent): boolean {
    if (!this.spinner.draws || this.options.quiet) return false;
    const text = this.textFor(event);
    if (text === null) return false;
    this.waitingFor = cleanForTerminal(this.options.redact(text));
    this.spinner.start(this.waitingFor);
    return true;
  }

  /** What the spinner says for an event; null: it is not for the spinner. */
  private textFor(event: OutputEvent): string | null {
    if (event.type === 'progress')
      return event.phase === 'lines'
        ? linesProgress(event, (this.output.columns ?? Number.POSITIVE_INFINITY) - SPINNER_COLUMNS)
        : progressText(event);
    if (event.type !== 'status' || !('task_id' in event)) return null;
    if (event.status !== 'submitted') return event.message;
    if (this.options.verbose) return null;
    const cancel = this.spinner.after(ID_LINE_AFTER_MS, () => void this.writeIdLine());
    this.idLine?.cancel();
    this.idLine = { text: event.message, cancel };
    return `${event.task_id} submitted`;
  }

  private async writeIdLine(): Promise<void> {
    const text = this.forgetIdLine();
    if (text === null) return;
    this.spinner.stop();
    await this.command(text);
    if (this.waitingFor !== null && !this.reasoningOpen) this.spinner.start(this.waitingFor);
  }

  private forgetIdLine(): string | null {
    const text = this.idLine?.text ?? null;
    this.idLine?.cancel();
    this.idLine = null;
    return text;
  }

  /** An image that cannot be shown is saved all the same. */
  private async preview(bytes: Uint8Array): Promise<void> {
    const { quiet, previews } = this.options;
    if (quiet) return;
    if (previews === undefined) return this.note('no preview: this terminal cannot show images');
    const { previewImage } = await import('./preview/preview.ts');
    const preview = await previewImage(bytes, previews);
    if ('text' in preview) await this.write(`${preview.text}\n`);
    else await this.note(`no preview: ${preview.problem}`);
  }

  private async afterAnswer(write: () => Promise<void>): Promise<void> {
    if (this.isAnswering && this.held.length < MAX_HELD) this.held.push(write);
    else await write();
  }

  /** Called after the format's own renderer, so that the answer's last line is complete before what is said about it. */
  async conclude(event: OutputEvent): Promise<void> {
    const isEnd = ['result', 'error', 'failure', 'step'].includes(event.type);
    if (isEnd) await this.sayHeld();
    if (event.type === 'step') for (const call of event.tool_calls) await this.toolCall(call);
    if (event.type === 'result' || event.type === 'output') {
      const text = this.forgetIdLine();
      // Nothing was waited for: only this line says how to come back.
      const isOpen = 'status' in event && event.status !== 'succeeded';
      if (text !== null && isOpen) await this.command(text);
    }
    if (event.type === 'result' && 'usage' in event) await this.conclusion(event);
    if (event.type === 'error') {
      const brought = 'citations' in event && event.files.length + event.citations.length > 0;
      if (event.usage !== null || event.cost.amount !== null || brought)
        await this.conclusion(event);
      await this.failure(event.error);
    }
    if (event.type === 'failure') await this.failure(event.error);
    if (event.type === 'output' && event.error) await this.failure(event.error);
  }

  /** What waited for the end of the answer: it has come, or nothing more of it can be shown. */
  async sayHeld(): Promise<void> {
    this.isAnswering = false;
    for (const write of this.held) await write();
    this.held = [];
  }

  /** One error: shown whatever the options. */
  async failure(error: ErrorDocument): Promise<void> {
    // Where the task can be resumed, the hint says so.
    this.forgetIdLine();
    this.spinner.stop();
    await this.closeReasoning();
    await this.line(errorLine(error), 'red');
    if (error.hint === null) return;
    const hint = `hint: ${error.hint}`;
    await (error.next.some(isTyped) ? this.whole(hint, 'yellow') : this.line(hint, 'yellow'));
  }

  private async conclusion(
    document: ChatSuccess | ChatFailure | MediaSuccess | MediaFailure,
  ): Promise<void> {
    // Those of tools that ran were shown when they ran.
    const isOurs = 'steps' in document && document.steps !== undefined;
    for (const call of 'tool_calls' in document && !isOurs ? document.tool_calls : [])
      await this.note(`[tool_call] ${call.function.name}(${call.function.arguments})`);
    if ('citations' in document) await this.belongings(document);
    const { usage, cost } = document;
    const model = document.model ?? document.requested_model;
    if ('status' in document) await this.noteJob(usage, model, cost);
    else {
      const { steps, cost_at_least: least } = document;
      const words = least === undefined ? formatCost(cost) : `at least $${least}`;
      const count = steps === undefined ? '' : ` steps=${steps}`;
      await this.note(`${usageLine(usage, model, words)}${count}${this.soFar}`, 'dim');
    }
    if (!this.options.verbose) return;
    const { total_ms: total } = document.timing;
    const first = 'first_token_ms' in document.timing ? document.timing.first_token_ms : undefined;
    const firstToken =
      first === undefined ? '' : `first_token=${first === null ? 'none' : `${first} ms`} `;
    await this.note(
      `[timing] ${firstToken}total=${total} ms attempts=${document.attempts} request_id=${document.request_id ?? 'none'}${tierWords(document)}`,
      'dim',
    );
  }

  private async toolCall({ function: called }: ToolCall): Promise<void> {
    const args = shorten(oneLine(called.arguments), MAX_SHOWN);
    await this.note(`[tool_call] ${called.name}(${args})`);
  }

  private async toolResult({ name, content }: ToolResult): Promise<void> {
    await this.note(`[tool_result] ${name}: ${shorten(oneLine(content), MAX_SHOWN)}`, 'dim');
  }

  /** Usage and cost of a job. On a terminal, unknown values are left out; elsewhere the line always has the same fields. */
  private async noteJob(
    usage: Readonly<Record<string, unknown>> | null,
    model: string | null,
    cost: Cost,
  ): Promise<void> {
    const words = formatCost(cost);
    if (!this.output.isTerminal || counts(usage).some(([, count]) => count !== null))
      await this.note(usageLine(usage, model, words), 'dim');
    else if (cost.amount !== null)
      await this.note(`[usage] model=${model ?? 'unknown'} cost=${words}`, 'dim');
  }

  /** The images and sources of an answer. */
  private async belongings({ files, citations }: ChatSuccess | ChatFailure): Promise<void> {
    for (const { path } of files) await this.note(`[file] ${path}`);
    for (const [index, { url, title }] of citations.entries())
      await this.note(`[${index + 1}] ${title === null ? '' : `${title} `}${url}`, 'dim');
  }

  private async showReasoning(text: string): Promise<void> {
    if (this.options.quiet || !this.output.isTerminal) return;
    this.thoughts ??= new SecretStream(formsOfAll(this.options.secrets));
    const clean = this.thoughts.push(this.reasoning.clean(this.options.redact(text)));
    if (clean === '') return;
    await this.write(this.paint.dim(clean));
    this.reasoningOpen = true;
  }

  private async closeReasoning(): Promise<void> {
    const rest = this.thoughts?.rest() ?? '';
    this.thoughts = null;
    if (rest !== '') {
      await this.write(this.paint.dim(rest));
      this.reasoningOpen = true;
    }
    if (!this.reasoningOpen) return;
    this.reasoningOpen = false;
    await this.write('\n\n');
  }

  private wantsTrace(level: 'verbose' | 'debug'): boolean {
    return !this.options.quiet && (level === 'debug' ? this.options.debug : this.options.verbose);
  }

  private async trace(level: 'verbose' | 'debug', message: string): Promise<void> {
    for (const line of message.split('\n')) {
      const cut =
        line.length > MAX_DEBUG_LENGTH
          ? `${line.slice(0, MAX_DEBUG_LENGTH)}… (${line.length} characters)`
          : line;
      await this.whole(`[${level}] ${cut}`, 'dim');
    }
  }

  /** stderr that cannot be written must not cost an answer that is paid for. */
  private async write(text: string): Promise<void> {
    await this.output.write(text).catch(() => {});
  }

  private async note(text: string, colour?: keyof Paint): Promise<void> {
    if (!this.options.quiet) await this.line(text, colour);
  }

  /** A note with a command to copy. */
  private async command(text: string): Promise<void> {
    if (!this.options.quiet) await this.whole(text);
  }

  /** On a terminal lines end between words: it would end them within one. Elsewhere a line is a line. */
  private async line(text: string, colour?: keyof Paint): Promise<void> {
    const { isTerminal, columns } = this.output;
    await this.whole(text, colour, isTerminal ? columns : undefined);
  }

  /** Of commands and requests, a copy must not have line ends of ours in it: a shell would run the first half. */
  private async whole(text: string, colour?: keyof Paint, columns?: number): Promise<void> {
    // Once more: a key with an invisible character in it is one when that is gone.
    const { redact } = this.options;
    const clean = redact(cleanForTerminal(redact(text))).replaceAll('\n', ' ');
    const fits = columns === undefined || clean.length <= columns;
    const shown = fits ? clean : wrapWords(clean, columns).join('\n');
    await this.write(`${colour ? this.paint[colour](shown) : shown}\n`);
  }
}

/** Its words have a command to copy. */
function isTyped({ do: what }: ErrorDocument['next'][number]): boolean {
  return what !== 'say' && what !== 'did-you-mean' && what !== 'retry' && what !== 'leave-out';
}

/** Which of the gateway's tiers served the call, where it said so. */
function tierWords(document: ChatSuccess | ChatFailure | MediaSuccess | MediaFailure): string {
  const tier = 'service_tier' in document ? document.service_tier : null;
  return tier === null ? '' : ` service_tier=${tier}`;
}

function retryLine({
  reason,
  attempt,
  wait_ms: wait,
  model,
}: (ChatEvent | MediaEvent) & { type: 'retry' }): string {
  return wait === 0
    ? `retry: ${reason}; now ${model}`
    : `retry: ${reason}; try ${attempt} in ${(wait / 1000).toFixed(1)} s`;
}

/** `[usage] prompt=19 completion=12 total=31 model=gpt-5.4-mini cost=$0.0000188000 (gateway)`; images say input and output. */
function usageLine(
  usage: Readonly<Record<string, unknown>> | null,
  model: string | null,
  cost: string,
): string {
  const words = counts(usage).map(([name, count]) => `${name}=${count ?? 'unknown'}`);
  return `[usage] ${words.join(' ')} model=${model ?? 'unknown'} cost=${cost}`;
}

/** By the words of the line; null where a number is not reported. */
function counts(
  usage: Readonly<Record<string, unknown>> | null,
): readonly (readonly [string, number | null])[] {
  const count = (...names: string[]): number | null =>
    names.map((name) => usage?.[name]).find((found) => typeof found === 'number') ?? null;
  return [
    ['prompt', count('prompt_tokens', 'input_tokens')],
    ['completion', count('completion_tokens', 'output_tokens')],
    ['total', count('total_tokens')],
  ];
}

/** `vgen_… download 45% of 27.0 MB, 5.1 MB/s` */
function progressText(event: MediaEvent & { type: 'progress'; phase: 'download' }): string {
  const { phase, bytes, total_bytes: total, bytes_per_second: rate, task_id: id } = event;
  const amount =
    total === null || total === 0
      ? megabytes(bytes)
      : `${Math.floor((bytes / total) * 100)}% of ${megabytes(total)}`;
  const speed = rate === null ? '' : `, ${megabytes(rate)}/s`;
  return `${id === null ? '' : `${id} `}${phase} ${amount}${speed}`;
}

function megabytes(bytes: number): string {
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(0)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
