/**
 * Listens on the epoll engine with 0, 1, 2 and 3 descriptors to spare, and tells what came of it
 * each time, and how many more descriptors are open than before.
 *
 * @module
 */
import { EpollListener } from "../../../lib/engine/epoll/epoll_listener.ts";
import { limitDescriptors, openDescriptors } from "./libc.ts";

const HIGHEST = 300;
const LISTEN = { hostname: "127.0.0.1", port: 0 };

/** Listens for a moment. */
async function listen(): Promise<string | undefined> {
  try {
    const listener = new EpollListener(LISTEN);
    listener.close();
    await listener.finished;
    return undefined;
  } catch (error) {
    return String(error);
  }
}

// The runtime sets signals up at the first use or after the start, and panics if it cannot.
Deno.addSignalListener("SIGUSR2", () => {});
await listen();
for (let spare = 0; spare <= 3; spare++) {
  const before = openDescriptors(HIGHEST);
  let limit = HIGHEST;
  while (limit - openDescriptors(limit) > spare) limit--;
  limitDescriptors(limit, HIGHEST);
  const error = await listen();
  await new Promise((resolve) => setTimeout(resolve, 0)); // for what ends by itself
  limitDescriptors(HIGHEST, HIGHEST);
  console.log(JSON.stringify({ error, left: openDescriptors(HIGHEST) - before }));
}
Deno.exit(0);
