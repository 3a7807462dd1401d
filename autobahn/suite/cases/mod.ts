/**
 * The 517 cases that Autobahn|Testsuite has, under its numbers.
 *
 * @module
 */
import type { Case } from "../model/case.ts";
import { SECTION_01 } from "./section_01.ts";
import { SECTION_02 } from "./section_02.ts";
import { SECTION_03 } from "./section_03.ts";
import { SECTION_04 } from "./section_04.ts";
import { SECTION_05 } from "./section_05.ts";
import { SECTION_06, SECTION_06_GROUPS } from "./section_06.ts";
import { SECTION_07 } from "./section_07.ts";
import { SECTION_09 } from "./section_09.ts";
import { SECTION_10 } from "./section_10.ts";
import { SECTION_12, SECTION_12_GROUPS } from "./section_12.ts";
import { SECTION_13, SECTION_13_GROUPS } from "./section_13.ts";

/** Every case, in the order of the numbers. */
export const AUTOBAHN_CASES: readonly Case[] = [
  ...SECTION_01,
  ...SECTION_02,
  ...SECTION_03,
  ...SECTION_04,
  ...SECTION_05,
  ...SECTION_06,
  ...SECTION_07,
  ...SECTION_09,
  ...SECTION_10,
  ...SECTION_12,
  ...SECTION_13,
];

/** The titles of sections and groups, by number: `"1"`, `"1.1"`. Not every section has groups. */
export const CASE_GROUPS: Readonly<Record<string, string>> = {
  "1": "Framing",
  "1.1": "Text messages",
  "1.2": "Binary messages",
  "2": "Pings and pongs",
  "3": "Reserved bits",
  "4": "Reserved opcodes",
  "4.1": "Of data frames",
  "4.2": "Of control frames",
  "5": "Fragmentation",
  "6": "UTF-8",
  "6.1": "Messages and fragments without a payload",
  "6.2": "Valid text in different fragments",
  "6.3": "Invalid text in different fragments",
  "6.4": "How soon invalid text is noticed",
  ...SECTION_06_GROUPS,
  "7": "Closing",
  "7.1": "The closing handshake",
  "7.3": "The length of the close frame's body",
  "7.5": "The reason in a close frame",
  "7.7": "Close codes that are allowed",
  "7.9": "Close codes that are not allowed",
  "7.13": "Close codes that the RFC says nothing about",
  "9": "Limits and speed",
  "9.1": "Text messages of growing size",
  "9.2": "Binary messages of growing size",
  "9.3": "A text message of 4 MiB in growing fragments",
  "9.4": "A binary message of 4 MiB in growing fragments",
  "9.5": "A text message of 1 MiB in growing writes",
  "9.6": "A binary message of 1 MiB in growing writes",
  "9.7": "Round trips of text messages",
  "9.8": "Round trips of binary messages",
  "10": "Miscellaneous",
  "10.1": "Messages that are fragmented automatically",
  "12": "Compression of different data",
  ...SECTION_12_GROUPS,
  "13": "Compression with different parameters",
  ...SECTION_13_GROUPS,
};
