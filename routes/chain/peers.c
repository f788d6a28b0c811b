#include "routes/chain/state.h"

/* What nodes tell each other of a shard, and what follows from it: holding, claims, trims. */

/* [28] A restore that was not read here stands at or before this place, or the same place has
 * another past: this node missed that the log went back. */
static bool missed_something(const struct chain *chain, const struct chain_beat *beat)
{
	const struct folded *fold = &chain->fold;
	bool unknown = beat->gen && !gen_counted(fold, beat->gen);

	if (!rule(chain, 28) || !rule(chain, 11))
		return false;
	if (beat->mode == CHAIN_COPY)
		return unknown && beat->place.sequence &&
		       beat->place.sequence <= fold->read.sequence;
	if (unknown && beat->place.sequence <= fold->read.sequence)
		return true;
	return beat->place.sequence == fold->read.sequence && beat->place.uid == fold->read.uid &&
	       beat->gen == gen_of(chain) && beat->digest != fold->digest;
}

/* [24] */
static void hold(struct chain *chain, uint64_t now, const struct chain_beat *beat)
{
	bool concerns =
	    beat->gen == gen_of(chain) || (beat->gen && !gen_counted(&chain->fold, beat->gen));

	if (!concerns || !rule(chain, 24))
		return;
	if (!rule(chain, 30)) {
		mode_stop(chain, now);
		return;
	}
	if (!chain_holding(chain, now)) {
		chain->held_since = now;
		tell(chain, CHAIN_TOLD_HOLD, 0);
	}
	chain->held = now;
}

static void beat_heard(struct chain *chain, uint64_t now, const struct chain_beat *beat)
{
	const struct folded *fold = &chain->fold;

	if (beat->mode == CHAIN_STOP) {
		hold(chain, now, beat);
		return;
	}
	if (missed_something(chain, beat)) {
		mode_stop(chain, now);
		return;
	}
	if (beat->place.sequence > fold->read.sequence)
		range_ask(chain, now, false);
	else if (beat->mode != CHAIN_COPY && beat->place.sequence == fold->read.sequence &&
		 beat->place.uid != fold->read.uid && rule(chain, 11))
		range_ask(chain, now, true);
	if (beat->mode != CHAIN_COPY && beat->gen == gen_of(chain))
		note_first(chain, beat->first);
}

void chain_beat(struct chain *chain, uint64_t now, const struct chain_message *from,
		const struct chain_beat *beat)
{
	struct peer *peer = &chain->peers[from->from.number];

	if (chain->renewing || from->from.number == chain->options.me.number)
		return;
	peer->heard = now;
	peer->version = from->version;
	note_newest(chain, from->from.number, from->from.incarnation);
	for (unsigned i = 0; i < CHAIN_NODES; i++)
		note_newest(chain, i, from->newest[i]);
	peer->beat_at = now;
	peer->reader = !from->from.incarnation;
	peer->beat = *beat;
	if (chain_node_equal(chain->fold.owner, from->from) &&
	    (beat->mode == CHAIN_RUN || beat->mode == CHAIN_HOLD))
		chain->owner_heard = now;
	if (!look_for_me(chain) && chain->mode == CHAIN_RUN && !chain->blocked)
		beat_heard(chain, now, beat);
}

/* Has somebody asked for rows that are here? */
static void give_rows(struct chain *chain, unsigned node, const struct chain_copy *copy)
{
	const struct folded *fold = &chain->fold;

	if (chain->mode == CHAIN_RUN && (!copy->gen || gen_counted(fold, copy->gen)) &&
	    fold->read.sequence && fold->read.sequence >= copy->from)
		chain->calls->give(chain->owner, node);
}

void chain_message(struct chain *chain, uint64_t now, const struct chain_message *message)
{
	if (chain->renewing || message->from.number == chain->options.me.number)
		return;
	if (message->kind == CHAIN_MESSAGE_DRAFT)
		draft_take(chain, now, &message->draft);
	else if (message->kind == CHAIN_MESSAGE_COPY)
		give_rows(chain, message->from.number, &message->copy);
	batches_judge(chain, now);
}

/* ---- claims ---- */

/* Not all at once: whose turn it is first differs from shard to shard. */
static uint64_t patience(const struct chain *chain)
{
	unsigned nodes = chain_nodes(chain), before = 0, turn;
	uint64_t beat = chain->options.times.beat, spread;

	for (unsigned i = 0; i < chain->options.me.number; i++)
		before += chain->options.nodes >> i & 1;
	turn = (before + chain->options.shard) % (nodes ? nodes : 1);
	spread = (chain->fold.last ^ chain->fold.last >> 17) * (turn + 1);
	return chain->options.times.silent + beat * turn + spread % (beat + 1);
}

void claims_tick(struct chain *chain, uint64_t now)
{
	const struct folded *fold = &chain->fold;
	struct chain_entry entry;
	uint64_t wait = patience(chain);

	if (!chain_free_to_write(chain, now) || chain->draining ||
	    chain_node_equal(fold->owner, chain->options.me)) {
		if (chain_owning(chain, now))
			chain->owner_heard = now;
		return;
	}
	/* A shard of its own start before this one it need not wait for. */
	if (fold->owner.number == chain->options.me.number)
		wait = beats_ms(chain, 3);
	else if (now < chain->claims_from)
		return;
	if (!passed(now, chain->owner_heard, wait))
		return;
	chain->owner_heard = now;
	entry_begin(chain, CHAIN_CLAIM, &entry);
	tell(chain, CHAIN_TOLD_CLAIM, entry.epoch);
	entry_throw(chain, &entry);
}

/* ---- trims ---- */

/* Where `places` of `count` nodes, most of all there are, have got. */
static uint64_t most_have(uint64_t *places, unsigned count, unsigned nodes)
{
	unsigned most = nodes / 2 + 1;
	uint64_t place = 0;

	if (count < most)
		return 0;
	for (unsigned i = 0; i < most; i++) {
		unsigned highest = i;

		for (unsigned k = i; k < count; k++)
			if (places[k] > places[highest])
				highest = k;
		place = places[highest];
		places[highest] = places[i];
	}
	return place;
}

/* T1: the lowest place of those that need the log; 0: it is not to be trimmed now. And what not
 * most of the nodes have is never trimmed. */
static uint64_t lowest_place(const struct chain *chain, uint64_t now)
{
	uint64_t lowest = chain->stored, places[CHAIN_NODES] = { chain->stored }, most;
	unsigned count = 1;

	for (unsigned i = 0; i < CHAIN_NODES; i++) {
		const struct peer *peer = &chain->peers[i];
		bool runs = peer->beat.mode == CHAIN_RUN && peer->beat.gen == gen_of(chain);

		if (i == chain->options.me.number || !peer->beat_at)
			continue;
		if (runs)
			places[count++] = peer->beat.stored;
		if (now - peer->beat_at >= chain->options.times.absent)
			continue;
		if (!runs)
			return 0;
		if (peer->beat.stored < lowest)
			lowest = peer->beat.stored;
	}
	most = most_have(places, count, chain_nodes(chain));
	return lowest < most ? lowest : most;
}

/* The log never begins with an entry that was written behind nothing, unless it is the first of
 * all: so a node that never read anything knows whether something is missing. */
void trims_tick(struct chain *chain, uint64_t now)
{
	const struct chain_row *rows;
	uint64_t lowest;
	size_t count, after;

	if (!chain_owning(chain, now) || !passed(now, chain->trimmed_at, chain->options.times.trim))
		return;
	chain->trimmed_at = now;
	lowest = lowest_place(chain, now);
	rows = rows_from(&chain->rows, 0, &count);
	(void)rows_from(&chain->rows, lowest + 1, &after);
	for (size_t i = count - after; lowest && i-- > 1;) {
		if (rows[i].flags & CHAIN_ROW_OPENING)
			continue;
		chain->calls->purge(chain->owner, rows[i].place.sequence);
		note_first(chain, rows[i].place.sequence);
		return;
	}
}
