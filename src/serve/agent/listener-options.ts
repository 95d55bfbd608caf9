/** The options of `agentListener`, checked when it is called; the rest is loaded with the first request. */
import { usageError } from '../../agent/failure.ts';
import { isToken } from '../token.ts';
import type { AgentListenerOptions } from './types.ts';

export interface ListenerOptions {
  token: string | null;
  isChecked: boolean;
  allowHosts: readonly string[];
  cors: readonly string[];
  maxSessions: number;
  maxBody: number;
}

const USUAL_SESSIONS = 100;
const USUAL_MAX_BODY = 32 * 1024 * 1024;

/** Throws `AllTokenError` usage. */
export function listenerOptions(make: unknown, options: AgentListenerOptions): ListenerOptions {
  const { token, allowHosts = [], cors = [] } = options;
  const { maxSessions = USUAL_SESSIONS, maxBody = USUAL_MAX_BODY } = options;
  if (typeof make !== 'function')
    throw usageError('agentListener needs a function that makes an agent', 'bad_agent');
  if (token !== undefined && token !== false && !isToken(token))
    throw usageError('the token needs 32 printable characters without blanks', 'bad_token');
  for (const [name, value] of Object.entries({ maxSessions, maxBody }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw usageError(`${name} has to be a whole number above 0`, 'bad_option');
  return {
    token: token === undefined || token === false ? null : token,
    isChecked: token === false,
    ...{ allowHosts, cors, maxSessions, maxBody },
  };
}
