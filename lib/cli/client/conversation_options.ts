/**
 * How a conversation goes.
 *
 * @module
 */
import type { ExitCode } from "../exit_codes.ts";
import type { Presenter } from "./events.ts";
import type { Screen } from "./screen.ts";

/** What happens at the end of input. Times are milliseconds. */
export type EndOfInput =
  /** Close once nothing has come for so long. */
  | { readonly kind: "quiet"; readonly time: number }
  /** Close so much later. */
  | { readonly kind: "after"; readonly time: number }
  /** Go on receiving, if anything was sent that can be answered. */
  | { readonly kind: "answered" }
  /** Go on receiving. */
  | { readonly kind: "stay" };

/** How a conversation goes. Times are milliseconds. */
export interface ConversationOptions {
  readonly presenter: Presenter;
  readonly screen: Screen;
  /** What happens at the end of input. */
  readonly endOfInput: EndOfInput;
  /** The end is reached when so many messages have come. @default never */
  readonly count?: number | undefined;
  /** With `count`: give up after so long. @default never */
  readonly wait?: number | undefined;
  /** Send the time so often. @default never */
  readonly ticker?: number | undefined;
  /** The exit code of an interrupt, once there was one. */
  readonly interrupted: () => ExitCode | undefined;
  /** The code and the reason to close with. */
  readonly closeCode: number;
  readonly closeReason: string;
}
