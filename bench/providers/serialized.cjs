// Plain JavaScript, because Pulumi serializes these functions as they are.

/** The same no-op as in noop.cjs, as a closure that goes into the state of every resource. */
exports.noop = {
  create: async (/** @type {Record<string, unknown>} */ inputs) => {
    const { randomBytes } = require("node:crypto");
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

/** @typedef {{accountId: string, url: string}} Inputs */

/** A provider as tutorials write one: a class with an HTTP client in it, and one get for each read. */
exports.Tutorial = class Tutorial {
  /**
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @returns {Promise<any>}
   */
  async call(method, params) {
    const { createHmac } = require("node:crypto");
    const {
      KOMPLIANT_BASE_URL: base,
      KOMPLIANT_API_KEY: apiKey = "",
      KOMPLIANT_SECRET_KEY: secretKey = "",
      KOMPLIANT_AUTH_TOKEN: authToken = "",
    } = process.env;
    const signature = createHmac("sha256", Buffer.from(secretKey, "base64")).update(apiKey).digest("base64");
    const response = await fetch(`${base}/webhook.config.${method}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `KSig1-HMAC-SHA256 ${signature}`,
        "x-api-key": apiKey,
        "x-api-auth-token": authToken,
      },
      body: JSON.stringify(params),
    });
    if (!response.ok) throw new Error(`${method} failed: ${response.status} ${await response.text()}`);
    const { data } = /** @type {any} */ (await response.json());
    return data;
  }

  /** @param {string} id @param {Inputs} inputs */
  async get(id, { accountId }) {
    const data = await this.call("get", { account_id: accountId, config_id: id });
    const { url, created_at: createdAt, updated_at: updatedAt = createdAt } = data;
    return { accountId, url, createdAt, updatedAt };
  }

  /** @param {Inputs} inputs */
  async create(inputs) {
    const { accountId, url } = inputs;
    const { config_id: id } = await this.call("create", { account_id: accountId, config: { url } });
    return { id, outs: await this.get(id, inputs) };
  }

  /** @param {string} id @param {Inputs} props */
  async read(id, props) {
    return { id, props: await this.get(id, props) };
  }

  /** @param {string} _id @param {Inputs} olds @param {Inputs} news */
  async diff(_id, olds, news) {
    return { changes: olds.url !== news.url };
  }

  /** @param {string} id @param {Inputs} _olds @param {Inputs} news */
  async update(id, _olds, news) {
    await this.call("update", { account_id: news.accountId, config_id: id, config: { url: news.url } });
    return { outs: await this.get(id, news) };
  }

  /** @param {string} id @param {Inputs} props */
  async delete(id, { accountId }) {
    await this.call("delete", { account_id: accountId, config_id: id });
  }
};
