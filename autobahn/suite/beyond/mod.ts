/**
 * Beyond Autobahn: cases of our own, in numbered sections, about what Autobahn|Testsuite leaves out.
 * They ask for no more than the RFCs do: where these leave something free, all of it is right.
 *
 * @module
 */
import type { Case } from "../model/case.ts";
export { BEYOND_GROUPS } from "./groups.ts";
import { SECTION_20 } from "./section_20.ts";
import { CLIENT_REQUESTS } from "./section_21_requests.ts";
import { WRONG_ANSWERS } from "./section_21_answers.ts";
import { CUTS } from "./section_22_cuts.ts";
import { HEADERS } from "./section_22_headers.ts";
import { MASKING } from "./section_22_masking.ts";
import { SECTION_23 } from "./section_23.ts";
import { BARE_ENDS } from "./section_24_ends.ts";
import { CLOSING_HANDSHAKES } from "./section_24_handshake.ts";
import { COMPRESSION_FAULTS } from "./section_25_faults.ts";
import { COMPRESSED_MESSAGES } from "./section_25_messages.ts";
import { AGREEMENTS } from "./section_25_offers.ts";
import { WINDOWED_MESSAGES } from "./section_25_windows.ts";
import { FLOODED } from "./section_26_floods.ts";
import { LARGE_MESSAGES } from "./section_26_messages.ts";
import { SECTION_27 } from "./section_27.ts";
import { SECTION_28 } from "./section_28.ts";

/** All cases, in the order of their numbers. */
export const BEYOND_CASES: readonly Case[] = [
  ...SECTION_20,
  ...CLIENT_REQUESTS,
  ...WRONG_ANSWERS,
  ...MASKING,
  ...HEADERS,
  ...CUTS,
  ...SECTION_23,
  ...CLOSING_HANDSHAKES,
  ...BARE_ENDS,
  ...AGREEMENTS,
  ...COMPRESSED_MESSAGES,
  ...WINDOWED_MESSAGES,
  ...COMPRESSION_FAULTS,
  ...LARGE_MESSAGES,
  ...FLOODED,
  ...SECTION_27,
  ...SECTION_28,
];
