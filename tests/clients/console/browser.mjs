// Opens the console in Chromium, and notes everything that a correct page does not do.

import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });

/** Opens the console of a program and waits until it is connected. */
export async function open(
  browser,
  program,
  { view = "requests", width = 1400, height = 900, colorScheme = "light" } = {},
) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  page.problems = [];
  // A busy machine is slow.
  page.setDefaultTimeout(120_000);
  page.on("pageerror", (error) => page.problems.push(`error of a script: ${error.message}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) page.problems.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== program.endpoint)
      page.problems.push(`request to another host: ${request.url()}`);
  });
  page.on("dialog", (dialog) => {
    page.problems.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await page.exposeFunction("noteViolation", (text) => page.problems.push(`violation of the policy: ${text}`));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) =>
      window.noteViolation(`${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  await page.goto(`${program.endpoint}/_glacier-mock/${view && `#${view}`}`);
  await page.locator("#connection", { hasText: "Connected" }).waitFor();
  return page;
}

/** The calls in the list of requests with this text. */
export const calls = (page, text) => page.locator("#requests-list .call", { hasText: text });

/** Shows another view through its link. */
export async function show(page, name) {
  await page.locator(`.views a[data-view="${name}"]`).click();
  await page.locator(`#${name}`).waitFor();
}

/** Presses Tab until an element with this text, label or ID has the focus. Each one on the way must show its focus. */
export async function tabTo(page, wanted) {
  const seen = [];
  for (let presses = 0; presses < 150; presses += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const label = element.labels?.[0]?.textContent ?? element.getAttribute("aria-label") ?? element.textContent;
      const style = getComputedStyle(element);
      return {
        id: element.id,
        label: label.trim().replace(/\s+/g, " "),
        isBody: element === document.body,
        isShown: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
      };
    });
    if (!focused.isBody && !focused.isShown) throw new Error(`the focus is not visible on ${JSON.stringify(focused)}`);
    if (focused.id === wanted || focused.label === wanted) return;
    seen.push(focused.label.slice(0, 40) || focused.id);
  }
  throw new Error(`Tab does not reach ${wanted}, but ${seen.join(" | ")}`);
}

/** Returns each visible text whose contrast with its background is less than WCAG asks for (AA). */
export const lowContrast = (page) =>
  page.evaluate(() => {
    const parse = (color) => {
      const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
      return { r, g, b, a };
    };
    const over = (top, under) => {
      const mix = (name) => top[name] * top.a + under[name] * (1 - top.a);
      return { r: mix("r"), g: mix("g"), b: mix("b"), a: 1 };
    };
    const background = (element) => {
      const layers = [];
      for (let at = element; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
      return layers.reverse().reduce((under, top) => over(top, under), { r: 255, g: 255, b: 255, a: 1 });
    };
    const luminance = ({ r, g, b }) => {
      const linear = (value) => (value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    };
    const low = [];
    for (const element of document.querySelectorAll("body *")) {
      const text = [...element.childNodes]
        .filter((node) => node.nodeType === Node.TEXT_NODE)
        .map((node) => node.data)
        .join("")
        .trim();
      if (
        text === "" ||
        !element.checkVisibility({ visibilityProperty: true }) ||
        element.closest(":disabled, .unseen, .skip, dialog:not([open])")
      )
        continue;
      const under = background(element);
      const [one, two] = [luminance(over(parse(getComputedStyle(element).color), under)), luminance(under)];
      const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
      if (ratio < 4.5) low.push(`${ratio.toFixed(2)}: ${text.slice(0, 40)}`);
    }
    return low;
  });
