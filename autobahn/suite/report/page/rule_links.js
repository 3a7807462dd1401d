/**
 * Links from the name of a rule to its text.
 *
 * @module
 */
// @ts-check

const REFERENCE = /RFC (\d+)|§(\d+(?:\.\d+)*)/g;

/**
 * Splits a rule such as `RFC 6455 §5.4, §5.5` into text, and references with their addresses. A
 * section belongs to the RFC that is named before it.
 *
 * @param {string} rule
 * @returns {{ text: string, url?: string }[]} Together they are `rule`.
 */
export function ruleLinks(rule) {
  const parts = [];
  let end = 0;
  let document = "";
  for (const match of rule.matchAll(REFERENCE)) {
    const [text, number, section] = match;
    if (number !== undefined) document = `https://www.rfc-editor.org/rfc/rfc${number}.html`;
    if (document === "") continue;
    const url = section === undefined ? document : `${document}#section-${section}`;
    const last = parts.at(-1);
    // "RFC 6455 §5.4" is one link, to the section.
    if (section !== undefined && last?.url === document && rule.slice(end, match.index) === " ") {
      Object.assign(last, { text: `${last.text} ${text}`, url });
    } else {
      if (match.index > end) parts.push({ text: rule.slice(end, match.index) });
      parts.push({ text, url });
    }
    end = match.index + text.length;
  }
  if (end < rule.length) parts.push({ text: rule.slice(end) });
  return parts;
}
