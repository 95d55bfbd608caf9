/** A gateway as data. An absent route means that the gateway lacks the operation. */

/** What `enable_search` does to a family of models; the first match counts. */
export interface SearchRule {
  prefix: string;
  /** unreliable: empty answers, refusals, or nothing at all. */
  effect: 'searches' | 'ignored' | 'unreliable' | 'fails';
}

/** Which models search with the flag, as tested on a date. */
export interface SearchMatrix {
  /** YYYY-MM-DD. */
  probed: string;
  rules: readonly SearchRule[];
}

export interface ChatFeatures {
  /** null: the gateway has no search flag. */
  search: SearchMatrix | null;
  /** Understands `thinking` and `thinking_budget`. */
  thinking: boolean;
  /** json_schema: takes a schema in response_format; json_object: only asks for JSON, so the schema goes into the instructions. */
  structuredOutput: 'json_schema' | 'json_object';
}

/** Default body fields of a call, for models whose ids begin so. */
interface MediaDefaults {
  prefix: string;
  body: Readonly<Record<string, string | number>>;
}

/** Seconds that a video may have, and resolutions; outside of them we only warn. */
export interface VideoRange {
  prefix: string;
  shortest: number;
  longest: number;
  /** Takes -1: the model chooses. */
  mayChoose: boolean;
  resolutions?: readonly string[];
}

interface MediaKind {
  /** The default model. */
  model: string;
  /** Ids seen there, for suggestions only. */
  knownModels: readonly string[];
  defaults: readonly MediaDefaults[];
  /** Between two questions how far a task is, in ms, where the gateway does not say. */
  pollMillis: number;
}

interface ImageFeatures extends MediaKind {
  /** How long a repeated create request is recognised by its key; 0 when never. */
  idempotencyMillis: number;
  /** The response to the create request may contain the images themselves. */
  repliesAtOnce: boolean;
  /** The most images that one request may order; null: not known, so the server decides. */
  maxCount: number | null;
  /** How many images one edit starts from; several are sent as a list. */
  maxInputs: number;
  /** USD for one image of the default model with these fields, as documented; absent: not known in advance. `asOf`: YYYY-MM-DD. */
  smallest?: {
    asOf: string;
    amount: string;
    body: Readonly<Record<string, string | number>>;
  };
}

/** USD for a second of video, input and output, as documented. */
interface VideoRate {
  /** Its id: another of the family may cost something else. */
  model: string;
  /** Absent: of any. */
  resolution?: string;
  perSecond: string;
}

interface VideoFeatures extends MediaKind {
  ranges: readonly VideoRange[];
  /** The body's word for the shape; null: it has none. */
  ratioField: string | null;
  /** GET on the create route lists tasks. */
  lists: boolean;
  /** POST …/<id>/cancel stops one. */
  cancels: boolean;
  /** Input media are sent as items of `content`; null: none are supported. */
  inputs: 'content' | null;
  /** null: not known in advance. `asOf`: YYYY-MM-DD; `usual`: what an absent field means. */
  prices: {
    asOf: string;
    usual: { duration: number; resolution: string };
    rates: readonly VideoRate[];
  } | null;
}

/** null: the gateway has none of that kind, or not known how. */
export interface MediaFeatures {
  image: ImageFeatures | null;
  video: VideoFeatures | null;
}

interface Routes {
  chat?: string;
  /** The list of models; a list of one kind may be apart. */
  models: string;
  imageModels?: string;
  videoModels?: string;
  /** One model is below this path. */
  model?: string;
  /** A free GET that only a valid key is answered. */
  key?: string;
  /** Creates an image task. */
  images?: string;
  imageEdits?: string;
  imageVariations?: string;
  /** An image task is below this path. */
  imageTasks?: string;
  /** Creates a video task; GET lists them, and one is below it, with /cancel below that. */
  videos?: string;
  uploads?: string;
  /** OpenAI's other shape, and its embeddings. */
  responses?: string;
  embeddings?: string;
  /** Anthropic's shape; the second one beside the base URL, where Anthropic's clients look for it. */
  messages?: string;
  anthropic?: PublicPlace;
}

/** The unit of a price in a model list; the same words as in `money/prices.ts`. */
type PriceUnit = 'per_token' | 'per_thousand_tokens' | 'per_million_tokens';

/** Something public beside the base URL, requested without a key: there, the end of the base URL is replaced by another path. `{id}` in it stands for what is looked up. */
export interface PublicPlace {
  replace: string;
  by: string;
}

/** routes: the health of each route. provider: the figures of one of the providers. filters: what the models can be filtered by. */
export type Board = 'health' | 'routes' | 'providers' | 'provider' | 'rankings' | 'filters';

export interface Gateway {
  /** The name for -g. */
  id: string;
  /** The name in sentences. */
  label: string;
  /** No slash at the end. */
  baseUrl: string;
  /** Where people top up and make keys; null when we do not know. */
  website: string | null;
  /** The command that starts it, for a server of one's own machine; null for every other. */
  startHint: string | null;
  /** The environment variable that replaces its base URL; null when it has none of its own. */
  baseUrlEnv: string | null;
  /** The environment variable that holds its key; null when it has none of its own. */
  keyVariable: string | null;
  /** Keys usually begin so; only ever used for a hint. */
  keyPrefix: string | null;
  /** true: started inside this process on loopback unless a base URL is given. */
  embedded: boolean;
  /** Of one that runs in this process: the faults that have hit a request so far. `refuses`: it alone is why that was refused. */
  faultHits?: () => readonly { name: string; refuses: boolean }[];
  /** The flag, or the variables that are set, by which the base URL was chosen; absent: it is the gateway's own, or the config's. */
  addressFrom?: readonly string[];
  /** false: works without a key, and then sends none. */
  keyRequired: boolean;
  /** Paths below the base URL. */
  routes: Routes;
  /** The public price list beside the base URL, with no key; null when there is none. */
  catalogue: PublicPlace | null;
  /** Public boards; an absent one means that the gateway has none. */
  boards: Readonly<Partial<Record<Board, PublicPlace>>>;
  priceUnit: PriceUnit;
  /** null: -m or the config has to say. `agent`: of the library; absent: that of chat. */
  defaultModels: { chat: string | null; search: string | null; agent?: string };
  /** How long to wait for the cost comment after `[DONE]`, in ms; 0 when the gateway sends none. */
  costWaitMillis: number;
  /** `usage.cost` is what the call was charged, in USD. */
  costInUsage: boolean;
  chat: ChatFeatures;
  media: MediaFeatures;
  /** Model ids begin so; used to distinguish a model from a word of the prompt while no list is cached. */
  modelPrefixes: readonly string[];
  /** Ids seen there, for suggestions only, never to refuse one. */
  knownModels: readonly string[];
}
