// What lies over the page for a moment: an enlarged picture, a single card, short answers.

import { $, h } from "./dom.js";

const TOAST_STAYS = 6_000;

/** Opens pictures; `again` gives the newest picture's address where it changes (a camera). */
export function viewer() {
  const dialog = $("#viewer");
  const picture = $("img", dialog);
  let timer = 0;
  $(".stage", dialog).addEventListener("click", () => dialog.classList.toggle("full"));
  $(".close", dialog).addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    clearInterval(timer);
    dialog.classList.remove("full");
    picture.removeAttribute("src");
  });
  return (src, caption, again = null) => {
    picture.src = src;
    picture.alt = $("p", dialog).textContent = caption;
    dialog.showModal();
    if (again) timer = setInterval(() => picture.src !== again() && (picture.src = again()), 1_000);
  };
}

/** Shows a card that is not in the loaded part of the chat. */
export function sheet() {
  const dialog = $("#sheet");
  $(".close", dialog).addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  return {
    show(shown) {
      $(".body", dialog).replaceChildren(shown);
      if (!dialog.open) dialog.showModal();
    },
    close: () => dialog.close(),
    get open() {
      return dialog.open;
    },
  };
}

export function toast(text, { alert = false } = {}) {
  if (!text) return;
  const made = h("p.toast", { role: "status", data: { alert: alert ? "yes" : "no" } }, text);
  $("#toasts").append(made);
  const leave = () => made.remove();
  made.addEventListener("click", leave);
  setTimeout(leave, alert ? 2 * TOAST_STAYS : TOAST_STAYS);
}
