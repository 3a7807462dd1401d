/** Whether a page can be read: the contrast of its texts. */

/** Runs in the page: texts that stand out too little from what is behind them (WCAG 2.2 §1.4.3). */
export function poorContrasts(minimum) {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const channels = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => value / 255)
      .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      // Of a gradient the lighter end counts, which is behind white text.
      const image = /rgba?\([^)]*\)(?=[^(]*$)/.exec(style.backgroundImage)?.[0];
      const color = channels(image ?? style.backgroundColor);
      if (color[3] === 255) return color.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const poor = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const element = text.parentElement;
    if (
      !text.data.trim() || !element.checkVisibility() ||
      element.closest("script, .unseen, :disabled")
    ) {
      continue;
    }
    const levels = [channels(getComputedStyle(element).color).slice(0, 3), background(element)]
      .map(luminance).sort((a, b) => b - a);
    const contrast = (levels[0] + 0.05) / (levels[1] + 0.05);
    if (contrast < minimum) poor.add(`${contrast.toFixed(2)}: ${element.className} ${text.data}`);
  }
  return [...poor];
}
