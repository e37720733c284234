// Passkeys (WebAuthn Level 3): the API's options become bytes, and the browser's answer becomes text.
import { post } from "./api";

/** Whether this browser can use passkeys on this page. */
export const hasPasskeys = (): boolean => Boolean(globalThis.PublicKeyCredential) && isSecureContext;

/** The person has put the browser's question away, or the device has answered nothing. */
export class PutAway extends Error {}

/** The device has a passkey of this account already. */
export class OnDevice extends Error {}

interface CreationOptions {
  challenge: string;
  rp: { id: string; name: string };
  user: { id: string; name: string; displayName: string };
  pubKeyCredParams: PublicKeyCredentialParameters[];
  timeout: number;
  excludeCredentials: { type: "public-key"; id: string }[];
  authenticatorSelection: AuthenticatorSelectionCriteria;
  attestation: "none";
}

interface RequestOptions {
  challenge: string;
  rpId: string;
  timeout: number;
  userVerification: "required";
}

/** Asks the API, then the device, for a new passkey, and gives it to the API under this name. Raises Problem, PutAway, OnDevice. */
export async function addPasskey(name: string, proof: { password: string; code?: string }): Promise<void> {
  const options = await post<CreationOptions>("/v1/session/passkeys/begin", proof);
  const publicKey = {
    ...options,
    challenge: bytesOf(options.challenge),
    user: { ...options.user, id: bytesOf(options.user.id) },
    excludeCredentials: options.excludeCredentials.map(({ type, id }) => ({ type, id: bytesOf(id) })),
  };
  const made = (await asked(navigator.credentials.create({ publicKey }))) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  const credential = {
    id: made.id,
    type: made.type,
    response: { clientDataJSON: textOf(response.clientDataJSON), attestationObject: textOf(response.attestationObject) },
  };
  await post("/v1/session/passkeys", { name, challenge: options.challenge, credential });
}

/** The device's answer to the options of a sign-in, as the API takes it. Raises PutAway. */
export async function passkeyFor(options: RequestOptions): Promise<unknown> {
  const found = (await asked(navigator.credentials.get({ publicKey: { ...options, challenge: bytesOf(options.challenge) } }))) as PublicKeyCredential;
  const { clientDataJSON, authenticatorData, signature, userHandle } = found.response as AuthenticatorAssertionResponse;
  return {
    id: found.id,
    type: found.type,
    response: { clientDataJSON: textOf(clientDataJSON), authenticatorData: textOf(authenticatorData), signature: textOf(signature), userHandle: userHandle ? textOf(userHandle) : null },
  };
}

export type { RequestOptions };

async function asked(question: Promise<Credential | null>): Promise<Credential> {
  try {
    const answer = await question;
    if (answer) return answer;
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === "InvalidStateError") throw new OnDevice();
    if (!(failure instanceof DOMException)) throw failure;
  }
  throw new PutAway();
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function textOf(content: ArrayBuffer): string {
  const letters = Array.from(new Uint8Array(content), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
