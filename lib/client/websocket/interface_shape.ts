/**
 * What Web IDL says of the properties of an interface, which a class by itself does not do:
 * members can be enumerated, constants cannot be changed, and instances have a tag.
 *
 * @module
 */

/** How an interface looks from outside. */
export interface InterfaceShape {
  /** The name of the interface. */
  readonly name: string;
  /** How many arguments a method needs, or the constructor. @default 0 for each */
  readonly required?: Readonly<Record<string, number>>;
  /** Constants, which stand on the constructor and on its prototype. @default none */
  readonly constants?: Readonly<Record<string, number>>;
}

/** Gives a class the properties that an interface of Web IDL has. */
export function shapeInterface(
  target: { readonly prototype: object },
  shape: InterfaceShape,
): void {
  const { name, required = {}, constants = {} } = shape;
  const { prototype } = target;
  for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (typeof value === "function") {
      Object.defineProperty(value, "length", { value: required[key] ?? 0 });
    }
    if (key !== "constructor") Object.defineProperty(prototype, key, { enumerable: true });
  }
  for (const [key, value] of Object.entries(constants)) {
    const constant = { value, enumerable: true, writable: false, configurable: false };
    Object.defineProperty(target, key, constant);
    Object.defineProperty(prototype, key, constant);
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
}
