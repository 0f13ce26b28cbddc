// What a reader would see of a page: an expression whose value the browser test checks.
(() => {
  const seen = {
    hacked: "hacked" in window, strangers: [], text: document.body.textContent, pictures: 0,
    undrawn: [], cut: [], small: [], faint: [], width: document.documentElement.scrollWidth,
  };

  // Everything is to be seen, what unfolds included.
  document.querySelectorAll("details").forEach(details => { details.open = true; });
  seen.width = document.documentElement.scrollWidth;

  // Names are words: they bring no elements of their own.
  for (const script of document.querySelectorAll("script")) {
    if (script !== document.body.lastElementChild) seen.strangers.push(script.outerHTML);
  }
  for (const image of document.querySelectorAll("img")) {
    if (!image.src.startsWith("data:image/png;base64,")) seen.strangers.push(image.outerHTML);
  }

  for (const svg of document.querySelectorAll("svg")) {
    seen.pictures++;
    const frame = svg.getBoundingClientRect();
    const content = svg.getBBox();
    if (frame.width < 200 || frame.height < 100 || content.width < 200 || content.height < 100) {
      seen.undrawn.push(svg.getAttribute("aria-label"));
    }
    for (const text of svg.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1
          || box.bottom > frame.bottom + 1) {
        seen.cut.push(text.textContent);
      }
    }
  }
  for (const image of document.querySelectorAll("img")) {
    seen.pictures++;
    if (!image.complete || !image.naturalWidth || image.getBoundingClientRect().width < 50) {
      seen.undrawn.push(image.alt);
    }
  }

  const channels = colour => colour.match(/[\d.]+/g).map(Number);
  const luminance = colour => {
    const [r, g, b] = channels(colour).slice(0, 3).map(c => c / 255)
      .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((channels(colour)[3] ?? 1) === 1) return luminance(colour);
    }
    return 1;
  };
  seen.ground = ground(document.body);

  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const text = words.currentNode.textContent.trim();
    const element = words.currentNode.parentElement;
    if (!text || element.closest("script, style")) continue;
    const style = getComputedStyle(element);
    const scale = element.ownerSVGElement ? element.getScreenCTM().a : 1;
    if (parseFloat(style.fontSize) * scale < 12) {
      seen.small.push(text + ": " + parseFloat(style.fontSize) * scale);
    }
    const ink = luminance(element.ownerSVGElement ? style.fill : style.color);
    const paper = ground(element);
    const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (contrast < 4.5) seen.faint.push(text + ": " + contrast);
  }
  return seen;
})()
