/**
 * Tidewire: WebSocket for Deno, both ends, on the runtime's own engine or on ours.
 *
 * {@linkcode serve} starts a server, {@linkcode createUpgradeHandler} mounts one in an HTTP
 * server of `node:http`, {@linkcode connect} opens a connection as a client; all give the same
 * {@linkcode Connection}. {@linkcode reconnecting} opens the next one when one is lost,
 * and {@linkcode WebSocket} and {@linkcode WebSocketStream} are the classes of the web platform.
 *
 * @module
 */
export { connect, type ConnectOptions, type ProxyChooser } from "./client/connect.ts";
export type { CookieStore } from "./client/cookies.ts";
export type { AddressFailure } from "./client/happy_eyeballs.ts";
export type { HeadersOption } from "./client/header_fields.ts";
export type { ConnectPhase } from "./client/phases.ts";
export type { BasicCredentials, ProxyOptions } from "./client/proxy.ts";
export { type Environment, PROXY_VARIABLES, proxyFor } from "./client/proxy_environment.ts";
export {
  ConnectError,
  type ConnectErrorCode,
  type ConnectErrorOptions,
  type RefusalResponse,
} from "./client/connect_error.ts";
export type { ClientTlsOptions } from "./client/tls_options.ts";
export type { BackoffOptions } from "./client/reconnecting/backoff.ts";
export { type DisconnectCause, FINAL_CLOSE_CODES } from "./client/reconnecting/cause.ts";
export type { EndReason, ReconnectingEnd } from "./client/reconnecting/end.ts";
export {
  ReconnectingError,
  type ReconnectingErrorCode,
  type ReconnectingErrorOptions,
} from "./client/reconnecting/errors.ts";
export type { ReconnectingHandlers } from "./client/reconnecting/intake.ts";
export type {
  AttemptInfo,
  AttemptOptions,
  ConnectFunction,
  ReconnectingOptions,
  ReconnectingUrl,
} from "./client/reconnecting/options.ts";
export { reconnecting, ReconnectingConnection } from "./client/reconnecting/reconnecting.ts";
export type { ReconnectingState, StateChange } from "./client/reconnecting/state_watch.ts";
export type { QueueOptions, QueuePolicy } from "./client/reconnecting/unsent_queue.ts";
export type { WebSocketOptions, WebSocketStreamOptions } from "./client/websocket/options.ts";
export { WebSocket } from "./client/websocket/websocket.ts";
export { type WebSocketCloseInfo, WebSocketError } from "./client/websocket/websocket_error.ts";
export { type WebSocketOpenInfo, WebSocketStream } from "./client/websocket/websocket_stream.ts";
export { type CompressionMemory, compressionMemory } from "./compression/budget.ts";
export { type CompressionQueue, compressionQueue } from "./compression/work_queue.ts";
export type { Clock } from "./connection/clock.ts";
export type { CompressionOptions, ResolvedCompression } from "./connection/compression_options.ts";
export {
  Connection,
  type ConnectionInfo,
  type ConnectionParts,
  type SendStreamOptions,
  type WaitOptions,
} from "./connection/connection.ts";
export {
  ConnectionClosedError,
  ConnectionError,
  type ConnectionErrorCode,
  type ConnectionErrorOptions,
} from "./connection/errors.ts";
export type { ConnectionHandlers } from "./connection/handlers.ts";
export { IncomingMessage } from "./connection/incoming_message.ts";
export type { ConnectionState } from "./connection/lifecycle.ts";
export type {
  ConnectionOptions,
  HeartbeatOptions,
  ResolvedOptions,
  SlowConsumerPolicy,
} from "./connection/options.ts";
export type { Sendable, SendOptions } from "./connection/outbox.ts";
export { PreparedMessage } from "./connection/prepared_message.ts";
export type {
  Capabilities,
  CloseEvent,
  EngineName,
  PeerAddress,
  Transport,
  TransportReceiver,
} from "./connection/transport.ts";
export type { FetchHandler, RequestInfo, TlsOptions } from "./engine/host.ts";
export type { EngineChoice } from "./engine/select.ts";
export { CloseCode } from "./protocol/close_codes.ts";
export type {
  ContextTakeover,
  DeflateConfig,
  DeflateOptions,
} from "./protocol/permessage_deflate/config.ts";
export { ProtocolError, type ProtocolErrorCode } from "./protocol/errors.ts";
export type { MessageType } from "./protocol/opcodes.ts";
export type { Endpoint, UpgradeAnswer, UpgradeRequest } from "./server/endpoint.ts";
export type { ShutdownOptions } from "./server/drain.ts";
export { createUpgradeHandler, type UpgradeHandler } from "./server/mount.ts";
export type { UpgradeOptions } from "./server/options.ts";
export type { OriginPolicy } from "./server/origin.ts";
export { serve, type ServeOptions, type Server } from "./server/serve.ts";
