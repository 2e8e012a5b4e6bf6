// Writes times, sizes and IDs for people.

/** Returns the date and time of a timestamp such as 2026-01-31T00:00:00.000Z, with a space between them. */
export function dateTime(timestamp) {
  return timestamp.replace("T", " ").replace(/(\.0+)?Z$/, "");
}

/** Returns the time of day of a timestamp, with milliseconds. */
export const timeOfDay = (timestamp) => timestamp.slice(11, 23).replace(/Z$/, "");

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** Returns a size with its unit. */
export function size(bytes) {
  if (bytes === 1) return "1 byte";
  const unit = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** unit;
  return `${unit === 0 || Number.isInteger(value) ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Returns a number and its noun. */
export const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

/** Returns a word such as `job_completed` or `InProgress` as words. */
export function words(name) {
  const spaced = name
    .replaceAll("_", " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  return spaced[0].toUpperCase() + spaced.slice(1);
}

/** Returns JSON with line breaks if the text is JSON, else the text. */
export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
