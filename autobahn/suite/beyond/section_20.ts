/**
 * Section 20: what a server accepts and refuses in the opening handshake.
 *
 * @module
 */
import type { Case } from "../model/case.ts";
import { RIGHT_REQUESTS } from "./section_20_right.ts";
import { STRANGERS } from "./section_20_strangers.ts";
import { ODD_REQUESTS } from "./section_20_syntax.ts";
import { WRONG_REQUESTS } from "./section_20_wrong.ts";

/** The opening handshake of a server. */
export const SECTION_20: readonly Case[] = [
  ...RIGHT_REQUESTS,
  ...WRONG_REQUESTS,
  ...ODD_REQUESTS,
  ...STRANGERS,
];
