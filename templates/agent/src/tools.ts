/** What the agent can do besides talking. */
import { calculatorTool, timeTool, tool } from 'alltoken-cli';
import * as z from 'zod';

export { calculatorTool, timeTool } from 'alltoken-cli';

/** An example. The arguments are checked against the schema before it runs. */
export const diceTool = tool({
  name: 'roll_dice',
  description: 'Roll dice with six sides; returns what each of them shows',
  input: z.object({ count: z.int().min(1).max(20).describe('how many') }),
  execute: ({ count }) => ({
    dice: Array.from({ length: count }, () => 1 + Math.floor(Math.random() * 6)),
  }),
});

export const defaultTools = [timeTool, calculatorTool, diceTool];
