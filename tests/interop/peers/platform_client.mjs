/**
 * Opens connections for the exerciser with the platform's `WebSocket` interface,
 * which browsers have and Bun and npm's ws follow.
 */

/**
 * Resolves when the connection is open, to what the exerciser wants and the socket.
 *
 * @param {() => WebSocket} create
 */
export async function openPlatform(create) {
  const socket = create();
  socket.binaryType = "arraybuffer";
  /** @type {(string | Uint8Array)[]} */
  const arrived = [];
  /** @type {(() => void) | undefined} */
  let wake;
  socket.onmessage = ({ data }) => {
    arrived.push(typeof data === "string" ? data : new Uint8Array(data));
    wake?.();
  };
  const closed = new Promise((resolve) => {
    socket.onclose = ({ code, reason, wasClean }) => {
      resolve({ code, reason, wasClean });
      wake?.();
    };
  });
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = (event) => reject(new Error(event.message ?? "the connection failed"));
  });
  const receive = async () => {
    while (arrived.length === 0) {
      if (socket.readyState !== socket.OPEN) throw new Error("closed instead of a message");
      await new Promise((resolve) => (wake = resolve));
    }
    return arrived.shift();
  };
  return {
    socket,
    protocol: socket.protocol,
    extensions: socket.extensions,
    send: (message) => socket.send(message),
    receive,
    close: (code, reason) => socket.close(code, reason),
    closed,
  };
}
