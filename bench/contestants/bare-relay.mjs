/** The least relay on node:http: it pipes both ways, and reads nothing. Its argument is the port of the gateway; it prints its own. */
import { Agent, createServer, request as send } from 'node:http';

const port = Number(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const server = createServer((request, response) => {
  const { method, url, headers } = request;
  const outgoing = send({ host: '127.0.0.1', port, path: url, method, headers, agent }, (reply) => {
    response.writeHead(reply.statusCode, reply.headers);
    reply.pipe(response);
  });
  request.pipe(outgoing);
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
