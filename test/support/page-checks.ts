import type { Page } from 'playwright-core';

/** Visible elements that reach beyond the width of the screen, by their names and texts. */
export function widthsBeyond(page: Page, width: number): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const beyond = [...document.body.querySelectorAll('*')].filter((element) => {
      const { right, width, height } = element.getBoundingClientRect();
      return width > 1 && height > 0 && getComputedStyle(element).position !== 'absolute' && right > ${String(width + 0.5)};
    });
    const scrolled = document.documentElement.scrollWidth > ${String(width)} ? ['the whole page'] : [];
    return [...scrolled, ...beyond.map((element) => element.tagName + ' ' + element.textContent.slice(0, 40))];
  })()`);
}

/** Texts whose contrast is below 4.5 to 1, the least for reading (WCAG 2.2 §1.4.3), with the ratio. */
export function unreadableTexts(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
    const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    const luminance = ([red, green, blue]) =>
      0.2126 * linear(red / 255) + 0.7152 * linear(green / 255) + 0.0722 * linear(blue / 255);
    const backgroundOf = (element) => {
      for (let at = element; at !== null; at = at.parentElement) {
        const [red, green, blue, alpha = 1] = channels(getComputedStyle(at).backgroundColor);
        if (alpha > 0.99) return [red, green, blue];
      }
      return matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255];
    };
    const isShown = (element) => {
      const { width, height } = element.getBoundingClientRect();
      return width > 0 && height > 0 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    };
    const says = (element) =>
      [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    return [...document.body.querySelectorAll('*')]
      .filter((element) => says(element) && isShown(element))
      .map((element) => {
        const [ink, paper] = [luminance(channels(getComputedStyle(element).color)), luminance(backgroundOf(element))];
        const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
        return { ratio, text: element.textContent.trim().slice(0, 40) };
      })
      .filter(({ ratio }) => ratio < 4.5)
      .map(({ ratio, text }) => ratio.toFixed(2) + ' ' + text);
  })()`);
}
