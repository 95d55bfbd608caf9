/** One till for each set of tags that calls come with, since each has caps of its own. */
import type { Deps } from '../base/deps.ts';
import type { Key } from '../config/keys.ts';
import type { Settings } from '../config/settings.ts';
import { capsOf } from '../money/budget/caps.ts';
import type { Total } from '../money/budget/total.ts';
import { Till } from '../work/call/till.ts';

/** Sets of tags that are open at a time; clients choose them. */
const MAX_TILLS = 64;

export interface TillsOptions {
  settings: Settings;
  key: Key | null;
  /** Of every call. */
  tags: readonly string[];
  total: Total | null;
  holdMs: number;
}

export class Tills {
  private readonly options: TillsOptions;
  private readonly deps: Deps;
  /** The one that was used last stands last. */
  private readonly open = new Map<string, Till>();
  private closing: Promise<void>[] = [];

  constructor(options: TillsOptions, deps: Deps) {
    this.options = options;
    this.deps = deps;
  }

  /** All tags of a call with these. */
  tagsOf(more: readonly string[]): readonly string[] {
    return more.length === 0 ? this.options.tags : [...new Set([...this.options.tags, ...more])];
  }

  /** Whether prices are needed to know what a call may cost. */
  get hasCaps(): boolean {
    const { settings, tags, total } = this.options;
    return total !== null || capsOf(settings.budget, undefined, tags).length > 0;
  }

  of(tags: readonly string[]): Till {
    const name = tags.join(',');
    const known = this.open.get(name);
    const till = known ?? this.make(tags);
    if (this.open.size > 1) this.open.delete(name);
    this.open.set(name, till);
    if (this.open.size > MAX_TILLS) this.closeOldest();
    return till;
  }

  /** Gives back what is reserved and not in use. */
  async close(): Promise<void> {
    const all = [...this.open.values()].map((till) => till.close());
    await Promise.allSettled([...all, ...this.closing]);
  }

  private make(tags: readonly string[]): Till {
    const { settings, key, total, holdMs } = this.options;
    const caps = capsOf(settings.budget, undefined, tags);
    const account = { settings, gateway: settings.gateway, key, tags, caps };
    return new Till({ account, total, holdMs }, this.deps);
  }

  private closeOldest(): void {
    const [oldest] = this.open;
    if (oldest === undefined) return;
    this.open.delete(oldest[0]);
    const closing = oldest[1].close().catch(() => {});
    this.closing = [...this.closing, closing];
    void closing.then(() => {
      this.closing = this.closing.filter((one) => one !== closing);
    });
  }
}
