/** The agent: what it is for, which tools it has, what it may spend. */
import { type Agent, type AgentConfig, createAgent as create } from 'alltoken-cli';
import { defaultTools } from './tools.js';

export type {
  Agent,
  AgentConfig,
  AgentEvents,
  Message,
  PendingCall,
  RunResult,
  ToolHandler,
} from 'alltoken-cli';

/** Without a model it is that of the gateway; ALLTOKEN_GATEWAY names the gateway. */
export function createAgent(config: AgentConfig = {}): Agent {
  return create({
    instructions: 'You are a concise assistant with tools.',
    tools: defaultTools,
    // In USD, for all that one agent does; checked before each request.
    maxCost: '0.50',
    ...config,
  });
}
