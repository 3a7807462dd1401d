/**
 * Makes elements. What stands in them is always text: reports are hostile input, and nothing of
 * them is ever read as markup.
 *
 * @module
 */

/**
 * Makes an element.
 *
 * @param {string} name With classes, for example `span.verdict`.
 * @param {object} [attributes] `on` has listeners by event; others are set as they are, booleans
 * as attributes that are there or not.
 * @param {...(Node | string | undefined | false)} children Strings become text.
 */
export function make(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(" ");
  const { on = {}, ...rest } = attributes;
  for (const [key, value] of Object.entries(rest)) {
    if (typeof value === "boolean") element.toggleAttribute(key, value);
    else if (value !== undefined) element.setAttribute(key, value);
  }
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/** The element of the page with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** @type {Map<string, HTMLElement>} */
const badges = new Map();

/** A verdict as a coloured word, which narrow tables abbreviate. */
export function verdictBadge(verdict, note = "") {
  const words = note === "" ? verdict : `${note} ${verdict}`;
  // There are thousands of few kinds, and copies are cheap.
  if (!badges.has(words)) badges.set(words, makeBadge(verdict, words));
  return badges.get(words).cloneNode(true);
}

/** The badges of both verdicts; one will do where they are the same. */
export function bothBadges({ behavior, behaviorClose }) {
  if (behavior === behaviorClose) return [verdictBadge(behavior)];
  return [verdictBadge(behavior), verdictBadge(behaviorClose, "closing")];
}

function makeBadge(verdict, words) {
  const initials = verdict === "OK" ? "OK" : verdict.split(/[ -]/).map((word) => word[0]).join("");
  return make(
    "span.verdict",
    { "data-verdict": verdict, "data-short": initials },
    make("span.word", {}, words),
  );
}
