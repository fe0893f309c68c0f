/**
 * The program text that every resource keeps in state instead of its provider's code.
 *
 * The engine runs the text found in state to refresh and to delete, for as long as a resource lives. So these
 * strings, and the module path in them, can never change.
 */
export const WEBHOOK_CONFIG_TEXT = 'exports.handler=()=>require("pulumi-kompliant/dynamic").provider';
export const WEBHOOK_CONFIG_TYPE = "pulumi-nodejs:dynamic/kompliant:WebhookConfig";

export const WEBHOOK_CONFIG_SET_TEXT = 'exports.handler=()=>require("pulumi-kompliant/dynamic").setProvider';
export const WEBHOOK_CONFIG_SET_TYPE = "pulumi-nodejs:dynamic/kompliant:WebhookConfigSet";

export const WEBHOOK_KEY_TEXT = 'exports.handler=()=>require("pulumi-kompliant/dynamic").keyProvider';
export const WEBHOOK_KEY_TYPE = "pulumi-nodejs:dynamic/kompliant:WebhookKey";

export const WEBHOOK_KEY_ACTIVATION_TEXT =
  'exports.handler=()=>require("pulumi-kompliant/dynamic").keyActivationProvider';
export const WEBHOOK_KEY_ACTIVATION_TYPE = "pulumi-nodejs:dynamic/kompliant:WebhookKeyActivation";
