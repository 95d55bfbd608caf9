/** The next steps by the names of the tools. It goes by the kind of a step, never by its text; what only a shell can do is left out, unless it is for the user. */
import type { ExitName } from '../../base/errors.ts';
import { nextWords, settingWords } from '../../base/next-words.ts';
import type { ErrorDocument, StepDocument } from '../../schemas/common.ts';
import { freeTools } from './free-tools.ts';
import type { Tool, ToolInput } from './tool.ts';

type Step<Name extends StepDocument['do']> = Extract<StepDocument, { do: Name }>;

const tryLater: Step<'say'> = {
  do: 'say',
  words: 'try once more later; if it fails again, tell the user',
};

/** Where money is in the way, this comes first: neither a limit nor a balance is the host's to decide about. */
const stop: Step<'say'> = { do: 'say', words: 'stop here and tell the user', for: 'user' };

/** What is left to say to a host: the steps that it can take or pass on. null where there is none. */
export function hintOf(error: ErrorDocument, tool: Tool, input: ToolInput): string | null {
  const words = joined(worded(error, tool, input));
  if (!isAboutMoney(error)) return words;
  return words === null ? stop.words : `${stop.words}; when they have decided: ${words}`;
}

/** The same as data. A step that would buy again where that is the user's decision says so in `first`. */
export function nextOf(error: ErrorDocument, tool: Tool, input: ToolInput): StepDocument[] {
  const steps = worded(error, tool, input).map(({ step }) =>
    isAboutMoney(error) && buysAgain(step) ? { first: ask, ...step } : step,
  );
  return isAboutMoney(error) ? [stop, ...steps] : steps;
}

/** What the user can do about a limit; null where nothing is known. */
export function userWay(error: ErrorDocument, tool: Tool, input: ToolInput): string | null {
  return joined(worded(error, tool, input));
}

function isAboutMoney({ name }: ErrorDocument): boolean {
  return name === ('budget' satisfies ExitName) || name === ('balance' satisfies ExitName);
}

const ask = 'ask the user';

function buysAgain({ do: what }: StepDocument): boolean {
  return what === 'retry' || what === 'use-model' || what === 'set-flag' || what === 'leave-out';
}

function joined(said: readonly Worded[]): string | null {
  const words = said.map(({ step, words: own }, index) =>
    index === 0 ? own : `${joint(step)}${own}`,
  );
  return words.length === 0 ? null : words.join('');
}

/** A fetch whose response was unusable: the same call at once ends the same way. */
export function isDeadEnd({ name, code, next }: ErrorDocument, tool: Tool): boolean {
  const isUseless = name === 'protocol' || code === 'dead_url';
  const isFound = next.some((step) => step.do === 'resume' && step.adopt !== undefined);
  return isUseless && fetchTool(tool) === tool.name && !isFound;
}

interface Worded {
  step: StepDocument;
  words: string;
}

function worded(error: ErrorDocument, tool: Tool, input: ToolInput): Worded[] {
  const isUnknown = error.name === ('not_found' satisfies ExitName);
  // To ask again for an id that is not there ends the same way.
  const known = error.next.filter((step) => !(isUnknown && step.do === 'resume'));
  const possible = isDeadEnd(error, tool) ? [tryLater] : inTime(known, tool);
  const isOpen = tool.paid && error.billed !== 'no';
  const steps = possible.map((step) =>
    isOpen && buysAgain(step) ? { ...step, first: step.first ?? ask } : step,
  );
  const seen = new Set<string>();
  return steps.flatMap((step) => {
    const words = around(step, error, tool, input);
    if (words === null || seen.has(words)) return [];
    seen.add(words);
    return [{ step, words }];
  });
}

/** A model cannot time a minute: an order is looked for at once, by the one fetch after it. */
function inTime(next: readonly StepDocument[], { paid }: Tool): readonly StepDocument[] {
  const soon = next.filter((step) => step.do === 'resume' && step.within_ms !== undefined);
  if (soon.length === 0) return next;
  return paid ? soon : next.filter((step) => !soon.includes(step));
}

function joint({ do: what, when }: StepDocument): string {
  if (when === 'afterwards') return ', then ';
  return when === 'later' && what !== 'retry' ? '; later: ' : ', or ';
}

function around(
  step: StepDocument,
  error: ErrorDocument,
  tool: Tool,
  input: ToolInput,
): string | null {
  const body = wordsOf(step, error, tool, input);
  if (body === null) return null;
  if (step.first !== undefined) return `${step.first}, then ${body}`;
  // An option says itself what it is good for.
  const isOption = step.do === 'set-flag' || step.do === 'leave-out';
  return step.why === undefined || isOption ? body : `${step.why}: ${body}`;
}

function wordsOf(
  step: StepDocument,
  { billed }: ErrorDocument,
  tool: Tool,
  input: ToolInput,
): string | null {
  switch (step.do) {
    case 'resume': {
      const adopt = step.adopt === undefined ? '' : ` and adopt ${JSON.stringify(step.adopt)}`;
      return `call ${fetchTool(tool)} with task_id ${JSON.stringify(step.id)}${adopt}`;
    }
    case 'retry': {
      const wait =
        step.after_ms === undefined ? '' : `wait ${Math.ceil(step.after_ms / 1000)} s, then `;
      return `${wait}call again${step.when === 'later' ? ' later' : ''}`;
    }
    case 'use-model':
      return `call ${buyingTool(step)} with model ${JSON.stringify(step.model)}`;
    case 'set-flag':
      return withField(step, tool, input);
    case 'leave-out': {
      const field = fieldOf(step.flag, tool, input);
      return field === undefined ? null : `call again without ${field}`;
    }
    case 'run':
      return runWords(step);
    case 'host-setting':
      return `the user can ${settingWords(step)}`;
    case 'check-usage': {
      const at = step.at === undefined ? '' : ` at ${step.at}`;
      const look = `the user should look at their usage${at} before it is ordered again`;
      return billed === 'unknown' ? `it may have been billed; ${look}` : look;
    }
    case 'continue-chat':
      return step.session === undefined
        ? null
        : `the partial answer is saved; continue in session ${step.session}`;
    case 'did-you-mean':
      return step.for === 'shell' ? null : `did you mean ${step.values.join(', ')}?`;
    case 'say':
      return step.for === 'shell' ? null : step.words;
  }
}

const buyingTools = {
  chat: 'alltoken_chat',
  search: 'alltoken_search',
  image: 'alltoken_image',
  video: 'alltoken_video_submit',
} as const;

function buyingTool({ command, search }: Step<'use-model'>): string {
  return buyingTools[search ? 'search' : command];
}

function withField(
  { flag, value, why }: Step<'set-flag'>,
  tool: Tool,
  input: ToolInput,
): string | null {
  const field = fieldOf(flag, tool, input);
  if (field === undefined) return null;
  if (value !== undefined) return `call again with ${field} ${inJson(field, value)}`;
  return why === undefined ? `call again with ${field}` : `call again and ${why} with ${field}`;
}

/** As the field takes it: amounts are texts, numbers of tokens are not. */
function inJson(field: string, value: string): string {
  return field === 'max_tokens' ? value : JSON.stringify(value);
}

/** The field of the tool that an option is. A limit that the call did not set has no field. */
function fieldOf(flag: string, tool: Tool, { max_cost }: ToolInput): string | undefined {
  if (flag === '--max-cost') return max_cost === undefined ? undefined : 'max_cost';
  return Object.entries(tool.options).find(([, option]) => option === flag)?.[0];
}

/** A command that is a free tool is that tool; one that changes the config, or that is for the user, is passed on. */
function runWords(step: Step<'run'>): string | null {
  const [program, command, ...rest] = step.argv;
  const isOurs = program === 'alltoken';
  if (step.for === 'user' || (isOurs && command === 'config'))
    return nextWords({ do: 'run', argv: step.argv, fill: step.fill }, 'yes');
  if (!isOurs) return null;
  for (const tool of freeTools) {
    const [first, second] = tool.words;
    if (first !== command) continue;
    if (second === undefined) return `call ${tool.name}${inputWords(tool, rest)}`;
    // A list is what its command shows without a further word.
    const isList = second === 'list' && (rest[0] === undefined || rest[0] === second);
    if (isList) return `call ${tool.name}${inputWords(tool, rest.slice(1))}`;
  }
  return null;
}

/** The options and words of a command line as fields; what the tool has no field for is left out. */
function inputWords({ options, positional }: Tool, argv: readonly string[]): string {
  const names = new Map<string, string>(
    Object.entries(options).map(([field, option]) => [option, field]),
  );
  const fields: string[] = [];
  const words: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (!word.startsWith('-')) {
      words.push(word);
      continue;
    }
    const hasValue = argv[at + 1]?.startsWith('-') === false;
    const field = names.get(word);
    if (field !== undefined && hasValue)
      fields.push(`${field} ${JSON.stringify(argv[at + 1] ?? '')}`);
    if (hasValue) at += 1;
  }
  // The words of an estimate are examples; only what they are is of use.
  const isExample = words.length > 1;
  for (const [index, word] of words.entries()) {
    const field = positional[index];
    if (field === undefined) continue;
    const name = field === 'priced' ? 'model' : field;
    fields.push(isExample ? name : `${name} ${JSON.stringify(word)}`);
  }
  return fields.length === 0 ? '' : ` with ${fields.join(' and ')}`;
}

/** Options with one letter, which come first in their declarations. */
const letters: Readonly<Record<string, string>> = {
  '-f': '--file',
  '-m': '--model',
  '-n': '--count',
  '-o': '--out',
};

/** A message with each option that it names as the field of the tool that it is. */
export function fieldWords(text: string, tool: Tool, input: ToolInput): string {
  const fieldFor = (word: string): string => fieldOf(letters[word] ?? word, tool, input) ?? word;
  return text.replace(/^-[fmno]\b/, fieldFor).replace(/(?<![\w-])--[a-z][a-z-]*/g, fieldFor);
}

/** The tool that comes back to what this one ordered. */
export function fetchTool({
  name,
}: Pick<Tool, 'name'>): 'alltoken_video_fetch' | 'alltoken_image_fetch' {
  return name.startsWith('alltoken_video') ? 'alltoken_video_fetch' : 'alltoken_image_fetch';
}
