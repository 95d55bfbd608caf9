/** What a gateway sold, to the last digit: the books that ours are held against. It never looks at ours. */

/** A hundred millionth of a cent: what ten decimals of a dollar count in. */
const UNITS_PER_DOLLAR = 10_000_000_000n;

export interface Sale {
  /** The process that asked, by the number in its prompt. */
  run: number;
  kind: 'chat' | 'image' | 'video';
  gateway: string;
  model: string;
  /** In units of 1e-10 dollars; null where nobody says. */
  cost: bigint | null;
  /** The client has read what says the cost. */
  isCostRead: boolean;
  /** The client has read what says that the answer is complete. */
  isEndRead?: boolean;
  /** Milliseconds of the world. */
  at: number;
  requestId: string;
  task: Task | null;
  /** Of a chat: how the answer ends, and the numbers of the processes whose prompts are in the request, in order. */
  finish?: string;
  prompts?: readonly number[];
  /** Of an agent: the body of the request, and the calls in the answer. */
  asked?: string;
  calls?: readonly SoldCall[];
  /** Of a batch: the prompt of the line. */
  line?: string;
}

/** A tool call in an answer. */
export interface SoldCall {
  id: string;
  name: string;
  arguments: string;
  /** The arguments are an object that the schema allows. */
  isValid: boolean;
}

/** An image or video that was ordered. */
export interface Task {
  id: string;
  kind: 'image' | 'video';
  model: string;
  prompt: string;
  run: number;
  /** Milliseconds of the world. */
  madeAt: number;
  readyAt: number;
  end: 'completed' | 'failed' | 'refused' | 'cancelled';
  items: Buffer[];
  /** An image's one reply with its bytes was sent. */
  isTold: boolean;
  /** A process has read that reply to its end. */
  isRead?: boolean;
  /** That reply was whole on the disk when a process ended. */
  isKept?: boolean;
  /** There is an address from which it can be had again. */
  isStored: boolean;
  idempotencyKey: string | null;
  /** A process has read its id in the reply to a create request. */
  isNamed: boolean;
}

export class Books {
  readonly sales: Sale[] = [];
  readonly tasks = new Map<string, Task>();
  /** Requests of agents that a strict gateway refuses. */
  readonly invalid: string[] = [];

  sell(sale: Sale): Sale {
    this.sales.push(sale);
    return sale;
  }

  of(run: number): Sale[] {
    return this.sales.filter((sale) => sale.run === run);
  }
}

/** 123 → 0.0000000123 */
export function dollars(units: bigint): string {
  const digits = units.toString().padStart(11, '0');
  return `${digits.slice(0, -10)}.${digits.slice(-10)}`;
}

/** A decimal with at most ten places, as units; null for anything else. */
export function unitsOf(text: string): bigint | null {
  const match = /^(\d+)(?:\.(\d{1,}))?$/.exec(text);
  if (match === null) return null;
  const places = (match[2] ?? '').padEnd(10, '0');
  if (/[1-9]/.test(places.slice(10))) return null;
  return BigInt(match[1] ?? '0') * UNITS_PER_DOLLAR + BigInt(places.slice(0, 10));
}
