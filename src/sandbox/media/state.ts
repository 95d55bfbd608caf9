/** Everything that one sandbox remembers of images, videos and uploads. It is all in memory, bounded, and gone with the server. */
import { BoundedMap } from './bounded-map.ts';
import type { ImageTask, VideoTask } from './tasks.ts';
import type { Upload } from './uploads.ts';
import { UrlSigner } from './url-signer.ts';

/** How long tasks take from their creation to their end, in ms. The first part of it they are queued. */
export interface Pace {
  imageMillis: number;
  videoMillis: number;
}

/** How long things can be had, in ms. */
export interface Lifetimes {
  /** A create request with a used Idempotency-Key is refused. */
  idempotencyMillis: number;
  /** The result of an image that was not fetched yet. */
  unreadImageMillis: number;
  imageUrlMillis: number;
  videoUrlMillis: number;
  /** The URL for the PUT of an upload. */
  uploadUrlMillis: number;
  /** An upload that no task has taken. */
  uploadMillis: number;
}

export interface MediaState {
  readonly pace: Pace;
  readonly lifetimes: Lifetimes;
  readonly images: BoundedMap<ImageTask>;
  readonly videos: BoundedMap<VideoTask>;
  readonly uploads: BoundedMap<Upload>;
  readonly signer: UrlSigner;
  /** How often a fault broke a poll, or sent an absurd one: they take turns. */
  readonly turns: { brokenPolls: number; absurdPolls: number };
}

/** Quick enough for a trial, slow enough to see the states. */
const usualPace: Pace = { imageMillis: 1_000, videoMillis: 2_500 };

const minute = 60_000;
const day = 24 * 60 * minute;

/** As on the real gateway, where it says; the last one is a guess. */
const usualLifetimes: Lifetimes = {
  idempotencyMillis: minute,
  unreadImageMillis: 30 * minute,
  imageUrlMillis: 30 * day,
  videoUrlMillis: day,
  uploadUrlMillis: 5 * minute,
  uploadMillis: 60 * minute,
};

const mostEntries = 1_000;

/** An empty memory; what `pace` and `lifetimes` leave out is as usual. */
export function newMediaState(pace: Partial<Pace>, lifetimes: Partial<Lifetimes>): MediaState {
  return {
    pace: { ...usualPace, ...pace },
    lifetimes: { ...usualLifetimes, ...lifetimes },
    images: new BoundedMap(mostEntries),
    videos: new BoundedMap(mostEntries),
    uploads: new BoundedMap(mostEntries),
    signer: new UrlSigner(),
    turns: { brokenPolls: 0, absurdPolls: 0 },
  };
}
