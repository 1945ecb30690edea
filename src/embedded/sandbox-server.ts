import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { portOf } from './ports.ts';

/** A sandbox that is served. Port 0 lets the system choose. */
export async function listenOnLoopback(
  listener: RequestListener,
  port: number,
): Promise<{ url: string; port: number; close: () => Promise<void> }> {
  const server = createServer(listener);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const chosen = portOf(server);
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections(); // those that the mode `hang` keeps waiting, too
    await closed;
  };
  return { url: `http://127.0.0.1:${chosen}`, port: chosen, close };
}
