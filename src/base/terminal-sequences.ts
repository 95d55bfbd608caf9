/** What a terminal takes out of a text: control sequences, and strings that are meant for it alone. The source of a regular expression. */
export const sequences =
  '\\u001b\\[[0-?]*[ -/]*[@-~]|\\u001b[\\]PX^_][^\\u0007\\u001b\\n]{0,200}(?:\\u0007|\\u001b\\\\)';
