/** Plain choices of when, and the cron expressions that they stand for. */

export interface Choice {
  every: "day" | "weekdays" | "week" | "month" | "cron";
  at: string;
  weekday: string;
}

export const WEEKDAYS = [
  { value: "1", label: "Monday" },
  { value: "2", label: "Tuesday" },
  { value: "3", label: "Wednesday" },
  { value: "4", label: "Thursday" },
  { value: "5", label: "Friday" },
  { value: "6", label: "Saturday" },
  { value: "0", label: "Sunday" },
];

const PLAIN = /^(\d{1,2}) (\d{1,2}) (\*|1) \* (\*|1-5|[0-6])$/;

const two = (text: string | undefined) => (text ?? "0").padStart(2, "0");

export function readCron(cron: string): Choice {
  const found = PLAIN.exec(cron);
  if (!found) return { every: "cron", at: "07:00", weekday: "1" };
  const [, minute, hour, day, week] = found;
  const at = `${two(hour)}:${two(minute)}`;
  if (day === "1" && week === "*") return { every: "month", at, weekday: "1" };
  if (day === "1") return { every: "cron", at, weekday: "1" };
  if (week === "*") return { every: "day", at, weekday: "1" };
  if (week === "1-5") return { every: "weekdays", at, weekday: "1" };
  return { every: "week", at, weekday: week ?? "1" };
}

export function writeCron(choice: Choice): string {
  const [hour = "7", minute = "0"] = choice.at.split(":");
  const time = `${Number(minute)} ${Number(hour)}`;
  switch (choice.every) {
    case "weekdays":
      return `${time} * * 1-5`;
    case "week":
      return `${time} * * ${choice.weekday}`;
    case "month":
      return `${time} 1 * *`;
    default:
      return `${time} * * *`;
  }
}

export function describeCron(cron: string): string {
  const choice = readCron(cron);
  const weekday = WEEKDAYS.find((day) => day.value === choice.weekday)?.label ?? "";
  switch (choice.every) {
    case "day":
      return `each day at ${choice.at}`;
    case "weekdays":
      return `each weekday at ${choice.at}`;
    case "week":
      return `each ${weekday} at ${choice.at}`;
    case "month":
      return `on the first of each month at ${choice.at}`;
    case "cron":
      return cron;
  }
}
