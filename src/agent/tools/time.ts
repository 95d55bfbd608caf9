/** Tells the time. */
import { failed } from '../results.ts';
import type { Tool } from '../types.ts';

/** `now`: milliseconds since 1970. */
export function makeTimeTool(now: () => number): Tool {
  return {
    definition: {
      type: 'function',
      function: {
        name: 'get_current_time',
        description: 'Get the current date and time',
        parameters: {
          type: 'object',
          properties: {
            timezone: {
              type: 'string',
              description: 'IANA time zone, such as "UTC" or "America/New_York"; default UTC',
            },
          },
        },
      },
    },
    execute: ({ timezone }: { timezone?: string } = {}) => {
      const zone = timezone || 'UTC';
      const date = new Date(now());
      try {
        return {
          time: date.toLocaleString('en-US', { timeZone: zone }),
          timezone: zone,
          iso: date.toISOString(),
        };
      } catch {
        return failed('unknown_timezone', { timezone: zone });
      }
    },
  };
}
