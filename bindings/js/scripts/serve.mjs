// An ordinary static server of the package's folder, for its pages, tests and figures: it sets no headers of its own.

import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

import sirv from "sirv";

/**
 * Serves a folder, by default the package's, below /. Of what is asked for, `more` answers first if it returns true.
 *
 * @param {{ port?: number, root?: string, headers?: Record<string, string>,
 *   more?: (request: import("node:http").IncomingMessage, response: import("node:http").ServerResponse) => boolean }} options
 * @returns {Promise<{ address: string, close: () => Promise<void> }>}
 */
export async function serve({ port = 0, root = fileURLToPath(new URL("..", import.meta.url)), headers = {}, more } = {}) {
  const files = sirv(root, { dev: true, etag: true, setHeaders: (response) => setAll(response, headers) });
  const server = createServer((request, response) => {
    if (more?.(request, response) === true) return;
    files(request, response, () => response.writeHead(404).end(`${request.url} is not there\n`));
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "localhost", resolve));
  return {
    address: `http://localhost:${server.address().port}`,
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  };
}

function setAll(response, headers) {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}
