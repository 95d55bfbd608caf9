/** The package itself: `import { createAgent } from 'alltoken-cli'`. It joins the agent to this process and loads nothing that is not used. */

import type { OpenAI } from 'openai';
import { AgentCore } from './agent/agent.ts';
import { officialClient } from './agent/openai-client.ts';
import { calculatorTool } from './agent/tools/calculator.ts';
import { makeTimeTool } from './agent/tools/time.ts';
import type { AgentConfig, Agent as AgentType, Tool } from './agent/types.ts';
import { loadPeer } from './edge/peer.ts';
import { guestDeps } from './edge/real-deps.ts';

export { AllTokenError } from './agent/errors.ts';
export { tool } from './agent/tool.ts';
export type * from './agent/types.ts';

const deps = guestDeps();

/** An agent: a conversation with tools, under your budgets. Throws `AllTokenError` usage for a bad config; nothing is sent. */
export type Agent = AgentType;
export const Agent: new (config?: AgentConfig) => AgentType = class extends AgentCore {
  constructor(config: AgentConfig = {}) {
    super(config, deps);
  }
};

export function createAgent(config: AgentConfig = {}): AgentType {
  return new Agent(config);
}

/** `get_current_time`. */
export const timeTool: Tool = makeTimeTool(() => deps.clock.now());
/** `calculate`. */
export { calculatorTool } from './agent/tools/calculator.ts';
/** Both, as the seed has them. */
export const defaultTools: Tool[] = [timeTool, calculatorTool];

/**
 * The official client (`openai`, which must be installed) for AllToken. Default key: ALLTOKEN_API_KEY. Its calls are in no ledger
 * and under no budget of ours.
 */
export function createAllTokenClient(apiKey?: string, options: { baseURL?: string } = {}): OpenAI {
  return officialClient({ apiKey, ...options }, loadPeer, deps) as OpenAI;
}
