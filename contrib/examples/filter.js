#!/usr/bin/env node
// A filter: removes a word from what people say.
//
//   npm install --prefix build/examples zeromq@6
//   export NODE_PATH=contrib/clients:build/examples/node_modules
//   node contrib/examples/filter.js ipc://contrib/examples/moderation.sock
const { Backend } = require("dragoman");

function clean(event) {
	return event.text.replaceAll("darn", "****");
}

new Backend("moderation", { ask: clean }).run();
