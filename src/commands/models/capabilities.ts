/** What a video model supports, as text. The fields are hints of the gateway: fields of an unknown shape appear only in --json. */
import { asObject, asText, asTexts, type JsonObject } from '../../base/json.ts';

type Row = readonly [name: string, words: string];

/** The most useful rows first; [] for a model without capabilities. */
export function capabilityRows(capabilities: JsonObject | null): Row[] {
  if (capabilities === null) return [];
  const { duration, resolutions, ratios, frames, prompt, content, input_types, features } =
    capabilities;
  const rows: [string, string | null][] = [
    ['durations', durationWords(duration)],
    ['resolutions', choiceWords(resolutions)],
    ['ratios', choiceWords(ratios)],
    ['frames', frameWords(frames)],
    ['prompt', lengthWords(prompt)],
    ['inputs', listWords(input_types)],
    ['files', contentWords(content)],
    ['features', featureWords(features)],
  ];
  return rows.flatMap(([name, words]) => (words === null ? [] : [[name, words] as const]));
}

function durationWords(value: unknown): string | null {
  // Said, and nothing: the length follows from what goes in.
  if (value === null) return 'the model decides';
  const duration = asObject(value);
  if (duration === null) return null;
  const { min, max, step, values, supports_auto: auto } = duration;
  const range =
    typeof min === 'number' && typeof max === 'number'
      ? `${min} to ${max} s${typeof step === 'number' && step !== 1 ? ` in steps of ${step}` : ''}`
      : null;
  const choices = numbers(values);
  const length = range ?? (choices === null ? null : `${choices.join(', ')} s`);
  if (length === null) return null;
  return withDefault(
    auto === true ? `${length}, or -1: the model chooses` : length,
    duration,
    ' s',
  );
}

/** `values: null` hides the control: there is nothing to choose. */
function choiceWords(value: unknown): string | null {
  const choice = asObject(value);
  const names = asTexts(choice?.values);
  if (choice === null || names === null || names.length === 0) return null;
  return withDefault(names.join(', '), choice, '');
}

function withDefault(words: string, { default: usual }: JsonObject, unit: string): string {
  const text = asText(usual);
  return text === null ? words : `${words} (default: ${text}${unit})`;
}

function frameWords(value: unknown): string | null {
  const frames = asObject(value);
  const { min, max, step } = frames ?? {};
  if (typeof min !== 'number' || typeof max !== 'number') return null;
  return `${min} to ${max}${typeof step === 'number' ? ` in steps of ${step}` : ''}`;
}

function lengthWords(value: unknown): string | null {
  const longest = asObject(value)?.max_length;
  return typeof longest === 'number' ? `at most ${longest} characters` : null;
}

function listWords(value: unknown): string | null {
  const names = asTexts(value);
  return names === null || names.length === 0 ? null : names.map(plain).join(', ');
}

function contentWords(value: unknown): string | null {
  const content = asObject(value);
  if (content === null) return null;
  const counts = [
    ['images', asObject(content.image_count)],
    ['videos', asObject(content.video_count)],
    ['sounds', asObject(content.audio_count)],
  ] as const;
  const parts = counts.flatMap(([name, count]) => {
    if (typeof count?.max !== 'number' || count.max === 0) return [];
    return [`${typeof count.min === 'number' ? count.min : 0} to ${count.max} ${name}`];
  });
  const roles = listWords(content.allowed_roles);
  if (roles !== null) parts.push(`as ${roles}`);
  return parts.length === 0 ? null : parts.join(', ');
}

function featureWords(value: unknown): string | null {
  const features = Object.entries(asObject(value) ?? {}).filter(([, has]) => has === true);
  return features.length === 0 ? null : features.map(([name]) => plain(name)).join(', ');
}

function plain(name: string): string {
  return name.replaceAll('_', ' ');
}

function numbers(value: unknown): number[] | null {
  const found = Array.isArray(value) ? value.filter((item) => typeof item === 'number') : [];
  return found.length === 0 ? null : found;
}
