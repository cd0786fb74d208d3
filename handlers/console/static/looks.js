// Dark or light, and the views of a small screen.

import { $, $$, memory } from "./dom.js";
import { onLanguage, t } from "./words.js";

const THEMES = ["auto", "dark", "light"];
const SIGNS = { auto: "◐", dark: "☾", light: "☀" };

export function themes() {
  const button = $("#theme");
  const show = (theme) => {
    document.documentElement.dataset.theme = theme;
    button.textContent = SIGNS[theme];
    button.title = t(`theme.${theme}`);
    button.setAttribute("aria-label", t(`theme.${theme}`));
  };
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length];
    memory.set("theme", next);
    show(next);
  });
  onLanguage(() => show(memory.get("theme", "auto")));
  show(memory.get("theme", "auto"));
}

/** The tabs below on a phone; `changed` is told after each. */
export function tabs(changed) {
  for (const tab of $$("[data-tab]")) tab.addEventListener("click", () => goTab(tab.dataset.tab, changed));
}

export function goTab(view, changed = () => {}) {
  $(".panes").dataset.view = view;
  for (const tab of $$("[data-tab]")) tab.setAttribute("aria-current", String(tab.dataset.tab === view));
  changed();
}

/** A number on a tab; 0 hides it. */
export function badge(tab, count) {
  const shown = $(`[data-tab=${tab}] .badge`);
  shown.hidden = !count;
  shown.textContent = count > 99 ? "99+" : String(count);
}
