// What became of a message, as `dragoman explain ID --json` tells it.

const TRIES = 60;
const PAUSE_MS = 50;

const pause = () => new Promise(resolve => setTimeout(resolve, PAUSE_MS));

// Is it still under way somewhere?
const flies = ({ destinations }) => destinations.some(({ outcome }) => outcome === "in_flight");

// undefined: the server does not know, or does not say. id: as any dialect calls it; undefined: nothing.
export async function explain(id) {
	let said;

	for (let tries = 0; id !== undefined && tries < TRIES; tries++) {
		const answer = await fetch(`/explain.json?id=${encodeURIComponent(id)}`);

		if (!answer.ok)
			return;
		said = await answer.json() ?? said;
		if (said?.error)
			return;
		if (said && !flies(said))
			break;
		await pause();
	}
	return said;
}
