/** The `content` of a request for a video: text, and images, videos and audio by URL or upload. It fetches nothing and binds nothing. */

import { asObject, type JsonObject } from '../../base/json.ts';
import { invalid } from '../envelope.ts';
import type { VideoModel } from './known-models.ts';
import type { UploadReference } from './uploads.ts';

type Medium = 'image' | 'video' | 'audio' | 'draft';

interface Item {
  /** null for a text. */
  medium: Medium | null;
  role: string | null;
  upload: UploadReference | null;
}

interface Content {
  /** As the task names it. */
  inputType: string;
  uploads: UploadReference[];
}

const roles = [
  'first_frame',
  'last_frame',
  'reference_image',
  'reference_video',
  'reference_audio',
];

/** Each type: its medium, and whether it is the short form, which takes `url` or `upload_id`. */
const types: Readonly<Record<string, { medium: Medium; short: boolean }>> = {
  image_url: { medium: 'image', short: false },
  video_url: { medium: 'video', short: false },
  audio_url: { medium: 'audio', short: false },
  image: { medium: 'image', short: true },
  video: { medium: 'video', short: true },
  audio: { medium: 'audio', short: true },
};

/** Portrait assets go with these only. */
const assetModels = ['seedance-2.0', 'seedance-2.0-fast'];

/** Throws Rejection (400) that names the item. */
export function readContent(value: unknown, model: VideoModel): Content {
  if (value === undefined || value === null) return { inputType: 'text', uploads: [] };
  if (!Array.isArray(value)) throw invalid('content', 'content must be an array.');
  const items = value.map((item: unknown, index) => readItem(item, `content[${index}]`, model));
  return {
    inputType: inputTypeOf(items),
    uploads: items.flatMap(({ upload }) => (upload ? [upload] : [])),
  };
}

function readItem(value: unknown, at: string, model: VideoModel): Item {
  const item = asObject(value);
  if (!item) throw invalid(at, `${at} must be an object.`);
  const role = readRole(item, at);
  const nothing = { medium: null, role, upload: null };
  if (item.type === 'text') {
    if (typeof item.text === 'string') return nothing;
    throw invalid(`${at}.text`, `${at}.text must be a string.`);
  }
  if (item.type === 'draft_task') {
    if (typeof asObject(item.draft_task)?.id === 'string') return { ...nothing, medium: 'draft' };
    throw invalid(`${at}.draft_task`, `${at}.draft_task needs an id.`);
  }
  const type = types[String(item.type)];
  if (!type) {
    const known = ['text', 'draft_task', ...Object.keys(types)].join(', ');
    throw invalid(`${at}.type`, `${at}.type must be one of ${known}.`);
  }
  const { medium } = type;
  if (type.short && typeof item.upload_id === 'string') {
    if ((item.url ?? null) !== null) throw invalid(at, `${at} has both a url and an upload_id.`);
    const upload = {
      id: item.upload_id,
      field: `${at}.upload_id`,
      purpose: `video_input_${medium}`,
    };
    return { medium, role, upload };
  }
  const field = `${medium}_url`;
  if (type.short) checkUrl(item.url, `${at}.url`, model);
  else checkUrl(asObject(item[field])?.url, `${at}.${field}.url`, model);
  return { medium, role, upload: null };
}

function readRole({ role }: JsonObject, at: string): string | null {
  if (role === undefined || role === null) return null;
  if (typeof role === 'string' && roles.includes(role)) return role;
  throw invalid(`${at}.role`, `${at}.role must be one of ${roles.join(', ')}.`);
}

function checkUrl(url: unknown, field: string, model: VideoModel): void {
  if (typeof url !== 'string') throw invalid(field, `${field} must be a web URL.`);
  if (/^data:/i.test(url)) {
    throw invalid(field, `${field} must not be a data: URL; upload the file and send upload_id.`);
  }
  if (/^asset:\/\/\S+$/.test(url) && assetModels.includes(model.id)) return;
  if (!/^https?:\/\/\S+$/i.test(url)) throw invalid(field, `${field} must be a web URL.`);
}

function inputTypeOf(items: readonly Item[]): string {
  const media = new Set(items.map(({ medium }) => medium).filter((medium) => medium !== null));
  const has = (role: string): boolean => items.some((item) => item.role === role);
  if (media.has('draft')) return 'draft_task';
  if (media.size > 1 || media.has('audio')) return 'multimodal';
  if (media.has('video')) return 'video_reference';
  if (!media.has('image')) return 'text';
  if (has('last_frame')) return 'image_first_last_frame';
  return has('reference_image') ? 'image_reference' : 'image_first_frame';
}
