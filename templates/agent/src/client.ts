/** A client of the `openai` package on AllToken, for what the agent does not do. */
export { createAllTokenClient } from 'alltoken-cli';
