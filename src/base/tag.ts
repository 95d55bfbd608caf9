/** Names by which a caller marks its calls, for reports and budgets. */

/** As a name in the config: it may be used in `budget.tags`. */
export const tagPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Of one call. */
export const MAX_TAGS = 16;
