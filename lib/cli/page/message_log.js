/**
 * The list of what was sent, received and noted. It keeps the latest entries only, and is
 * drawn at most once a frame, so that a fast peer cannot freeze the page.
 *
 * @module
 */

const CAPACITY = 200;

const MARKS = {
  sent: { mark: "→", words: "sent" },
  received: { mark: "←", words: "received" },
  note: { mark: "·", words: "note" },
  fault: { mark: "!", words: "fault" },
};

/** Fills one `<ol>`. */
export class MessageLog {
  #list;
  #waiting = [];
  #scheduled = false;

  /** @param {HTMLOListElement} list */
  constructor(list) {
    this.#list = list;
  }

  /**
   * Adds an entry.
   *
   * @param {"sent" | "received" | "note" | "fault"} kind
   * @param {string} text Shown as it is, never as markup.
   * @param {string} [detail] What stands at the end of the line.
   */
  add(kind, text, detail = "") {
    this.#waiting.push({ kind, text, detail, time: new Date() });
    // A page in the background is given no frames; what waits must stay bounded there too.
    if (this.#waiting.length > CAPACITY) this.#waiting.shift();
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => this.#draw());
  }

  /** Empties the list. */
  clear() {
    this.#waiting = [];
    this.#list.replaceChildren();
  }

  #draw() {
    this.#scheduled = false;
    const list = this.#list;
    // Who has scrolled up to read is left there.
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    list.append(...this.#waiting.map(row));
    this.#waiting = [];
    while (list.children.length > CAPACITY) list.firstElementChild.remove();
    if (atEnd) list.scrollTop = list.scrollHeight;
  }
}

function row({ kind, text, detail, time }) {
  const item = document.createElement("li");
  item.dataset.kind = kind;
  const clock = part("time", "", time.toTimeString().slice(0, 8) + millis(time));
  clock.dateTime = time.toISOString();
  const mark = part("span", "mark-text", "");
  const arrow = part("span", "", MARKS[kind].mark);
  arrow.ariaHidden = "true";
  mark.append(arrow, part("span", "unseen", MARKS[kind].words));
  item.append(clock, mark, part("bdi", "payload", text), part("span", "detail", detail));
  return item;
}

function millis(time) {
  return `.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

function part(name, className, text) {
  const element = document.createElement(name);
  if (className !== "") element.className = className;
  element.textContent = text;
  return element;
}
