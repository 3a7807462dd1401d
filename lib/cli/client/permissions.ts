/**
 * Permissions of the runtime, asked about without a prompt: there is another one on the terminal.
 *
 * @module
 */

/**
 * Returns when a permission is granted.
 *
 * @throws {Error} when it is not; the message says how to grant it.
 */
export async function allows(descriptor: Deno.PermissionDescriptor): Promise<void> {
  const { state } = await Deno.permissions.query(descriptor);
  if (state === "granted") return;
  const path = "path" in descriptor && descriptor.path !== undefined ? `=${descriptor.path}` : "";
  throw new Error(`that needs the permission --allow-${descriptor.name}${path}`);
}

/** An environment variable; `undefined` too where it must not be read. */
export function environmentOf(variable: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) : undefined;
}
