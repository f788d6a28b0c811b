/* test_pool_model.h - what a pool's owner may expect, kept in plain arrays and searched from end to
 * end. Its callbacks check each thing the pool does against it. */
#ifndef TESTS_ROUTES_BALANCE_TEST_POOL_MODEL_H
#define TESTS_ROUTES_BALANCE_TEST_POOL_MODEL_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "routes/balance/pool.h"
#include "routes/balance/pool_flow.h"

#define INSTANCES    7
#define ENTRIES_MAX  512
#define NOBODY       (-1)
#define HEARTBEAT_MS 1000

enum progress { PUT, WAITING, UNDER_WAY, DOOMED };

/* An item and what is known of it. */
struct entry {
	struct pool_item item; /* first: the pool hands it back */
	enum progress progress;
	int instance; /* under way at it; only for it when pinned */
	int room;
	bool pinned, again;
	uint64_t place; /* grows with what is put */
};

struct peer {
	bool known, live, blocked, dying;
	int pattern;
	uint32_t credits;
	uint64_t heard_ms, beat_ms;
};

struct model {
	struct pool *pool;
	struct pool_limits limits;
	struct peer peers[INSTANCES];
	struct entry *entries[ENTRIES_MAX];
	size_t entry_count;
	uint64_t now_ms, ids, places, settled[POOL_OUTCOMES], sent, again, died;
	const struct entry *answering;
	bool ticking, closing;
	bool quiet; /* callbacks call nothing */
	unsigned depth;
	unsigned seed, step;
	uint64_t random;
};

static const char *const identities[INSTANCES] = { "i", "ii", "x", "y", "yy", "z", "\0z" };

#define ROOMS    6
#define PATTERNS 6

static const char *const room_names[ROOMS] = { "a1", "a2", "b1", "b2", "c", NULL };

static const struct {
	const char *rooms[2];
	size_t count;
	bool serves[ROOMS];
} patterns[PATTERNS] = {
	{ { NULL, NULL }, 0, { true, true, true, true, true, true } },
	{ { "a*", NULL }, 1, { true, true, false, false, false, true } },
	{ { "b1", "c" }, 2, { false, false, true, false, true, true } },
	{ { "b*", "a2" }, 2, { false, true, true, true, false, true } },
	{ { "a2", NULL }, 1, { false, true, false, false, false, true } },
	{ { "a", "" }, 2, { false, false, false, false, false, true } },
};

#define must(model, condition)                                                                     \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail_msg("seed %u, step %u: not so: %s", (model)->seed, (model)->step,     \
				 #condition);                                                      \
	} while (0)

/* Below limit. */
static unsigned roll(struct model *model, unsigned limit)
{
	model->random = model->random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)((model->random >> 33) % limit);
}

static struct slice identity_of(int i)
{
	return slice_span(identities[i], identities[i][0] ? strlen(identities[i]) : 2);
}

static int peer_named(struct model *model, struct slice identity)
{
	for (int i = 0; i < INSTANCES; i++)
		if (slice_equal(identity_of(i), identity))
			return i;
	must(model, false);
	return NOBODY;
}

/* ---- what is known ---- */

static bool is_silent(const struct model *model, int i)
{
	return model->now_ms >= model->peers[i].heard_ms + HEARTBEAT_MS * POOL_BEATS_MISSED;
}

static size_t peer_spent(const struct model *model, int i)
{
	size_t count = 0;

	for (size_t e = 0; e < model->entry_count; e++)
		count +=
		    model->entries[e]->progress == UNDER_WAY && model->entries[e]->instance == i;
	return count;
}

static size_t peer_left(const struct model *model, int i)
{
	size_t spent = peer_spent(model, i);

	return model->peers[i].credits > spent ? model->peers[i].credits - spent : 0;
}

static bool peer_serves(const struct model *model, int i, int room)
{
	return model->peers[i].live && patterns[model->peers[i].pattern].serves[room];
}

static bool peer_free(const struct model *model, int i)
{
	return model->peers[i].live && !model->peers[i].blocked && peer_left(model, i) > 0;
}

static bool anyone_serves(const struct model *model, int room)
{
	for (int i = 0; i < INSTANCES; i++)
		if (peer_serves(model, i, room))
			return true;
	return false;
}

static bool anyone_free(const struct model *model, int room)
{
	for (int i = 0; i < INSTANCES; i++)
		if (peer_serves(model, i, room) && peer_free(model, i))
			return true;
	return false;
}

static size_t entries_in(const struct model *model, enum progress progress)
{
	size_t count = 0;

	for (size_t e = 0; e < model->entry_count; e++)
		count += model->entries[e]->progress == progress;
	return count;
}

static size_t peers_known(const struct model *model)
{
	size_t count = 0;

	for (int i = 0; i < INSTANCES; i++)
		count += model->peers[i].known && !model->peers[i].dying;
	return count;
}

/* What a burial or expiry in the middle of a tick has done so far is not known. */
static bool is_exact(const struct model *model)
{
	return !model->ticking || model->quiet;
}

/* ---- what happens ---- */

static void peer_dies(struct model *model, int i)
{
	struct peer *peer = &model->peers[i];

	must(model, peer->known && !peer->dying);
	peer->live = false;
	peer->dying = true;
	for (size_t e = 0; e < model->entry_count; e++) {
		struct entry *entry = model->entries[e];

		if (entry->progress != UNDER_WAY || entry->instance != i)
			continue;
		entry->progress = entry->pinned ? DOOMED : WAITING;
		entry->again = true;
	}
}

/* The pool acts as if that one had died: rightly? */
static void peer_has_died(struct model *model, int i)
{
	must(model, model->ticking && is_silent(model, i));
	peer_dies(model, i);
}

static void check_order(struct model *model, const struct entry *entry)
{
	for (size_t e = 0; e < model->entry_count; e++) {
		const struct entry *other = model->entries[e];

		if (other->progress != WAITING ||
		    (entry->progress == WAITING && other->place >= entry->place))
			continue;
		must(model, other->room != entry->room);
		if (is_exact(model) && other->item.deadline_ms > model->now_ms)
			must(model, !anyone_free(model, other->room));
	}
}

static void check_choice(struct model *model, const struct entry *entry, int chosen)
{
	for (int i = 0; i < INSTANCES; i++)
		if (is_exact(model) && peer_serves(model, i, entry->room) && peer_free(model, i))
			must(model, peer_left(model, i) <= peer_left(model, chosen));
}

static enum pool_sent model_send(void *owner, struct slice identity, struct pool_item *item)
{
	struct model *model = owner;
	struct entry *entry = (struct entry *)item;
	int i = peer_named(model, identity);
	unsigned luck = roll(model, 100);

	if (entry->progress == UNDER_WAY)
		peer_has_died(model, entry->instance);
	must(model, !model->closing);
	must(model, entry->progress == PUT || entry->progress == WAITING);
	must(model, model->peers[i].known && peer_free(model, i));
	must(model, item->deadline_ms > model->now_ms);
	must(model, item->repeated == entry->again);
	if (entry->pinned) {
		must(model, entry->progress == PUT && entry->instance == i);
	} else {
		must(model, peer_serves(model, i, entry->room));
		check_order(model, entry);
		check_choice(model, entry, i);
	}
	if (luck < 4) {
		model->peers[i].blocked = true;
		return POOL_BLOCKED;
	}
	if (luck < 6) {
		peer_dies(model, i);
		if (entry->pinned)
			entry->progress = DOOMED;
		return POOL_LOST;
	}
	if (entry->progress == PUT)
		entry->place = ++model->places;
	entry->progress = UNDER_WAY;
	entry->instance = i;
	model->sent++;
	model->again += entry->again;
	return POOL_SENT;
}

static void model_beat(void *owner, struct slice identity)
{
	struct model *model = owner;
	struct peer *peer = &model->peers[peer_named(model, identity)];

	must(model, model->ticking && peer->known && !peer->dying);
	must(model, model->now_ms >= peer->beat_ms);
	peer->beat_ms = model->now_ms + HEARTBEAT_MS;
}

static void check_unavailable(struct model *model, const struct entry *entry)
{
	if (entry->pinned && entry->progress == UNDER_WAY)
		peer_has_died(model, entry->instance);
	if (entry->pinned)
		must(model, entry->progress == DOOMED ||
				(entry->progress == PUT && !model->peers[entry->instance].live));
	else
		must(model, entry->progress == PUT && !anyone_serves(model, entry->room));
}

static void check_full(struct model *model, const struct entry *entry)
{
	must(model, entry->progress == PUT);
	if (entry->pinned) {
		must(model, model->peers[entry->instance].live);
		must(model, !is_exact(model) || !peer_free(model, entry->instance));
	} else {
		must(model, anyone_serves(model, entry->room));
		must(model, !is_exact(model) || !anyone_free(model, entry->room));
		must(model, entries_in(model, WAITING) >= model->limits.queue);
	}
}

static void check_outcome(struct model *model, const struct entry *entry, enum pool_outcome outcome)
{
	switch (outcome) {
	case POOL_ANSWERED: must(model, entry == model->answering); break;
	case POOL_EXPIRED:
		must(model, entry->item.deadline_ms <= model->now_ms);
		must(model, model->ticking || entry->progress != UNDER_WAY);
		break;
	case POOL_UNAVAILABLE: check_unavailable(model, entry); break;
	case POOL_FULL: check_full(model, entry); break;
	case POOL_CLOSED: must(model, model->closing); break;
	case POOL_OUTCOMES: must(model, false);
	}
}

/* In test_pool_property.c: any call that a callback may make. */
static void call_anything(struct model *model);

static void call_perhaps(struct model *model)
{
	if (model->quiet || model->closing || model->depth >= 3 || roll(model, 3))
		return;
	model->depth++;
	call_anything(model);
	model->depth--;
}

static void model_settled(void *owner, struct pool_item *item, enum pool_outcome outcome)
{
	struct model *model = owner;
	struct entry *entry = (struct entry *)item;
	size_t e = 0;

	while (e < model->entry_count && model->entries[e] != entry)
		e++;
	must(model, e < model->entry_count);
	check_outcome(model, entry, outcome);
	/* Its address may soon be another's. */
	model->answering = NULL;
	model->entries[e] = model->entries[--model->entry_count];
	model->settled[outcome]++;
	free(entry);
	call_perhaps(model);
}

static void model_gone(void *owner, struct slice identity, enum pool_gone why)
{
	bool died = why != POOL_LEFT;
	struct model *model = owner;
	int i = peer_named(model, identity);
	struct peer *peer = &model->peers[i];

	must(model, peer->known && !model->closing);
	if (died && !peer->dying)
		peer_has_died(model, i);
	must(model, died || (!peer->live && !peer->dying));
	must(model, peer_spent(model, i) == 0);
	peer->known = peer->dying = false;
	model->died += died;
	call_perhaps(model);
}

static const struct pool_ops model_ops = { model_send, model_beat, model_settled, model_gone };

#endif
