/** Running the cases of a conformance suite with any WebSocket that has the platform's interface. */

/**
 * Asks the suite at `url` how many cases there are, and echoes what comes in each, `jobs` at a
 * time.
 */
export async function runCases(WebSocket, { url, agent, jobs }) {
  const count = Number(await lastMessage(new WebSocket(`${url}/getCaseCount`)));
  let next = 1;
  const work = async () => {
    while (next <= count) {
      const socket = new WebSocket(`${url}/runCase?case=${next++}&agent=${agent}`);
      socket.binaryType = "arraybuffer";
      socket.onmessage = ({ data }) => socket.send(data);
      await ended(socket);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  await ended(new WebSocket(`${url}/updateReports?agent=${agent}`));
}

async function lastMessage(socket) {
  let last;
  socket.onmessage = ({ data }) => last = data;
  await ended(socket);
  return last;
}

/** Resolves when the connection has ended; why, is for the suite to say. */
function ended(socket) {
  return new Promise((resolve) => {
    socket.onerror = () => {};
    socket.onclose = () => resolve();
  });
}
