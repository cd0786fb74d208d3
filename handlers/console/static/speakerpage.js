// The page that is a loudspeaker and nothing else: for a tablet or PC at the gate.

import { $ } from "./dom.js";
import { Speaker } from "./speaker.js";
import { clock, span } from "./times.js";
import { begin, onLanguage, t } from "./words.js";

const id = location.pathname.split("/")[2];
const key = new URLSearchParams(location.search).get("key") ?? "";
let about = null;
const speaker = new Speaker({ id, key, told: draw });

$("#start").addEventListener("click", () => speaker.start());
$("#stop").addEventListener("click", () => speaker.stop());
onLanguage(draw);
setInterval(draw, 1_000);
await begin();
await introduce();

async function introduce() {
  const query = key ? `?key=${encodeURIComponent(key)}` : "";
  try {
    const answer = await fetch(`/speaker/${id}/about${query}`);
    if (answer.ok) about = await answer.json();
    else if (answer.status === 404) $("#start span").textContent = t("speaker.unknown");
  } catch {
    setTimeout(introduce, 3_000);
  }
  draw();
}

function draw() {
  const { state } = speaker;
  document.body.dataset.state = state;
  $(".place").textContent = about?.site_name ?? "";
  $(".name").textContent = about?.name ?? "";
  $("#start").disabled = !about;
  if (about) $("#start span").textContent = state === "blocked" ? t("speaker.blocked") : t("speaker.start_hint", { name: about.name });
  $(".state span").textContent = state in { off: 1, blocked: 1 } ? "" : t(`speaker.${state}`);
  $(".said").textContent = speaker.said || t("speaker.nothing_yet");
  $(".said").dataset.empty = speaker.said ? "no" : "yes";
  $(".when").textContent = speaker.fault ? t("speaker.failed", { why: speaker.fault }) : when();
  $(".beat").textContent = speaker.beatAt ? t("speaker.heard", { age: span(Date.now() - speaker.beatAt) }) : "";
  $(".awake").textContent = speaker.awake ? t(speaker.awake.held ? "speaker.awake" : "speaker.not_awake") : "";
}

function when() {
  if (!speaker.saidAt || speaker.state === "speaking") return "";
  return `${t("speaker.last")} · ${clock(speaker.saidAt, about?.timezone)}`;
}
