/** Tells play money from money: the calls of the sandbox count among themselves, and in no report or cap of the others. */

/** The id of the gateway that plays. */
export const playGateway = 'sandbox';

/** Whether a call of `gateway` belongs in a report. `wanted`: one gateway's calls; null: those that cost money. */
export function isReported(gateway: string, wanted: string | null): boolean {
  return wanted === null ? gateway !== playGateway : gateway === wanted;
}
