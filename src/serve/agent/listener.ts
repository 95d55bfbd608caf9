/** An agent behind a server of somebody else. It listens nowhere itself. */
import type { Clock } from '../../base/deps.ts';
import { Guard } from '../guard.ts';
import { handle } from '../handler.ts';
import { Table } from '../table.ts';
import type { ListenerOptions } from './listener-options.ts';
import { agentRoutes } from './routes.ts';
import { type MakeAgent, Sessions } from './sessions.ts';
import type { AgentListener } from './types.ts';

export function openListener(
  make: MakeAgent,
  { maxSessions, maxBody, ...visitors }: ListenerOptions,
  clock: Pick<Clock, 'after' | 'monotonic'>,
): AgentListener {
  const never = new AbortController().signal;
  const sessions = new Sessions({ make, max: maxSessions, clock, stopping: never, end: never });
  const doors = {
    // It may be called by any address of its machine, and by names that are known.
    guard: new Guard({ host: '0.0.0.0', ...visitors }),
    table: new Table(agentRoutes(sessions, maxBody)),
    stopping: never,
    running: new Set<Promise<unknown>>(),
    note: () => {},
    clock,
  };
  return (request, response) => void handle(request, response, doors);
}
