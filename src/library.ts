/** The package itself: `import { createAgent } from 'alltoken-cli'`. It joins the agent to this process and loads nothing that is not used. */
export { AllTokenError } from './agent/errors.ts';
export { tool } from './agent/tool.ts';
export type * from './agent/types.ts';
