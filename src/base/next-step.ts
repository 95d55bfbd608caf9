/** What to do after a failure, as data: the command line, the JSON and the tools each phrase it in their own way. It decides nothing and has no sentences of its own. */

/** Commands that take a model and buy. */
export type Buying = 'chat' | 'search' | 'image' | 'video';

type Action =
  /** Resume a job. `adopt`: by the task of the gateway that may be it. `flags`: what else the command needs. */
  | {
      do: 'resume';
      id: string;
      adopt?: string | undefined;
      flags?: readonly string[] | undefined;
      fill?: string | undefined;
      /** It is of use only so long after the first try, in ms. */
      withinMs?: number | undefined;
    }
  /** The same call again. `free`: it buys nothing, so money is not mentioned. */
  | { do: 'retry'; afterMs?: number | undefined; free?: boolean | undefined }
  | {
      do: 'use-model';
      model: string;
      command: Buying;
      gateway?: string | undefined;
      /** In place of the gateway's own. */
      baseUrl?: string | undefined;
      /** With --search. */
      search?: boolean | undefined;
    }
  /** The same call with this option, by its long name; without `value`, one of its own choice, or none. */
  | { do: 'set-flag'; flag: string; value?: string | undefined; fill?: string | undefined }
  | { do: 'leave-out'; flag: string }
  /** A command of a shell; `alltoken …` where `argv` begins so. */
  | { do: 'run'; argv: readonly string[]; fill?: string | undefined; for?: 'user' | undefined }
  /** A setting of the agent host whose sandbox is in the way, in its own file. Only the user may change it. */
  | {
      do: 'host-setting';
      host: 'codex' | 'claude';
      file: string;
      /** Tables and keys with dots between. */
      setting: string;
      /** As it stands in the file. */
      value: string;
    }
  /** Check the usage, at the gateway and in the ledger of this machine, before anything is bought again. */
  | { do: 'check-usage'; at?: string | undefined; gateway?: string | undefined }
  /** Continue the saved conversation. */
  | {
      do: 'continue-chat';
      session?: string | undefined;
      gateway?: string | undefined;
      baseUrl?: string | undefined;
    }
  /** Names that were probably meant, the likeliest first. */
  | { do: 'did-you-mean'; values: readonly string[]; for?: 'shell' | undefined }
  /** Advice that no program can carry out. `user`: only the user can; `shell`: it helps on a command line only. */
  | { do: 'say'; words: string; for?: 'user' | 'shell' | undefined };

/** Sentences are for people: no program may decide by them. `fill`: what the reader puts at the end. */
export type NextStep = Action & {
  /** What it is good for. */
  why?: string | undefined;
  /** What a person has to do before it. */
  first?: string | undefined;
  /** `later`: not now; `afterwards`: when the step before it is done; `if_another`: when that one's candidate is another job's. */
  when?: 'later' | 'afterwards' | 'if_another' | undefined;
};

/** Alternatives, the best first. */
export type NextSteps = NextStep | readonly NextStep[];

export function stepsOf(next: NextSteps | undefined): readonly NextStep[] {
  if (next === undefined) return [];
  return isList(next) ? next : [next];
}

function isList(next: NextSteps): next is readonly NextStep[] {
  return Array.isArray(next);
}

/** The same steps with each text in them changed, as where a key is taken out. */
export function mapWords(
  next: NextSteps | undefined,
  change: (text: string) => string,
): readonly NextStep[] {
  return stepsOf(next).map((step) => mapped(step, change));
}

function mapped<T extends object>(step: T, change: (text: string) => string): T {
  const fields = Object.entries(step).map(([name, value]: [string, unknown]) => [
    name,
    name === 'do' ? value : changed(value, change),
  ]);
  return Object.fromEntries(fields) as T;
}

function changed(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  return Array.isArray(value) ? value.map((one: unknown) => changed(one, change)) : value;
}

/** `alltoken …` as a step. `fill`: what the reader puts at its end, as `<id>`. */
export function runStep(words: readonly string[], fill?: string): NextStep {
  return { do: 'run', argv: ['alltoken', ...words], ...(fill !== undefined && { fill }) };
}

export function say(words: string, whose?: 'user' | 'shell'): NextStep {
  return { do: 'say', words, ...(whose !== undefined && { for: whose }) };
}

/** The nearest of the names, or all of them. */
export function nearOrAll(near: string | null, known: readonly string[]): NextStep {
  return near === null
    ? { do: 'say', words: `one of: ${known.join(', ')}`, for: 'shell' }
    : { do: 'did-you-mean', values: [near] };
}
