/** What every renderer is. Types only. */
import type { OutputEvent } from '../../schemas/events.ts';

/** Shows one event on stdout. */
export type Renderer = (event: OutputEvent) => Promise<void>;
