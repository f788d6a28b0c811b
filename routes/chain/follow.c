#include "routes/chain/state.h"

/* The log is not what was read of it, or rows are missing: what brings a shard back to RUN. */

void mode_stop(struct chain *chain, uint64_t now)
{
	if (chain->mode == CHAIN_STOP)
		return;
	chain->mode = CHAIN_STOP;
	chain->since = now;
	chain->cursor = (struct chain_place){ 0, 0 };
	chain->tail = chain->probing = chain->blocked = false;
	chain->wanted = 0;
	chain->proposed_at = 0;
	forget_under_way(chain);
	inboxes_clear(chain);
	tell(chain, CHAIN_TOLD_STOP, chain->fold.read.sequence);
	range_ask(chain, now, true);
}

void rows_want(struct chain *chain, uint64_t now, uint64_t gen, uint64_t sequence)
{
	if (chain->mode != CHAIN_COPY)
		tell(chain, CHAIN_TOLD_COPY, gen);
	chain->mode = CHAIN_COPY;
	chain->since = chain->wanted_read = now;
	chain->wanted = gen;
	chain->wanted_at = sequence;
	chain->probing = false;
	forget_under_way(chain);
	inboxes_clear(chain);
}

/* [12] Only a restore that was written behind the very entry before it. */
static void follow_restore(struct chain *chain, uint64_t now, uint64_t sequence,
			   const struct chain_entry *entry, struct slice bytes)
{
	const struct folded *fold = &chain->fold;
	bool valid =
	    entry->seen.sequence == chain->cursor.sequence && entry->seen.uid == chain->cursor.uid;

	if (gen_counted(fold, entry->uid)) {
		/* [29] */
		if (valid && chain->wanted && rule(chain, 29)) {
			chain->wanted = 0;
			chain->mode = CHAIN_STOP;
			chain->since = now;
		}
		return;
	}
	if (!valid && rule(chain, 12))
		return;
	if ((fold->digest == entry->digest && fold->count == entry->count) || !rule(chain, 13)) {
		rows_cut(&chain->rows, sequence);
		chain->cursor = (struct chain_place){ sequence, entry->uid };
		entry_count(chain, now, sequence, entry, bytes);
		return;
	}
	rows_want(chain, now, entry->uid, sequence);
}

void entry_follow(struct chain *chain, uint64_t now, const struct chain_record *record)
{
	struct chain_entry entry;
	enum chain_verdict verdict = entry_of(chain, record->bytes, &entry);

	if (verdict == CHAIN_NEWER) {
		if (!chain->blocked)
			tell(chain, CHAIN_TOLD_NEWER, entry.version);
		chain->blocked = true;
		return;
	}
	chain->blocked = false;
	if (verdict == CHAIN_DAMAGED) {
		chain->cursor = (struct chain_place){ record->sequence, UID_DAMAGED };
		return;
	}
	if (entry.kind == CHAIN_RESTORE) {
		follow_restore(chain, now, record->sequence, &entry, record->bytes);
		if (chain->mode == CHAIN_RUN)
			return;
	}
	if (chain->wanted && entry.gen == chain->wanted)
		chain->wanted_read = now;
	chain->cursor = (struct chain_place){ record->sequence, entry.uid };
}

/* ---- copies ---- */

static bool beat_within(const struct chain *chain, unsigned node, uint64_t now, unsigned count)
{
	const struct peer *peer = &chain->peers[node];

	return node != chain->options.me.number && peer->beat_at &&
	       now - peer->beat_at < beats_ms(chain, count);
}

static bool runs(const struct peer *peer)
{
	return peer->beat.mode == CHAIN_RUN || peer->beat.mode == CHAIN_HOLD;
}

/* Asks one node after the other, rather those that run. */
static void ask_rows(struct chain *chain, uint64_t now)
{
	struct chain_message message = { .kind = CHAIN_MESSAGE_COPY };
	unsigned node;

	if (now - chain->rows_asked_at < beats_ms(chain, 3) / 2)
		return;
	chain->rows_asked_at = now;
	for (unsigned i = 0; i < CHAIN_NODES; i++) {
		node = ++chain->rows_asked % CHAIN_NODES;
		if (!beat_within(chain, node, now, 7) || !runs(&chain->peers[node]))
			continue;
		message.copy.gen = chain->wanted;
		message.copy.from = chain->wanted ? 0 : chain->fold.first;
		message_to(chain, node, &message);
		return;
	}
}

/* Most are below the log, or stopped, and nobody runs. Since a log is trimmed only where most have
 * read it: it was not trimmed but lost to its beginning, and somebody wrote on. Or rows are lost;
 * not even then anybody has them. */
static bool nobody_has_rows(const struct chain *chain, uint64_t now)
{
	unsigned heard = 1, nodes = chain_nodes(chain);

	for (unsigned i = 0; i < CHAIN_NODES; i++) {
		if (!(chain->options.nodes >> i & 1) || !beat_within(chain, i, now, 7))
			continue;
		if (runs(&chain->peers[i]))
			return false;
		heard++;
	}
	return heard > nodes / 2 &&
	       passed(now, chain->since, beats_ms(chain, heard == nodes ? 25 : 100));
}

/* [31] Those who run do so under another restore; or nobody does who could have the rows. */
static void copy_tick(struct chain *chain, uint64_t now)
{
	bool heard = false, same = false, other = false;

	ask_rows(chain, now);
	if (!chain->wanted) {
		if (nobody_has_rows(chain, now))
			mode_stop(chain, now);
		return;
	}
	for (unsigned i = 0; i < CHAIN_NODES; i++) {
		const struct peer *peer = &chain->peers[i];

		if (!beat_within(chain, i, now, 7))
			continue;
		heard = true;
		if (runs(peer) && peer->beat.gen == chain->wanted)
			same = true;
		else if (runs(peer))
			other = true;
	}
	if (passed(now, chain->since, beats_ms(chain, 25)) && other && !same && rule(chain, 31)) {
		mode_stop(chain, now);
	} else if (passed(now, chain->since, beats_ms(chain, 100)) &&
		   passed(now, chain->wanted_read, beats_ms(chain, 100)) && heard && !same &&
		   !other) {
		chain->mode = CHAIN_STOP;
		chain->since = now - beats_ms(chain, 10);
		tell(chain, CHAIN_TOLD_STOP, 0);
	}
}

/* [25] Its restore was trimmed away: somebody runs under one that cannot be read any more. */
static void stop_tick(struct chain *chain, uint64_t now)
{
	if (!chain->tail || !passed(now, chain->since, beats_ms(chain, 10)) || !rule(chain, 25))
		return;
	for (unsigned i = 0; i < CHAIN_NODES; i++) {
		const struct chain_beat *beat = &chain->peers[i].beat;

		if (beat_within(chain, i, now, 5) && beat->mode == CHAIN_RUN && beat->gen &&
		    !gen_counted(&chain->fold, beat->gen)) {
			rows_want(chain, now, beat->gen, 0);
			return;
		}
	}
}

struct election {
	bool best, wait;
	uint64_t epoch, top;
};

/* [14] Of those who stopped or hold, the one furthest ahead restores. */
static struct election elect(const struct chain *chain, uint64_t now)
{
	const struct folded *fold = &chain->fold;
	struct election result = { true, false, fold->epoch, fold->top };

	for (unsigned i = 0; i < CHAIN_NODES; i++) {
		const struct chain_beat *beat = &chain->peers[i].beat;

		if (!beat_within(chain, i, now, 5) || beat->mode == CHAIN_COPY ||
		    chain->peers[i].reader)
			continue;
		if (beat->mode == CHAIN_RUN)
			result.wait = true;
		if (beat->count > fold->count ||
		    (beat->count == fold->count && i < chain->options.me.number))
			result.best = false;
		if (beat->epoch > result.epoch)
			result.epoch = beat->epoch;
		if (beat->top > result.top)
			result.top = beat->top;
	}
	if (!rule(chain, 14))
		result.best = true;
	return result;
}

static void restore_tick(struct chain *chain, uint64_t now)
{
	bool stopped = chain->mode == CHAIN_STOP && chain->tail;
	uint64_t since = stopped ? chain->since : chain->held_since;
	struct chain_entry entry;
	struct election election;

	if ((!stopped && !(chain->mode == CHAIN_RUN && chain_holding(chain, now))) ||
	    !passed(now, since, beats_ms(chain, 10)) || chain->blocked ||
	    !chain->options.me.incarnation)
		return;
	election = elect(chain, now);
	if (!election.best || (election.wait && !passed(now, since, beats_ms(chain, 50))) ||
	    !passed(now, chain->proposed_at, beats_ms(chain, 7)))
		return;
	chain->proposed_at = now;
	entry_begin(chain, CHAIN_RESTORE, &entry);
	if (stopped)
		entry.seen = chain->cursor;
	entry.count = chain->fold.count;
	entry.digest = chain->fold.digest;
	entry.epoch = (uint32_t)election.epoch + 1;
	entry.top = election.top;
	tell(chain, CHAIN_TOLD_RESTORE, entry.count);
	entry_throw(chain, &entry);
}

void alarms_tick(struct chain *chain, uint64_t now)
{
	if (chain->mode == CHAIN_COPY)
		copy_tick(chain, now);
	if (chain->mode == CHAIN_STOP)
		stop_tick(chain, now);
	restore_tick(chain, now);
}
