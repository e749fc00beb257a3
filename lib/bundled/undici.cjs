// What the functions use of undici. Its front door pulls in fetch, mocks, proxies and caches as well: 500 KB.
exports.Client = require("../../node_modules/undici/lib/dispatcher/client.js");
exports.buildConnector = require("../../node_modules/undici/lib/core/connect.js");
exports.errors = require("../../node_modules/undici/lib/core/errors.js");
