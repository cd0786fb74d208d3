// Times as the site's wall clock tells them, whatever clock this device has.

import { locale, t } from "./words.js";

let ahead = 0;

/** Takes over the server's idea of now (epoch ms). */
export const setNow = (now) => {
  ahead = now - Date.now();
};

export const now = () => Date.now() + ahead;

const formats = new Map();

function format(zone, shape) {
  const key = `${locale()}|${zone}|${JSON.stringify(shape)}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale(), { ...shape, timeZone: zone || undefined }));
  return formats.get(key);
}

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

/** `10:44`. */
export const clock = (at, zone) => format(zone, CLOCK).format(at);

/** `2026-11-22`: two times are of the same day there if this is the same. */
export function day(at, zone) {
  const parts = format(zone, { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(at);
  const of = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return `${of.year}-${of.month}-${of.day}`;
}

/** `10:44`, on another day than today `11-22 10:44`. */
export function moment(at, zone) {
  const date = day(at, zone);
  return date === day(now(), zone) ? clock(at, zone) : `${date.slice(5)} ${clock(at, zone)}`;
}

/** The heading of a day in the chat. */
export function dayName(at, zone) {
  const date = day(at, zone);
  if (date === day(now(), zone)) return t("chat.today");
  if (date === day(now() - 86_400_000, zone)) return t("chat.yesterday");
  return format(zone, { month: "long", day: "numeric", weekday: "short" }).format(at);
}

/** How long ago, in the largest unit that fits: `6 min`. */
export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return t("span.s", { n: seconds });
  if (seconds < 3600) return t("span.min", { n: Math.floor(seconds / 60) });
  if (seconds < 172_800) return t("span.h", { n: Math.floor(seconds / 3600) });
  return t("span.d", { n: Math.floor(seconds / 86_400) });
}
