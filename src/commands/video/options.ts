/** What was typed after `video`, as values. What a model can do is the gateway's to say. */
import { InvalidArgumentError } from 'commander';
import { parameterReader } from '../../flags/flag-values.ts';
import type { MediaFlags } from '../../work/media/options.ts';

export interface VideoFlags extends MediaFlags {
  /** Whole seconds; -1: the model chooses. */
  duration?: number;
  ratio?: string;
  resolution?: string;
  seed?: number;
  audio?: boolean;
  watermark?: boolean;
  cameraFixed?: boolean;
  firstFrame?: string;
  lastFrame?: string;
  reference?: string[];
  callbackUrl?: string;
  serviceTier?: string;
  /** false with --no-download. */
  download: boolean;
  lastFrameOut?: string;
  cancelOnInterrupt?: boolean;
}

export const readVideoParameter = parameterReader({
  model: 'use -m',
  prompt: 'it is the words of the command',
  content: 'use --first-frame, --last-frame and --reference',
});

export function videoSeconds(text: string): number {
  const value = Number(text);
  if (!/^-?\d{1,5}$/.test(text) || (value < 1 && value !== -1))
    throw new InvalidArgumentError('Expected whole seconds, or -1 to let the model choose.');
  return value;
}
