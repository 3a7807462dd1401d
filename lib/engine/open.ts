/**
 * Starts a server on the engine that was chosen.
 *
 * @module
 */
import type { EngineName } from "../connection/transport.ts";
import { RuntimeListener } from "./codec/listener.ts";
import { CodecServer } from "./codec/server.ts";
import { EpollListener } from "./epoll/epoll_listener.ts";
import type { EngineServer, Host, ListenOptions } from "./host.ts";
import { NativeServer } from "./native/server.ts";

/** Listens at once; see `ServeOptions` for what is thrown. */
export function openEngine(engine: EngineName, listen: ListenOptions, host: Host): EngineServer {
  const tls = "tls" in listen ? listen.tls : undefined;
  switch (engine) {
    case "native":
      return new NativeServer(listen, host);
    case "codec":
      return new CodecServer(new RuntimeListener(listen), host, tls);
    case "epoll":
      return new CodecServer(new EpollListener(listen), host);
  }
}
