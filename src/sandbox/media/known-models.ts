/** The image and video models that the sandbox pretends to have, and what each takes. It is stricter than a client should be. */

export const imageModels = ['gpt-image-2', 'wan2.7-image', 'wan2.7-image-pro'] as const;

/** Also takes these for variations, where the documents show it. */
export const variationModels = [...imageModels, 'dall-e-2'] as const;

export interface VideoModel {
  id: string;
  /** Seconds. */
  shortest: number;
  longest: number;
  /** Takes -1 for a length that the model chooses. */
  choosesLength: boolean;
  resolutions: readonly string[];
  /** Takes a number of frames in place of seconds. */
  takesFrames: boolean;
  /** Takes output_format and omni_reference_task_type. */
  isLatest: boolean;
}

export const ratios = ['16:9', '9:16', '4:3', '3:4', '21:9', '1:1', 'adaptive'] as const;
export const resolutions = ['480p', '720p', '1080p'] as const;

const usual = {
  shortest: 4,
  longest: 15,
  choosesLength: true,
  resolutions,
  takesFrames: false,
  isLatest: false,
};
const first = { ...usual, shortest: 2, longest: 12, choosesLength: false, takesFrames: true };

export const videoModels: readonly VideoModel[] = [
  { ...first, id: 'seedance-1.0-pro' },
  { ...first, id: 'seedance-1.0-pro-fast' },
  { ...usual, id: 'seedance-1.5-pro', longest: 12 },
  { ...usual, id: 'seedance-2.0' },
  { ...usual, id: 'seedance-2.0-fast' },
  {
    ...usual,
    id: 'seedance-2.5',
    longest: 30,
    resolutions: ['480p', '720p'],
    isLatest: true,
  },
];

/** What a model list says of it: hints for a form, as on the real gateway. */
export function capabilities(model: VideoModel): unknown {
  return {
    ratios: { values: ratios, default: '16:9' },
    resolutions: { values: model.resolutions, default: '720p' },
    duration: {
      type: 'range',
      min: model.shortest,
      max: model.longest,
      step: 1,
      default: 5,
      supports_auto: model.choosesLength,
    },
    frames: model.takesFrames ? { min: 29, max: 289, step: 4, base: 25 } : null,
    features: { return_last_frame: true, seed: true, generate_audio: false, watermark: false },
    prompt: null,
    content: null,
    input_types: ['text', 'image_first_frame', 'image_first_last_frame', 'image_reference'],
  };
}
