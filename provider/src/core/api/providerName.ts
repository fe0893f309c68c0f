/** The input key by which an explicit provider makes itself known; its value is the provider's name. */
export const PROVIDER_NAME_KEY = "provider";
