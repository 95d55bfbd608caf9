/**
 * What people write when they mean one of the six commands. Data only: it matches nothing itself.
 *
 * `a|b` is either word, `word?` may be left out, `<model>` is a word like a model's id, `<name>` any word that could be
 * an id, and `…` is any text: what to draw, to film or to find. A colon must follow `word:`, a comma may follow `word,`.
 * `^` begins a sentence or a line, but for what `speech.ts` lets stand before it. No phrase goes over the end of one.
 */

import { mainCommands } from '../../schemas/choices.ts';

export type CommandName = (typeof mainCommands)[number];

export interface Rule {
  command: CommandName;
  phrases: readonly string[];
  /** By its own name. It goes before what is said naturally: that is text behind it. */
  named?: true;
  /** A whole question: what comes after it is talk, and no argument. */
  question?: true;
  /** Of models: the kind that it names. */
  kind?: ModelKindWord;
}

const kinds = ['chat', 'image', 'video'] as const;
export type ModelKindWord = (typeof kinds)[number];

/** `with alltoken`, which may also name the command. */
const by = (name: CommandName): string =>
  `with|via|using|on|through alltoken|alltoken-${name}|alltoken_${name} ${name}?`;

/** To make a thing that has a name. Which words may stand before it is little: what they say is not sent. */
function making(command: 'image' | 'video', things: string): string[] {
  const make = 'generate|create|make|draw me? a|an|the|some? short|quick|simple|nice|new?';
  return [
    `${make} ${things} ${by(command)} of|showing?`,
    `^${make} ${things} of|showing|with … ${by(command)}`,
    `^${make} ${things}: … ${by(command)}`,
    `generate|create|make|draw me? a|an|the alltoken ${command} of|showing?`,
    `^use|using alltoken to ${make} ${things} of|showing?`,
    `^with|using alltoken, please? ${make} ${things} of|showing?`,
  ];
}

/** A `/`, `$` or `@` may stand before any word of them. */
export const rules: readonly Rule[] = [
  ...mainCommands.map(
    (command): Rule => ({
      command,
      named: true,
      phrases: [`alltoken-${command}|alltoken_${command}`, `alltoken ${command}`],
    }),
  ),
  {
    command: 'chat',
    named: true,
    phrases: [
      'ask? alltoken-chat|alltoken_chat with|using the? model <name>',
      'ask? alltoken chat with|using the? model <name>',
    ],
  },
  // Longer than the name of another command in them: `alltoken video models` asks for no video.
  ...kinds.flatMap((kind): Rule[] => [
    {
      command: 'models',
      named: true,
      kind,
      phrases: [`list|show? me? all|the? available? alltoken ${kind} models`],
    },
    {
      command: 'models',
      named: true,
      question: true,
      kind,
      phrases: [
        `what|which alltoken ${kind} models are? available?`,
        `what|which alltoken ${kind} models are|can there|i|you|we`,
        `what|which ${kind} models are|can|does i|we|you? use|available with|on|via|at alltoken`,
        `what|which ${kind} models does alltoken have|offer|support`,
      ],
    },
  ]),
  {
    command: 'chat',
    phrases: [
      'ask alltoken',
      'ask alltoken with|using the? model <name>',
      'ask alltoken with|using|on <model>',
      'ask with|via|using|through alltoken',
      `ask <model> ${by('chat')}`,
    ],
  },
  {
    command: 'image',
    phrases: [
      ...making('image', 'image|images|picture|pictures|photo|photos'),
      `draw|paint|sketch me? ${by('image')}`,
      `^draw|paint|sketch me? … ${by('image')}`,
      '^use|using alltoken to draw|paint|sketch me?',
      '^with|using alltoken, please? draw|paint|sketch me?',
    ],
  },
  { command: 'video', phrases: making('video', 'video|videos|film|films|clip|clips') },
  {
    command: 'search',
    phrases: [
      'use? alltoken web search to|for?',
      'do|make|run a|an|the alltoken web? search for?',
      `search the? web? ${by('search')} for?`,
      `^search the? web? for … ${by('search')}`,
      'find with|via|using|through alltoken',
    ],
  },
  {
    command: 'models',
    phrases: [
      'list|show me? all|the? available? alltoken models',
      'list|show me? all? the? available? models on|of|from|at alltoken',
    ],
  },
  {
    command: 'models',
    question: true,
    phrases: [
      'what|which alltoken models are available?',
      'what|which alltoken models are there',
      'what|which are the alltoken models',
      'what|which alltoken models can|do i|you|we use|have',
      'what|which models are available? on|with|via|at|through|from alltoken',
      'what|which models can i|we|you use with|on|via|at|through alltoken',
      'what|which models does alltoken have|offer|support',
    ],
  },
  {
    command: 'cost',
    question: true,
    phrases: [
      'how much did that|it|this cost',
      'what did that|it|this cost',
      'how much did the|my|that|this last? call|request|answer|image|picture|video|search|one cost',
      'what did the|my|that|this last? call|request|answer|image|picture|video|search|one cost',
    ],
  },
];

/** How ids of models begin, where nothing else in the word says that it is one. */
export const modelFamilies =
  /^(gpt|chatgpt|claude|gemini|gemma|deepseek|glm|qwen|kimi|minimax|llama|mistral|mixtral|grok|phi|seed|doubao)/;
