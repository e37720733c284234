// Pictures for the storage: small, of a known type, and without what a camera writes about place and time.
import type { ProofKind } from "./model";
import type { Sending } from "./outbox";

const LONGEST = 1_600; // pixels
const QUALITY = 0.8;

/** A JPEG picture of at most 1,600 pixels. Raises for what the browser cannot read. */
export async function encodeImage(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  const pen = canvas.getContext("2d");
  if (pen) pen.fillStyle = "#ffffff"; // JPEG knows no glass
  pen?.fillRect(0, 0, canvas.width, canvas.height);
  pen?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return encodeCanvas(canvas, "image/jpeg");
}

export function encodeCanvas(canvas: HTMLCanvasElement, type: "image/jpeg" | "image/png"): Promise<Blob> {
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), type, QUALITY));
}

export type Proof = NonNullable<Sending["proof"]>;

/** What the API must know of a picture before it comes. */
async function proofOf(kind: ProofKind, content: Blob): Promise<Proof> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await content.arrayBuffer()));
  return { kind, type: content.type, size: content.size, sha256: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") };
}

export interface Picture {
  proof: Proof;
  content: Blob;
}

export const pictureOf = async (kind: ProofKind, content: Blob): Promise<Picture> => ({ proof: await proofOf(kind, content), content });
