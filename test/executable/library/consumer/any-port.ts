/** Express, whose `listen` takes any free port and says which. */
import real from 'express';

function express() {
  const app = real();
  const listen = app.listen.bind(app);
  return Object.assign(app, {
    listen: (_port: number) => {
      const server = listen(0, () => console.log(JSON.stringify(server.address())));
      return server;
    },
  });
}

export default Object.assign(express, { json: real.json });
