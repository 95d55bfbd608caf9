/** Makes the program of a broken world smaller while it still breaks the same law: fewer commands, faults and disasters. */
import type { Program } from './program.ts';
import type { ServePlan } from './serve-plan.ts';
import type { Result } from './world.ts';

export async function shrink(
  program: Program,
  play: (program: Program) => Promise<Result>,
): Promise<Program> {
  const laws = new Set((await play(program)).violations.map(({ law }) => law));
  if (laws.size === 0) return program;
  const breaks = async (smaller: Program): Promise<boolean> =>
    (await play(smaller)).violations.some(({ law }) => laws.has(law));
  let best = program;
  for (let before = ''; before !== JSON.stringify(best); ) {
    before = JSON.stringify(best);
    for (const smaller of smallerOnes(best))
      if (await breaks(smaller)) {
        best = smaller;
        break;
      }
  }
  return best;
}

function* smallerOnes(program: Program): Generator<Program> {
  const { actors, faults, disasters } = program;
  for (const [at, commands] of actors.entries())
    for (const [index, { argv }] of commands.entries())
      if (argv.length > 0)
        // Left in its place, so that the numbers of the others stay.
        yield {
          ...program,
          actors: actors.map((other, one) =>
            one === at
              ? other.map((command, two) => (two === index ? { argv: [], after: 0 } : command))
              : other,
          ),
        };
  for (const at of disasters.keys()) yield { ...program, disasters: disasters.toSpliced(at, 1) };
  for (const at of faults.keys()) yield { ...program, faults: faults.toSpliced(at, 1) };
  if (program.serve !== undefined) yield* fewerCalls(program, program.serve);
  if (program.config !== null) yield { ...program, config: null };
}

/** Without the proxy, without one of its clients, or without one of their calls. */
function* fewerCalls({ serve: _, ...program }: Program, plan: ServePlan): Generator<Program> {
  const { clients } = plan;
  yield program;
  for (const [at, calls] of clients.entries())
    for (const index of calls.length > 0 ? [null, ...calls.keys()] : [])
      yield {
        ...program,
        serve: {
          ...plan,
          // Left in its place, so that the others keep their random numbers.
          clients: clients.with(at, index === null ? [] : calls.toSpliced(index, 1)),
        },
      };
}
