// Building elements.  Text always goes in as text, never as markup.

/** An element: `h("p.note", {title: "x", onclick: f}, "text", child, ...)`. */
export function h(name, props = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag || "div");
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) set(made, key, value);
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

function set(made, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key === "data") Object.assign(made.dataset, value);
  else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
  else if (value === true) made.setAttribute(key, "");
  else made.setAttribute(key, value);
}

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** An id that names one act for good: 128 random bits. */
export function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What this browser remembers; a browser that forbids it remembers nothing. */
export const memory = {
  get(key, otherwise = null) {
    try {
      const kept = localStorage.getItem(`loudhailer.${key}`);
      return kept === null ? otherwise : JSON.parse(kept);
    } catch {
      return otherwise;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(`loudhailer.${key}`, JSON.stringify(value));
    } catch {
      // Full or forbidden: the page works on without remembering.
    }
  },
};

/** Calls `work` once things have been quiet for `ms`. */
export function settled(work, ms) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, ms);
  };
}
