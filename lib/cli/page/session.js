/**
 * One WebSocket at a time, and the matching of echoes with what was sent.
 *
 * @module
 */
import { isEcho } from "./payload.js";

/** How many messages wait for their echo; a server that answers nothing must not fill memory. */
const MAX_WAITING = 1000;

/** Above this many bytes that the network has not taken, the ticker skips a beat. */
const HIGH_WATER_MARK = 1024 * 1024;

/**
 * What a session tells its page.
 *
 * @typedef {object} SessionEvents
 * @property {(state: "connecting" | "open" | "closing" | "closed") => void} state
 * @property {(data: string | ArrayBuffer, roundTrip: number | undefined) => void} message
 *   The round trip in milliseconds, where the message is the echo of one that was sent.
 * @property {(end: SessionEnd) => void} close
 */

/**
 * How a connection ended.
 *
 * @typedef {object} SessionEnd
 * @property {boolean} opened Whether it was ever open.
 * @property {boolean} closedHere Whether this page asked for the end.
 * @property {number} code
 * @property {string} reason
 * @property {boolean} wasClean
 */

/** Opens, uses and closes WebSockets. */
export class Session {
  #events;
  #socket;
  #opened = false;
  #closedHere = false;
  #waiting = [];

  /** @param {SessionEvents} events */
  constructor(events) {
    this.#events = events;
  }

  /** Whether messages can be sent. */
  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Whether there is a connection in any state before closed. */
  get isActive() {
    return this.#socket !== undefined;
  }

  /** Whether the network is behind. */
  get isCongested() {
    return (this.#socket?.bufferedAmount ?? 0) > HIGH_WATER_MARK;
  }

  /** The subprotocol that the server chose; empty when none. */
  get protocol() {
    return this.#socket?.protocol ?? "";
  }

  /**
   * Opens a connection.
   *
   * @param {URL} url
   * @param {string[]} protocols
   * @throws {Error} When the browser does not accept the address or a subprotocol.
   */
  open(url, protocols) {
    const socket = new WebSocket(url, protocols);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#opened = this.#closedHere = false;
    this.#waiting = [];
    socket.onopen = () => {
      this.#opened = true;
      this.#events.state("open");
    };
    socket.onmessage = ({ data }) => this.#receive(data, performance.now());
    socket.onclose = ({ code, reason, wasClean }) => {
      const [opened, closedHere] = [this.#opened, this.#closedHere];
      this.#socket = undefined;
      this.#waiting = [];
      this.#events.state("closed");
      this.#events.close({ opened, closedHere, code, reason, wasClean });
    };
    this.#events.state("connecting");
  }

  /** @param {string | ArrayBuffer} data */
  send(data) {
    this.#waiting.push({ data, time: performance.now() });
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    this.#socket.send(data);
  }

  /** @param {{ code: number, reason: string }} close */
  close({ code, reason }) {
    this.#closedHere = true;
    this.#events.state("closing");
    this.#socket.close(code, reason);
  }

  #receive(data, now) {
    const index = this.#waiting.findIndex((sent) => isEcho(sent.data, data));
    if (index === -1) {
      this.#events.message(data, undefined);
      return;
    }
    // Echoes come in order: what was sent before this one will not be answered any more.
    const [sent] = this.#waiting.splice(0, index + 1).slice(-1);
    this.#events.message(data, now - sent.time);
  }
}
