/** The plugin before it is bundled, since the tap stands between it and the gRPC package that the bundle has inside. */
require("../../../provider/dist/shells/plugin/plugin.js").startPlugin("0.1.0");
