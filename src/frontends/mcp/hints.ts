/** The hints of the command line in words of the tools. What only a person at a shell can do stays when it is about a key, the config or the network, and is left out else. */
import type { ErrorDocument } from '../../schemas/common.ts';
import type { Tool, ToolInput } from './tool.ts';

type Rule = readonly [RegExp, string];

/** In turn, each wherever it fits. */
const rules: readonly Rule[] = [
  [/; nothing was bought/g, ''],
  [/^nothing was bought; /, ''],
  [/^add --force to replace it, or choose another name with -o$/, 'call again with another out'],
  [/^wait for it, or stop it: kill \d+$/, 'another call works on it: wait for that one'],
  [/^run it again with --debug and report what it prints$/, 'tell the user: this is a defect'],
  [/; see what came: run it with --debug$/, ''],
  [/run the same command with --dry-run/, 'call again with dry_run'],
  [/, or let it wait: --max-retry-wait \d+/, ''],
  [/, or allow more with --connect-timeout <seconds>/, ' later'],
  [/, or add --no-journal$/, ''],
  [/, then: alltoken tasks forget \S+$/, ''],
  [/ +\(or, if that is another one: alltoken tasks forget \S+\)$/, ''],
  [/with --fallback (\S+?)(;|$)/, 'with fallback $1$2'],
  [/, and is kept; go on with: alltoken chat -c --session (\S+).*$/, '; go on in session $1'],
  [/, and is kept; go on with: alltoken chat -c.*$/, ''],
  [/^alltoken models --refresh.*$/, 'choose a model with a price: call alltoken_models'],
  [/^alltoken models --type (\w+).*$/, 'call alltoken_models with type "$1"'],
  [/^alltoken models -g \S+ --type (\w+)$/, 'call alltoken_models with type "$1"'],
  [/^alltoken models ([^-\s]\S*)$/, 'call alltoken_models with id "$1" alone'],
  [/^alltoken cost \S+ \d+ \d+$/, 'give model, prompt_tokens and completion_tokens'],
  [/^alltoken cost --since \S+$/, 'call alltoken_cost with since'],
  [/^-g \S+ -m (\S+) …$/, 'call again with model "$1"'],
  [/alltoken video(?: -g \S+)? -m (\S+) …/g, 'call alltoken_video_submit with model "$1"'],
  [/alltoken (chat|search|image)(?: -g \S+)? -m (\S+) …/g, 'call alltoken_$1 with model "$2"'],
  [/before you run it again/g, 'before you order it again'],
  [/run (?:the same command|it) again/g, 'call again'],
];

/** What nobody has without a shell: another command than the config, or a flag. */
const forAShell = /\balltoken (?!config\b)[a-z]|(?:^|\s)--?[a-z]/;

/** A model cannot time a minute: an order is looked for at once, by the one fetch after it. */
const inAMinute = /^within a minute of the first try: (.+?); later: (.+)$/;

const tryLater = 'try once more later; if it fails again, tell the user';

/** The hint of a failure. null where nothing is left to say to a host. */
export function hintOf(error: ErrorDocument, tool: Tool, input: ToolInput): string | null {
  // Ours already: the way out of it is a flag of the server, for the user.
  if (error.code === 'path_outside') return error.hint;
  return isDeadEnd(error, tool) ? tryLater : hintFor(error.hint, tool, input);
}

/** A fetch to which the gateway gave what nobody can use: the same call at once ends the same way. */
export function isDeadEnd({ name, code, hint }: ErrorDocument, tool: Tool): boolean {
  const isUseless = name === 'protocol' || code === 'dead_url';
  return isUseless && fetchTool(tool) === tool.name && !hint?.includes(' --adopt ');
}

function hintFor(hint: string | null, tool: Tool, input: ToolInput): string | null {
  if (hint === null) return null;
  const mapped = rules
    .reduce(
      (text, [pattern, words]) => text.replace(pattern, words),
      hint.replace(inAMinute, tool.paid ? '$1' : '$2'),
    )
    .replace(
      /alltoken tasks resume (\S+?)(?=[;,]|\s|$)/g,
      (_all, id: string) => `call ${fetchTool(tool)} with task_id ${JSON.stringify(id)}`,
    );
  const words = fieldWords(mapped, tool, input).trim();
  const bare = words.replace(/\balltoken config .*$/, '');
  return words === '' || forAShell.test(bare) ? null : words;
}

/** Options with one letter, which stand first in what their commands say of them. */
const letters: Readonly<Record<string, string>> = {
  '-f': '--file',
  '-m': '--model',
  '-n': '--count',
  '-o': '--out',
};

/** Options as the fields of the tool that they are. A limit that the call did not set is no field of it. */
export function fieldWords(text: string, tool: Tool, { max_cost }: ToolInput): string {
  const named = Object.entries(tool.options).map(([field, option]) => [option, field] as const);
  const money = max_cost === undefined ? [] : [['--max-cost', 'max_cost'] as const];
  const fields = new Map<string, string>([...named, ...money]);
  return text
    .replace(/^option '(--[a-z-]+)[^']*' argument (.*) is invalid\. E/s, '$1: $2 is not valid; e')
    .replace(/^-[fmno]\b/, (letter) => fields.get(letters[letter] ?? '') ?? letter)
    .replace(/(?<![\w-])--[a-z][a-z-]*/g, (option) => fields.get(option) ?? option);
}

/** The tool that comes back to what this one ordered. */
export function fetchTool({ name }: Pick<Tool, 'name'>): string {
  return name.startsWith('alltoken_video') ? 'alltoken_video_fetch' : 'alltoken_image_fetch';
}
