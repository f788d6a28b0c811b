// What the compiler has to take, and what it has to refuse, of contrib/clients/dragoman.d.ts.
import { Backend, Event, Options, Refuse, RequestError } from "../../../contrib/clients/dragoman";

function clean(event: Event): string | undefined {
	if (event.author.roles.includes("banned"))
		throw new Refuse("no");
	return event.flags.length ? undefined : event.text.toUpperCase();
}

const options: Options = { ask: clean, endpoint: "ipc://x", rooms: ["lobby"], credits: 5, presence: true, serverKey: "x" };
const backend = new Backend("x", options);

new Backend("y", {
	event: async (event, meta) => (meta.again ? null : `${event.author.name}: ${event.text}`),
	login: ({ name, secret }) => secret === "x" && name ? { name, number: 7, roles: ["mod"] } : false,
});

async function speak(): Promise<number> {
	try {
		const id = await backend.say("lobby", "hello", { as: "Bot", to: 7 });
		await backend.edit("lobby", id ?? 0, "hullo");
		await backend.kick("lobby", "bob", { text: "why", permanent: true });
		await backend.publish("lobby", { kind: "reaction", text: ":+1:", target: 5, flags: ["adding"] });
		return (await backend.control("members", "lobby")).members?.length ?? 0;
	} catch (error) {
		return error instanceof RequestError && error.code === "lost" ? 0 : 1;
	}
}

speak().then(() => backend.leave());
backend.run();

// @ts-expect-error: a name is needed
new Backend();
// @ts-expect-error: no such option
new Backend("x", { asks: clean });
// @ts-expect-error: a number is no verdict
new Backend("x", { ask: () => 5 });
// @ts-expect-error: who it is has a name
new Backend("x", { login: () => ({ number: 5 }) });
// @ts-expect-error: a target is a number
backend.edit("lobby", "5", "text");
// @ts-expect-error: a draft has a kind
backend.publish("lobby", { text: "hello" });
