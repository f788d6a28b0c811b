// See keeper.py.
const fs = require("node:fs");
const { Backend } = require("dragoman");

const [endpoint, path, mark] = process.argv.slice(2);
const file = fs.openSync(path, "a");
const keep = (...words) => void fs.writeSync(file, words.join(" ") + "\n");
const keeper = new Backend("keeper", { endpoint, event: (event) => keep("heard", event.text) });

async function talk() {
	for (let number = 1; ; number++) {
		const text = `${mark} ${number}`;
		await keeper.say("lobby", text).then(() => keep("said", text), (error) => keep("refused", error.code, text));
		await new Promise((done) => setTimeout(done, 10));
	}
}

keeper.run();
talk();
