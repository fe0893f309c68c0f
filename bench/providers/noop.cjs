// The least that a resource can do: an id, and what the engine is to keep.
// Ids and times are as long as Kompliant's, so that states can be compared.
const { randomBytes } = require("node:crypto");

exports.provider = {
  create: async (/** @type {Record<string, unknown>} */ inputs) => {
    const now = new Date().toISOString();
    return {
      id: `whc_${randomBytes(11).toString("hex")}`,
      outs: { ...inputs, createdAt: now, updatedAt: now },
    };
  },
  update: async (
    /** @type {string} */ _id,
    /** @type {Record<string, unknown>} */ { createdAt },
    /** @type {Record<string, unknown>} */ inputs,
  ) => ({ outs: { ...inputs, createdAt, updatedAt: new Date().toISOString() } }),
};
