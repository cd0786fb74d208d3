// What lies over the page for a moment: an enlarged picture, a single card, short answers.

import { $, h } from "./dom.js";

const TOAST_STAYS = 3_500;
const ALERT_STAYS = 8_000;
const MOST_TOASTS = 2;

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
  const stack = $("#toasts");
  const leave = () => {
    made.remove();
    if (!stack.children.length) stack.hidePopover?.();
  };
  stack.append(made);
  while (stack.children.length > MOST_TOASTS) stack.firstElementChild.remove();
  raise(stack);
  setTimeout(leave, alert ? ALERT_STAYS : TOAST_STAYS);
}

// Shown anew it lies over whatever was opened meanwhile, a dialog too.
function raise(stack) {
  if (!stack.showPopover) return;
  if (stack.matches(":popover-open")) stack.hidePopover();
  stack.showPopover();
}
