/**
 * Event handler attributes, `onopen` and its like, as HTML defines them.
 *
 * @module
 */

/** One event handler attribute. */
interface Slot {
  /** What was set: a function, or an object that is kept and never called. */
  readonly value: object;
  /** What stands among the listeners of the target. */
  readonly listener: (event: Event) => void;
}

/** The event handler attributes of one target. */
export class EventHandlers {
  readonly #target: EventTarget;
  readonly #slots = new Map<string, Slot>();

  constructor(target: EventTarget) {
    this.#target = target;
  }

  /** The handler for events of `type`; `null` when there is none. */
  get(type: string): object | null {
    return this.#slots.get(type)?.value ?? null;
  }

  /**
   * Sets the handler for events of `type`. What is no object takes it away. A new one keeps
   * the place of the one before among the listeners; after none, it comes behind them all.
   */
  set(type: string, value: unknown): void {
    const slot = this.#slots.get(type);
    if (!isObject(value)) {
      if (slot !== undefined) this.#target.removeEventListener(type, slot.listener);
      this.#slots.delete(type);
      return;
    }
    const listener = slot?.listener ?? ((event) => this.#handle(event));
    this.#slots.set(type, { value, listener });
    if (slot === undefined) this.#target.addEventListener(type, listener);
  }

  #handle(event: Event): void {
    const handler = this.get(event.type);
    if (typeof handler !== "function") return;
    if (handler.call(event.currentTarget, event) === false) event.preventDefault();
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "function" || (typeof value === "object" && value !== null);
}
