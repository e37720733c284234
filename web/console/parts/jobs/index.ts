export { JobsTable, type Job } from "./table";
export { TicketButton } from "./preview";
export { Reroute, usePrinters } from "./reroute";
export { useJobTexts, wordOf } from "./texts";
export { PRINTER_TONES } from "./tones";
