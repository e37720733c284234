import type { Tone } from "../../kit";

export const PRINTER_TONES: Record<string, Tone> = {
  ready: "good", near_end: "wait", mute: "wait", out_of_paper: "bad", cover: "bad", jam: "bad", stopped: "bad", offline: "bad", unknown: "still",
};

export const JOB_TONES: Record<string, Tone> = {
  queued: "wait", sent: "info", received: "info", printing: "info", printed: "good", failed: "bad", unknown: "bad", expired: "still", cancelled: "still",
};

/** The states of a ticket that can still come out elsewhere. */
export const CAN_MOVE = ["queued", "sent", "received"];

/** Whether no move leaves the state. */
export const hasEnded = (state: string): boolean => ["printed", "failed", "unknown", "expired", "cancelled"].includes(state);
