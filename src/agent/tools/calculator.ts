/** Evaluates arithmetic by recursive descent: no code is run, and nothing that is not arithmetic is skipped. */
import { failed } from '../results.ts';
import type { Tool } from '../types.ts';

const MAX_LENGTH = 1000;
const MAX_DEPTH = 100;

const functions: Readonly<Record<string, (value: number) => number>> = {
  sqrt: Math.sqrt,
  abs: Math.abs,
  round: Math.round,
  floor: Math.floor,
  ceil: Math.ceil,
  ln: Math.log,
  log: Math.log10,
  exp: Math.exp,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
};
const constants: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };

export const calculatorTool: Tool = {
  definition: {
    type: 'function',
    function: {
      name: 'calculate',
      description:
        'Evaluate an arithmetic expression: + - * / % ^, parentheses, sqrt abs round floor ceil ln log exp sin cos tan, pi, e',
      parameters: {
        type: 'object',
        properties: { expression: { type: 'string' } },
        required: ['expression'],
      },
    },
  },
  execute: ({ expression }: { expression: string }) => {
    if (expression.length > MAX_LENGTH)
      return failed('bad_expression', { message: `longer than ${MAX_LENGTH} characters` });
    const result = new Reader(expression).value();
    if (typeof result === 'string')
      return failed('bad_expression', { expression, message: result });
    return { expression, result };
  },
};

class Unreadable extends Error {}

class Reader {
  readonly #tokens: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = text.match(/\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+|[A-Za-z]+|\*\*|\S/g) ?? [];
  }

  /** A number, or what is wrong. */
  value(): number | string {
    try {
      const value = this.#sum();
      if (this.#next !== undefined) return `${this.#next} is not expected`;
      return Number.isFinite(value) ? value : 'the result is not a finite number';
    } catch (error) {
      if (error instanceof Unreadable) return error.message;
      throw error;
    }
  }

  get #next(): string | undefined {
    return this.#tokens[this.#at];
  }

  #take(...wanted: readonly string[]): string | null {
    const next = this.#next;
    if (next === undefined || !wanted.includes(next)) return null;
    this.#at += 1;
    return next;
  }

  #sum(): number {
    let value = this.#product();
    for (;;) {
      const sign = this.#take('+', '-', '−');
      if (sign === null) return value;
      const other = this.#product();
      value = sign === '+' ? value + other : value - other;
    }
  }

  #product(): number {
    let value = this.#signed();
    for (;;) {
      const sign = this.#take('*', '/', '%', '×', '÷');
      if (sign === null) return value;
      const other = this.#signed();
      if (sign === '%') value %= other;
      else value = sign === '*' || sign === '×' ? value * other : value / other;
    }
  }

  #signed(): number {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new Unreadable('nested too deeply');
    const sign = this.#take('+', '-', '−');
    const value = sign === null ? this.#power() : this.#signed();
    this.#depth -= 1;
    return sign === null || sign === '+' ? value : -value;
  }

  /** To the right, and stronger than a sign before it: -2^2 is -4. */
  #power(): number {
    const base = this.#atom();
    return this.#take('^', '**') === null ? base : base ** this.#signed();
  }

  #atom(): number {
    const token = this.#next;
    if (token === undefined) throw new Unreadable('it ends too early');
    this.#at += 1;
    if (/^[\d.]/.test(token)) {
      const value = Number(token);
      if (Number.isNaN(value)) throw new Unreadable(`${token} is not expected`);
      return value;
    }
    if (token === '(') return this.#inBrackets();
    const name = token.toLowerCase();
    const apply = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (apply !== undefined) {
      if (this.#take('(') === null) throw new Unreadable(`${token} needs a number in parentheses`);
      return apply(this.#inBrackets());
    }
    const constant = Object.hasOwn(constants, name) ? constants[name] : undefined;
    if (constant === undefined) throw new Unreadable(`${token} is not expected`);
    return constant;
  }

  #inBrackets(): number {
    const value = this.#sum();
    if (this.#take(')') === null) throw new Unreadable('a ) is missing');
    return value;
  }
}
