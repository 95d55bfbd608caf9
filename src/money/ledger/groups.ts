/** Sorts calls into groups: by what, and which of them count. What is added up in a group is the caller's. */
import type { costGroupings } from '../../schemas/choices.ts';
import { isReported } from '../play.ts';
import type { CallListener } from './calls.ts';
import type { IntentLine, OutcomeLine } from './lines.ts';
import { wasSent } from './parse.ts';

type Grouping = (typeof costGroupings)[number];

export interface Query {
  by: Grouping;
  /** Only calls with this tag; null: all. */
  tag: string | null;
  /** Only calls of this model, as requested or as answered; null: all. */
  model: string | null;
  /** Only calls to this gateway; null: to all but the sandbox, whose money is play money. */
  gateway: string | null;
}

export type CallLine = IntentLine | OutcomeLine;

/** A group for each key, and one of all calls: with two tags a call is in two groups, and once in the whole. */
export class Groups<Group> implements CallListener {
  readonly whole: Group;
  /** null: without a tag or session. */
  readonly byKey = new Map<string | null, Group>();
  private readonly question: Query;
  private readonly make: () => Group;
  private readonly add: (group: Group, line: CallLine) => void;

  constructor(question: Query, make: () => Group, add: (group: Group, line: CallLine) => void) {
    this.question = question;
    this.make = make;
    this.add = add;
    this.whole = make();
  }

  settled(line: OutcomeLine): void {
    if (wasSent(line)) this.take(line);
  }

  open(line: IntentLine): void {
    this.take(line);
  }

  private take(line: CallLine): void {
    const { by, tag, model, gateway } = this.question;
    if (!isReported(line.gateway, gateway)) return;
    if (tag !== null && !line.tags.includes(tag)) return;
    if (model !== null && !isOf(model, line)) return;
    this.add(this.whole, line);
    if (by !== 'tag' || line.tags.length === 0) this.add(this.group(keyOf(line, by)), line);
    else for (const key of new Set(line.tags)) this.add(this.group(key), line);
  }

  private group(key: string | null): Group {
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const made = this.make();
    this.byKey.set(key, made);
    return made;
  }
}

function keyOf(line: CallLine, by: Grouping): string | null {
  switch (by) {
    case 'model':
      return modelOf(line);
    case 'command':
      return line.command;
    case 'day':
      return line.at.slice(0, 10);
    case 'gateway':
      return line.gateway;
    case 'session':
      return line.session;
    case 'tag':
      return null;
  }
}

function isOf(model: string, line: CallLine): boolean {
  return model === line.model || (line.event === 'outcome' && model === line.requested_model);
}

/** As answered, but a dated version of the requested model counts as that one; as requested where no answer named it. */
function modelOf(line: CallLine): string {
  if (line.event === 'intent') return line.model;
  const { model, requested_model: requested } = line;
  if (model === null || model === requested) return requested;
  const isVersion =
    model.startsWith(requested) && /^-\d{4}-?\d{2}-?\d{2}$/.test(model.slice(requested.length));
  return isVersion ? requested : model;
}
