/**
 * Between bytes and strings with one character a byte, which is how a head is read and
 * written: bytes from 0x80 on have no meaning in HTTP and pass unchanged (RFC 9110 §5.5).
 * `TextDecoder("latin1")` will not do: on the web that name means windows-1252.
 *
 * @module
 */

/** The string whose character codes are `bytes`. */
export function decodeLatin1(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/** The bytes that are the character codes of `text`, which has none above 0xFF. */
export function encodeLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
