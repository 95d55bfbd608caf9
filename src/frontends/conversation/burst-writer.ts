/** Joins what is written at one moment to one write, so that a redrawn line does not flicker. */
export function burstWriter(write: (text: string) => void): (text: string) => void {
  let waiting = '';
  return (text) => {
    // Before anybody who waits for what is being typed goes on: promises keep their order.
    if (waiting === '')
      queueMicrotask(() => {
        const burst = waiting;
        waiting = '';
        write(burst);
      });
    waiting += text;
  };
}
