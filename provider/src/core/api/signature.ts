import { createHmac } from "node:crypto";

/**
 * Signs in the documented minimum form of KSig1-HMAC-SHA256: the API key alone, keyed with the decoded secret key.
 *
 * @param secretKey standard Base64
 * @returns the signature in Base64, constant for a set of credentials
 */
export function sign(apiKey: string, secretKey: string): string {
  return createHmac("sha256", Buffer.from(secretKey, "base64")).update(apiKey, "utf8").digest("base64");
}
