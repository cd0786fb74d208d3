// The page's sentences, in the language that the person chose.

import { $$, memory } from "./dom.js";

const kept = new Map();
const listeners = new Set();
let current = null;

export const language = () => current;
export const locale = () => (current === "zh" ? "zh-CN" : "en-GB");

/** Whoever shows words is told when the language changes. */
export const onLanguage = (listener) => listeners.add(listener);

/** The sentence of a key, with its `{names}` filled in. */
export function t(key, given = {}) {
  const sentence = kept.get(current)?.[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (_, name) => given[name] ?? "");
}

/** Fetches a language's words and shows them. */
export async function speak(wanted) {
  if (!kept.has(wanted)) {
    const answer = await fetch(`/console/texts/${wanted}`);
    if (!answer.ok) throw new Error(`texts: ${answer.status}`);
    kept.set(wanted, await answer.json());
  }
  current = wanted;
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
  label(document);
  for (const listener of listeners) listener();
}

/** The language chosen here before, else the page's own. */
export async function begin() {
  const own = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  await speak(memory.get("language", own));
  document.querySelector("#language")?.addEventListener("click", async () => {
    const other = current === "zh" ? "en" : "zh";
    await speak(other);
    memory.set("language", other);
  });
}

function label(root) {
  for (const one of $$("[data-t]", root)) one.textContent = t(one.dataset.t);
  for (const one of $$("[data-t-placeholder]", root)) one.placeholder = t(one.dataset.tPlaceholder);
  for (const one of $$("[data-t-label]", root)) {
    one.setAttribute("aria-label", t(one.dataset.tLabel));
    if (one.tagName === "BUTTON" || one.tagName === "LABEL") one.title = t(one.dataset.tLabel);
  }
  if (root === document) document.title = t("title");
}
