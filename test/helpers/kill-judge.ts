/** Takes up a job that was killed, holds it against the rules, and keeps a table of what came. */
import { expect } from 'vitest';
import type { Phase } from './kill-points.ts';
import { filesIn, journalOf, type KillWorld, type Scenario } from './kill-world.ts';

export interface Outcome {
  /** Of `tasks resume --all`. */
  exit: number | null;
  /** It said that there is nothing to resume. */
  idle: boolean;
  /** Create requests of the processes that were killed, and of this one. */
  posts: { before: number; now: number };
  /** Exit of the command that the hint of an exit 46 names; null where there was none. */
  hinted: number | null;
  stderr: string;
}

/**
 * `tasks resume --all`, and then what its hint says where it cannot know. `executable`: as real processes, as a person would;
 * else in the process of the test, which is the same program on the same files.
 */
export async function takeUp(world: KillWorld, { executable = false } = {}): Promise<Outcome> {
  const before = postsTo(world);
  const run = executable ? world.run : world.runHere;
  const resumed = await run(['tasks', 'resume', '--all']);
  const outcome = {
    exit: resumed.code,
    idle: resumed.stderr.includes('nothing to resume'),
    posts: { before, now: postsTo(world) - before },
    hinted: null,
    stderr: resumed.stderr,
  };
  if (resumed.code !== 46) return outcome;
  const hint = /^hint: (.*)$/m.exec(resumed.stderr)?.[1] ?? '';
  const command = /alltoken (tasks (?:resume|forget) [\w -]*\w)/.exec(hint)?.[1];
  expect(command, `a command in: ${resumed.stderr}`).toBeDefined();
  const followed = await run(command?.split(' ') ?? []);
  return { ...outcome, hinted: followed.code, stderr: `${outcome.stderr}${followed.stderr}` };
}

function postsTo({ gateway }: KillWorld): number {
  return gateway.calls.filter((call) => call === 'create').length;
}

/** Bought at most once, and whole or honestly unknown. `phase` as the last process that was killed left it. */
export function expectHonest(
  world: KillWorld,
  scenario: Scenario,
  phase: Phase,
  end: Outcome,
): void {
  const bought = world.gateway.bought();
  expect(end.posts.now, 'create requests of resume --all').toBe(0);
  if (phase === 'nothing') {
    expect({ exit: end.exit, idle: end.idle, bought }).toEqual({ exit: 0, idle: true, bought: 0 });
    expectNoFile(world);
    return;
  }
  const exits = phase === 'bought' ? { exit: 0, hinted: null } : { exit: 46, hinted: 0 };
  expect({ exit: end.exit, hinted: end.hinted, stderr: end.stderr }).toMatchObject(exits);
  if (end.exit === 46) expect(end.stderr).toMatch(/hint: .*(look at your usage|--adopt vgen_)/);
  // A film that nobody ordered is no purchase: the hint then says how to forget it.
  const forgotten = scenario.goods.kind === 'video' && bought === 0;
  if (!forgotten) expect(bought).toBe(1);
  if (forgotten) expectNoFile(world);
  else expectFiles(world, scenario);
}

/** Nothing at all; but where a process died while it tried whether it may write here, its empty file may be left. */
export function expectNoFile(world: KillWorld): void {
  const files = filesIn(world).filter(({ name, bytes }) => !isTry(name) || bytes.length > 0);
  expect(files).toEqual([]);
  expectNoReply(world);
}

function isTry(name: string): boolean {
  return name.startsWith('.alltoken-');
}

/** Exactly the files that were paid for, under names that fit, and no reply that nobody needs any more. */
export function expectFiles(world: KillWorld, { names }: Scenario): void {
  expectNoReply(world);
  const files = filesIn(world);
  const sizes = files.map(({ name, bytes }) => `${name} (${bytes.length})`).join(', ');
  expect(files, sizes).toHaveLength(names.length);
  names.forEach((name, index) => {
    const whole = files.filter(({ bytes }) => world.gateway.goods[index]?.equals(bytes));
    expect(
      whole.filter((file) => name.test(file.name)),
      `${name} in ${sizes}`,
    ).toHaveLength(1);
  });
}

function expectNoReply(world: KillWorld): void {
  const replies = journalOf(world).filter((name) => /\.(body|reply|half|part)$/.test(name));
  expect(replies, 'replies in the journal').toEqual([]);
}

/** What nobody will ever clear away: locks of the dead, and beginnings of records. */
function litterIn(world: KillWorld): string[] {
  return journalOf(world).filter((name) => name !== 'job.json');
}

/** A table of points and what came of them. */
export class Report {
  private readonly rows: { place: number; text: string }[] = [];
  private readonly litter: { place: number; text: string }[] = [];

  /** `place` orders the rows. */
  add(place: number, point: string, world: KillWorld, end: Outcome): void {
    const sizes = filesIn(world)
      .filter(({ name }) => !isTry(name))
      .map(({ bytes }) => `${bytes.length} B`);
    const resume = `${end.exit}${end.idle ? ' (nothing)' : ''}`;
    const hinted = end.hinted === null ? '' : `, hint ${end.hinted}`;
    const posts = String(end.posts.before + end.posts.now);
    const text = row(point, `${resume}${hinted}`, posts, sizes.join(' + '));
    this.rows.push({ place, text });
    const kept = end.exit === 42 ? ['job.half'] : [];
    for (const name of litterIn(world).filter((one) => !kept.includes(one)))
      this.litter.push({ place, text: `${point}: ${name}` });
  }

  text(title: string): string {
    return ['', row(title, 'resume', 'POSTs', 'file'), ...ordered(this.rows)].join('\n');
  }

  /** What was left behind, and at which points. */
  left(): string[] {
    return ordered(this.litter);
  }
}

function ordered(lines: readonly { place: number; text: string }[]): string[] {
  return [...lines].sort((a, b) => a.place - b.place).map(({ text }) => text);
}

function row(point: string, resume: string, posts: string, file: string): string {
  return `${point.padEnd(56)} → ${resume.padEnd(12)} ${posts.padEnd(5)} ${file || 'none'}`;
}
