/** All built-in tools, none of which touches the machine but to save what was bought. */
import type { Tool } from '../types.ts';
import { calculatorTool } from './calculator.ts';
import { imageTool } from './image.ts';
import { makeTimeTool } from './time.ts';
import { videoTools } from './videos.ts';
import { webSearchTool } from './web-search.ts';

/** `now`: milliseconds since 1970. */
export function makeBuiltInTools(now: () => number): Tool[] {
  return [makeTimeTool(now), calculatorTool, webSearchTool, imageTool, ...videoTools];
}
