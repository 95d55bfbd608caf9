/** A conversation that one process holds from its begin to its end: what was said is in memory, and on disk where it is saved. It asks no model. */
import type { Deps } from '../../base/deps.ts';
import { decimalSum, type TotalCost } from '../../money/total-cost.ts';
import type { Cost } from '../../schemas/common.ts';
import {
  addTurn,
  type Conversation,
  damagedWords,
  LAST_SESSION,
  readSession,
  saveTurn,
  saveTurns,
  sessionStatus,
  type Turn,
} from './conversations.ts';

type LiveDeps = Pick<Deps, 'files' | 'path' | 'clock'>;

export interface LiveOptions {
  /** Where conversations are saved. */
  directory: string;
  /** false: it stays in memory. */
  save: boolean;
  /** null: it has no name, and takes the place of the last one that had none. */
  name: string | null;
}

export class LiveConversation {
  readonly name: string | null;
  /** Those that the next request takes along. */
  readonly turns: Turn[] = [];
  private readonly options: LiveOptions;
  private readonly deps: LiveDeps;
  /** Why some of what is saved under its name is not sent; null: all of it is. */
  damage: string | null = null;
  private costs: Conversation['costs'] = [];
  /** The file as we left it; null: nothing is saved yet. */
  private left: { bytes: number; changedAt: number } | null = null;

  constructor(options: LiveOptions, deps: LiveDeps) {
    this.options = options;
    this.name = options.name;
    this.deps = deps;
  }

  /** With the turns that are saved under its name. Throws `CliError` local_io. */
  static async open(options: LiveOptions, deps: LiveDeps): Promise<LiveConversation> {
    const live = new LiveConversation(options, deps);
    if (options.name === null) return live;
    const session = await readSession(options.directory, options.name, deps);
    live.turns.push(...session.turns);
    live.costs = session.costs;
    live.damage = damagedWords(session);
    return live;
  }

  /** What all of it cost so far. */
  get cost(): TotalCost {
    return decimalSum(this.costs.map((cost) => cost?.amount ?? null));
  }

  /** Whether it goes to disk. */
  get save(): boolean {
    return this.options.save;
  }

  get calls(): number {
    return this.costs.length;
  }

  /** Takes a turn in, and saves it. Resolves to null, or why it is not saved. */
  async keep(turn: Turn, key: string | null): Promise<string | null> {
    addTurn(this.turns, turn);
    this.costs.push(turn.cost ?? null);
    return this.write(turn, key);
  }

  /** Something was bought that is no turn. `cost`: null where it is not known. */
  async paid(cost: Cost | null): Promise<string | null> {
    const known = cost?.amount == null ? null : cost;
    this.costs.push(known);
    return this.write({ v: 1, at: this.now, bought: known }, null);
  }

  private get now(): string {
    return new Date(this.deps.clock.now()).toISOString();
  }

  private async write(
    line: Parameters<typeof saveTurn>[2],
    key: string | null,
  ): Promise<string | null> {
    const { directory, save, name } = this.options;
    if (!save) return null;
    if (name !== null) return saveTurn(directory, name, line, { fresh: false, key }, this.deps);
    const found = await sessionStatus(directory, LAST_SESSION, this.deps);
    // Another conversation without a name was saved meanwhile: the file is one of them, not a mixture.
    const isOurs =
      this.left !== null &&
      found?.bytes === this.left.bytes &&
      found.changedAt === this.left.changedAt;
    const problem = isOurs
      ? await saveTurn(directory, LAST_SESSION, line, { fresh: false, key }, this.deps)
      : await saveTurns(directory, LAST_SESSION, this.lines(), key, this.deps);
    this.left = await sessionStatus(directory, LAST_SESSION, this.deps);
    return problem;
  }

  /** All of it, anew: turns that were replaced are only their costs then. */
  private lines(): Parameters<typeof saveTurns>[2] {
    const spoken = this.turns.map(({ replaces: _replaces, ...turn }) => turn);
    const known = [...this.costs];
    for (const { cost } of spoken)
      known.splice(
        known.findIndex((one) => one?.amount === cost?.amount),
        1,
      );
    return [...known.map((bought) => ({ v: 1 as const, at: this.now, bought })), ...spoken];
  }
}
