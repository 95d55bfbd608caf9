/** All tools, in the order in which a host sees them. */
import { toolNames } from '../../schemas/tools.ts';
import { freeTools } from './free-tools.ts';
import { paidTools } from './paid-tools.ts';
import type { Tool } from './tool.ts';

export const tools: readonly Tool[] = [...paidTools, ...freeTools].sort(
  (one, other) => toolNames.indexOf(one.name) - toolNames.indexOf(other.name),
);
