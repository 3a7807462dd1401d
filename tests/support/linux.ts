/**
 * Tests of what there is on Linux only; elsewhere they are shown as ignored.
 *
 * @module
 */

/** Whether this is Linux. */
export const LINUX: boolean = Deno.build.os === "linux";

/** Registers a test that is ignored on other systems. */
export function linuxTest(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, ignore: !LINUX, fn });
}
