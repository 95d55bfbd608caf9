/**
 * A flag as data: what its value names, what a lone `-` means, whether it may be given several times. Help, completion,
 * manual pages, MCP and slash read these facts; nothing reads a description to decide something.
 */
import { Option } from 'commander';

/** What the value of a flag names. Flags without this fact take a plain value: a number, a choice, a word. */
export type ValueKind =
  /** Words for a model or a filter: they may contain anything, and punctuation at their end may be intended. */
  | 'text'
  /** As `text`; `@path` reads the text from a file. */
  | 'text or @file'
  | 'file'
  | 'directory'
  /** A file to make, or a directory to make it in. */
  | 'file or directory'
  /** A file of this machine, or an http(s) address that the gateway fetches. */
  | 'file or address'
  /** Where requests go. */
  | 'address'
  | 'model'
  /** Several models with commas between. */
  | 'models'
  | 'gateway'
  /** A saved conversation. */
  | 'session'
  /** A template beside the config. */
  | 'template'
  /** A built-in tool for models. */
  | 'tool'
  /** A server of the config, whose tools a model may call. */
  | 'mcp server';

export interface FlagFacts {
  names?: ValueKind;
  /** What a lone `-` means; absent: it is a value like any other. */
  dash?: 'standard input' | 'standard output';
  /** Each time it is given adds a value. */
  repeatable?: true;
  /** Given twice it is refused: the last one would win, and a paid request would go without the first. */
  once?: true;
  /** Whoever runs the program gives it: a message of a chat may not. */
  callerOnly?: true;
  /** Of a value that may be left out: a next word of another shape is not the value. */
  shape?: RegExp;
  /** The default, as text, when it is determined later than on the command line. */
  usual?: string;
}

/** An option of commander's that knows its facts. Its description shows those that a reader of the help needs. */
export class FlagOption extends Option {
  readonly facts: FlagFacts;
  /** What `name()` and `attributeName()` return; commander derives both from the form each time, dozens of times a run. */
  readonly longName: string;
  readonly attribute: string;

  constructor(flags: string, description: string, facts: FlagFacts = {}) {
    const usual = facts.usual === undefined ? '' : ` (default: ${facts.usual})`;
    super(flags, `${description}${usual}${facts.repeatable ? ' (repeatable)' : ''}`);
    this.facts = facts;
    this.longName = super.name();
    this.attribute = super.attributeName();
  }

  override name(): string {
    return this.longName;
  }

  override attributeName(): string {
    return this.attribute;
  }

  /** Another one with the same facts, rules and form: of a command that is declared again, or shares the flag. */
  copy(): FlagOption {
    // All of one shape: with each a prototype of the next, every look for a flag among them missed V8's caches, and a
    // command took twice the time to declare and parse.
    return Object.setPrototypeOf({ ...this }, FlagOption.prototype) as FlagOption;
  }
}

/** The facts of a declared option; none for one that was not declared with them, such as commander's own --help. */
export function factsOf(option: Option): FlagFacts {
  return option instanceof FlagOption ? option.facts : {};
}

/** Whether the value may name something on this machine's disk. */
export function namesPath({ names }: FlagFacts): boolean {
  return (
    names === 'file' ||
    names === 'directory' ||
    names === 'file or directory' ||
    names === 'file or address'
  );
}
