#include "routes/chain/chain.h"

#include <stdlib.h>

#include "codecs/text/memory.h"
#include "routes/chain/state.h"

struct chain_times chain_times(void)
{
	return (struct chain_times){ .beat = 500,
				     .repeat = 1000,
				     .silent = 2000,
				     .gone = 15000,
				     .absent = 600000,
				     .look = 2000,
				     .trim = 10000,
				     .ahead = 1000 };
}

struct chain *chain_new(const struct chain_options *options, const struct chain_calls *calls,
			void *owner)
{
	struct chain *chain = memory_zeroed(1, sizeof(*chain));

	chain->options = *options;
	if (!chain->options.window)
		chain->options.window = 1;
	if (chain->options.window > CHAIN_WINDOW_MAX)
		chain->options.window = CHAIN_WINDOW_MAX;
	chain->calls = calls;
	chain->owner = owner;
	chain->fold.owner.number = CHAIN_NODE_NONE;
	chain->rows.changes.from = UINT64_MAX;
	return chain;
}

void chain_free(struct chain *chain)
{
	if (!chain)
		return;
	for (size_t i = 0; i < chain->under_way_count; i++)
		free((void *)(uintptr_t)chain->under_way[i].bytes.data);
	for (unsigned i = 0; i < CHAIN_NODES; i++)
		queue_clear(&chain->peers[i].inbox);
	queue_clear(&chain->outbox);
	rows_clear(&chain->rows);
	free(chain->lines);
	free(chain);
}

/* A start of the node begins: nothing is known of the others but what was kept. */
static void begin_anew(struct chain *chain, uint64_t now)
{
	for (unsigned i = 0; i < CHAIN_NODES; i++) {
		struct peer *peer = &chain->peers[i];

		queue_clear(&peer->inbox);
		memset(peer, 0, sizeof(*peer));
		peer->heard = now;
		peer->version = chain->options.oldest;
		peer->bury = true;
		note_newest(chain, i, chain->fold.newest[i]);
		note_newest(chain, i, chain->fold.nodes[i].incarnation);
	}
	queue_clear(&chain->outbox);
	chain->next_number = 0;
	chain->mode = CHAIN_RUN;
	chain->held = chain->held_since = 0;
	chain->wanted = 0;
	chain->caught_up = chain->blocked = chain->renewing = chain->shown = false;
	chain->probing = chain->tail = chain->handing = chain->again = false;
	chain->counter = 0;
	chain->owner_heard = now;
	chain->claims_from = now + beats_ms(chain, 5);
	chain->trimmed_at = now;
	chain->proposed_at = 0;
	chain->looked_at = now;
	judged_reset(chain);
	range_ask(chain, now, true);
}

void chain_start(struct chain *chain, uint64_t now)
{
	begin_anew(chain, now);
}

void chain_renew(struct chain *chain, uint64_t now, uint32_t incarnation)
{
	forget_under_way(chain);
	chain->options.me.incarnation = incarnation;
	begin_anew(chain, now);
}

bool gen_counted(const struct folded *fold, uint64_t gen)
{
	for (size_t i = fold->gen_count; gen && i-- > 0;)
		if (fold->gens[i] == gen)
			return true;
	return false;
}

bool chain_holding(const struct chain *chain, uint64_t now)
{
	return chain->held && now - chain->held < beats_ms(chain, 10);
}

bool chain_free_to_write(const struct chain *chain, uint64_t now)
{
	return chain->mode == CHAIN_RUN && !chain_holding(chain, now) && chain->caught_up &&
	       !chain->blocked && !chain->renewing && chain->options.me.incarnation;
}

bool chain_owning(const struct chain *chain, uint64_t now)
{
	return chain_free_to_write(chain, now) &&
	       chain_node_equal(chain->fold.owner, chain->options.me);
}

void range_ask(struct chain *chain, uint64_t now, bool leader)
{
	if (!leader && chain->asked_at == now && now)
		return;
	chain->asked_at = now;
	chain->calls->read(
	    chain->owner,
	    chain->mode == CHAIN_RUN ? chain->fold.read.sequence : chain->cursor.sequence, leader);
}

void renewal_ask(struct chain *chain, enum chain_renewal why, uint32_t above)
{
	if (chain->renewing)
		return;
	forget_under_way(chain);
	chain->renewing = true;
	chain->calls->renew(chain->owner, why, above);
}

void note_newest(struct chain *chain, unsigned node, uint32_t incarnation)
{
	struct peer *peer = &chain->peers[node];

	if (incarnation > chain->fold.newest[node])
		chain->fold.newest[node] = incarnation;
	if (incarnation <= peer->newest)
		return;
	peer->newest = incarnation;
	peer->base = 0;
}

void chain_drain(struct chain *chain, bool draining)
{
	chain->draining = draining;
}

void chain_stored(struct chain *chain, uint64_t sequence)
{
	chain->stored = sequence;
}

struct id_clock *chain_clock(struct chain *chain)
{
	return &chain->clock;
}

void chain_changes(struct chain *chain, struct chain_changes *changes)
{
	*changes = chain->rows.changes;
	chain->rows.changes = (struct chain_changes){ 0, UINT64_MAX };
}

const struct chain_row *chain_rows(const struct chain *chain, uint64_t from, size_t *count)
{
	return rows_from(&chain->rows, from, count);
}

void chain_tick(struct chain *chain, uint64_t now)
{
	if (chain->renewing)
		return;
	if (passed(now, chain->looked_at, chain->options.times.look)) {
		chain->looked_at = now;
		range_ask(chain, now,
			  chain->mode != CHAIN_RUN || !chain->caught_up || chain->looks++ % 4 == 0);
	}
	repeat_under_way(chain, now);
	alarms_tick(chain, now);
	claims_tick(chain, now);
	trims_tick(chain, now);
	drafts_tick(chain, now);
	batches_judge(chain, now);
}

void chain_beat_make(const struct chain *chain, uint64_t now, struct chain_beat *beat)
{
	const struct folded *fold = &chain->fold;
	bool waits = chain->mode == CHAIN_COPY && chain->wanted;
	bool holds = chain->mode == CHAIN_RUN && (chain_holding(chain, now) || chain->blocked);

	*beat = (struct chain_beat){ .shard = chain->options.shard,
				     .mode = holds ? CHAIN_HOLD : chain->mode,
				     .stored = chain->stored,
				     .first = fold->first,
				     .gen = waits ? chain->wanted : gen_of(chain),
				     .count = fold->count,
				     .digest = fold->digest,
				     .top = fold->top,
				     .epoch = (uint32_t)fold->epoch };
	if (chain->mode == CHAIN_RUN)
		beat->place = fold->read;
	else if (waits)
		beat->place = (struct chain_place){ chain->wanted_at, chain->wanted };
}

void chain_look(const struct chain *chain, uint64_t now, struct chain_view *view)
{
	const struct folded *fold = &chain->fold;

	*view = (struct chain_view){ .mode = chain->mode == CHAIN_RUN && chain_holding(chain, now)
						 ? CHAIN_HOLD
						 : chain->mode,
				     .owning = chain_owning(chain, now),
				     .me = chain->options.me,
				     .owner = fold->owner,
				     .epoch = (uint32_t)fold->epoch,
				     .read = fold->read,
				     .last = fold->last,
				     .count = fold->count,
				     .digest = fold->digest,
				     .gen = gen_of(chain),
				     .last_id = fold->last_id,
				     .top = fold->top,
				     .floor = fold->floor,
				     .first = fold->first,
				     .rows = chain->rows.count,
				     .waiting = chain->outbox.count,
				     .under_way = chain->under_way_count,
				     .caught_up = chain->caught_up,
				     .blocked = chain->blocked,
				     .renewing = chain->renewing };
}

uint32_t chain_gone(const struct chain *chain, unsigned node)
{
	return chain->judged[node].gone;
}

uint32_t chain_newest(const struct chain *chain, unsigned node)
{
	uint32_t newest = chain->peers[node].newest;

	return node == chain->options.me.number && chain->options.me.incarnation > newest
		   ? chain->options.me.incarnation
		   : newest;
}

struct chain_high chain_high(const struct chain *chain, unsigned node)
{
	return (struct chain_high){ of_node(chain, node), chain->fold.nodes[node].high };
}

uint64_t chain_heard(const struct chain *chain, uint64_t now, unsigned node)
{
	return node == chain->options.me.number ? now : chain->peers[node].heard;
}
