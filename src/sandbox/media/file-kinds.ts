/** The kinds of files that can be uploaded, what each is for, and how it begins. It looks at the first bytes, never at the whole. */

type Family = 'image' | 'video' | 'audio';

/** What an upload can be for, and which types that takes. */
export const purposes: Readonly<Record<string, Family>> = {
  image_edit_source: 'image',
  image_edit_mask: 'image',
  image_variation_source: 'image',
  video_input_image: 'image',
  video_input_video: 'video',
  video_input_audio: 'audio',
};

/** As many of the first bytes as the rules here look at. */
export const headBytes = 12;

/** In everything that is made like QuickTime, behind four bytes: the name of the first box. */
const quickTime = /^.{8}66747970/;
const matroska = /^1a45dfa3/;

/** How a file of each type begins, in hexadecimal. */
const beginnings: Readonly<Record<string, RegExp>> = {
  'image/png': /^89504e470d0a1a0a/,
  'image/jpeg': /^ffd8ff/,
  'image/webp': /^52494646.{8}57454250/,
  'video/mp4': quickTime,
  'video/webm': matroska,
  'video/quicktime': /^.{8}(66747970|6d6f6f76|6d646174|77696465|66726565)/,
  'audio/wav': /^52494646.{8}57415645/,
  'audio/mpeg': /^(494433|ff[ef])/,
  'audio/mp4': quickTime,
  'audio/aac': /^fff/,
  'audio/ogg': /^4f676753/,
  'audio/webm': matroska,
};

export const contentTypes = Object.keys(beginnings);

/** Whether files of this type can serve that purpose; both must be known. */
export function suits(contentType: string, purpose: string): boolean {
  return contentType.startsWith(`${purposes[purpose]}/`);
}

export function looksLike(contentType: string, head: Uint8Array): boolean {
  return beginnings[contentType]?.test(Buffer.from(head).toString('hex')) ?? false;
}
