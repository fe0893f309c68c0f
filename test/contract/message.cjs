/** gRPC messages of Pulumi's provider protocol as JSON: for the tap inside a provider process, and for the player. */

/**
 * What has its default value is left out, as it is when sent.
 *
 * @param {any} message
 * @returns {Record<string, unknown>}
 */
function plain(message) {
  const getters = Object.getOwnPropertyNames(Object.getPrototypeOf(message)).filter(
    (name) => /^get[A-Z]/.test(name) && !/_as(B64|U8)$/.test(name),
  );
  return Object.fromEntries(
    getters.flatMap((getter) => {
      // The argument keeps a map that is not there from being made.
      const value = message[getter](true);
      if (!value || value.length === 0) return [];
      const name = getter.charAt(3).toLowerCase() + getter.slice(4).replace(/(List|Map)$/, "");
      return [[name, plainValue(value)]];
    }),
  );
}

/**
 * @param {any} value
 * @returns {unknown}
 */
function plainValue(value) {
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== "object") return value;
  if (typeof value.toJavaScript === "function") return value.toJavaScript();
  if (typeof value.getEntryList === "function")
    return Object.fromEntries(
      value.toObject(false, (/** @type {boolean} */ _, /** @type {any} */ each) => plain(each)),
    );
  return plain(value);
}

module.exports = { plain };
