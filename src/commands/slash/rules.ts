/**
 * What people write when they mean one of the six commands. Data only: it matches nothing itself.
 *
 * `a|b` is either word, `word?` may be left out, `<model>` is a word like a model's id with a digit in it, `<name>` any
 * word that could be an id, and `…` is any text: what to draw, to film or to find.
 */

export type CommandName = 'chat' | 'image' | 'video' | 'search' | 'models' | 'cost';

export interface Rule {
  command: CommandName;
  phrases: readonly string[];
  /** A whole question: what comes after it is talk, and no argument. */
  question?: true;
}

const by = 'with|via|using|on|through alltoken';

/** A `/`, `$` or `@` may stand before any of them. */
export const rules: readonly Rule[] = [
  {
    command: 'chat',
    phrases: [
      'alltoken-chat|alltoken_chat',
      'alltoken chat',
      'ask alltoken',
      'ask alltoken with|using the? model <name>',
      'ask alltoken with|using|on <model>',
      'ask with|via|using|through alltoken',
      `ask <model> ${by}`,
    ],
  },
  {
    command: 'image',
    phrases: [
      'alltoken-image|alltoken_image',
      'alltoken image',
      `generate|create|make a|an|the? image|picture of? … ${by}`,
      `draw|paint … ${by}`,
    ],
  },
  {
    command: 'video',
    phrases: [
      'alltoken-video|alltoken_video',
      'alltoken video',
      `generate|create|make a|the? video|film of? … ${by}`,
    ],
  },
  {
    command: 'search',
    phrases: [
      'alltoken-search|alltoken_search',
      'alltoken search',
      'use? alltoken web search to|for?',
      `search the? web? ${by}`,
      `search the? web? for … ${by}`,
      'find … with|via|using|through alltoken',
    ],
  },
  {
    command: 'models',
    phrases: [
      'alltoken-models|alltoken_models',
      'alltoken models',
      'list|show me? all|the? available? alltoken models',
    ],
  },
  {
    command: 'models',
    question: true,
    phrases: [
      'what|which alltoken models are available?',
      'what|which alltoken models are there',
      'what|which models are available on|with|via|at|through|from alltoken',
      'what|which models does alltoken have|offer',
    ],
  },
  { command: 'cost', phrases: ['alltoken-cost|alltoken_cost', 'alltoken cost'] },
  {
    command: 'cost',
    question: true,
    phrases: ['how much did that|it|this cost', 'what did that|it|this cost'],
  },
];

/** Where nothing else follows a command, these do not count as its text. */
export const courtesy: ReadonlySet<string> = new Set(['please', 'thanks', 'thank', 'you', 'now']);

/** Those that can spend money. */
export const buying: ReadonlySet<CommandName> = new Set<CommandName>([
  'chat',
  'image',
  'video',
  'search',
]);

/** Never from a message: it does not say where requests go, nor what a message may do. */
export const refusedFlags: ReadonlySet<string> = new Set([
  '--base-url',
  '--callback-url',
  '--explain',
  '--allow-paths',
]);

/** The same, as a field of the request. */
export const refusedParameter = /^\s*[^=]*(callback|webhook)[^=]*=/i;
