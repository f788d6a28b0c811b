/* Anything that may happen to a pool, in any order, beside a model. */
#include "tests/routes/balance/test_pool_model.h"

#define SEEDS 300
#define STEPS 2500

/* ---- what happens ---- */

static bool entry_exists(const struct model *model, uint64_t id)
{
	for (size_t e = 0; e < model->entry_count; e++)
		if (model->entries[e]->item.id == id)
			return true;
	return false;
}

static void put_anything(struct model *model)
{
	struct entry *entry;
	uint64_t id;

	if (model->entry_count == ENTRIES_MAX)
		return;
	entry = calloc(1, sizeof(*entry));
	id = ++model->ids;
	entry->room = (int)roll(model, ROOMS);
	entry->pinned = !roll(model, 8);
	entry->instance = entry->pinned ? (int)roll(model, INSTANCES) : NOBODY;
	entry->item.id = id;
	entry->item.deadline_ms = model->now_ms + roll(model, 6000);
	entry->item.room = slice_of(room_names[entry->room]);
	entry->item.repeated = true;
	model->entries[model->entry_count++] = entry;
	if (entry->pinned)
		pool_put_to(model->pool, identity_of(entry->instance), &entry->item, model->now_ms);
	else
		pool_put(model->pool, &entry->item, model->now_ms);
	/* It may be settled and freed by now. */
	if (!entry_exists(model, id) || entry->progress != PUT)
		return;
	must(model, !entry->pinned);
	entry->progress = WAITING;
	entry->place = ++model->places;
	must(model, entries_in(model, WAITING) <= model->limits.queue);
}

static void say_ready(struct model *model)
{
	int i = (int)roll(model, INSTANCES);
	struct peer *peer = &model->peers[i];
	bool may = peer->known || peers_known(model) < model->limits.instances;
	uint32_t credits = roll(model, 12), granted = 0;
	uint32_t expected = credits < model->limits.credits ? credits : model->limits.credits;
	int pattern = (int)roll(model, PATTERNS);
	struct slice rooms[2];

	/* While it is being buried, its next life has not begun. */
	if (peer->dying)
		return;
	if (may && !peer->known)
		*peer = (struct peer){ .beat_ms = model->now_ms + HEARTBEAT_MS };
	if (may) {
		peer->known = peer->live = true;
		peer->heard_ms = model->now_ms;
		peer->pattern = pattern;
		peer->credits = expected;
	}
	for (size_t r = 0; r < 2; r++)
		rooms[r] = slice_of(patterns[pattern].rooms[r]);
	must(model, pool_ready(model->pool, identity_of(i), rooms, patterns[pattern].count, credits,
			       false, model->now_ms, &granted) == may);
	must(model, !may || granted == expected);
}

static void say_bye(struct model *model)
{
	int i = (int)roll(model, INSTANCES);

	model->peers[i].live = false;
	model->peers[i].heard_ms = model->now_ms;
	pool_bye(model->pool, identity_of(i), model->now_ms);
}

static void say_anything(struct model *model)
{
	int i = (int)roll(model, INSTANCES);

	must(model, pool_heard(model->pool, identity_of(i), model->now_ms) ==
			(model->peers[i].known && !model->peers[i].dying));
	model->peers[i].heard_ms = model->now_ms;
}

static struct entry *entry_any(struct model *model)
{
	if (!model->entry_count)
		return NULL;
	return model->entries[roll(model, (unsigned)model->entry_count)];
}

/* An instance answers something, which it may have or not. */
static void answer_anything(struct model *model)
{
	struct entry *entry = entry_any(model);
	bool has;
	int i;

	if (!entry)
		return;
	i = entry->progress == UNDER_WAY && roll(model, 10) ? entry->instance
							    : (int)roll(model, INSTANCES);
	has = entry->progress == UNDER_WAY && entry->instance == i;
	must(model,
	     pool_find(model->pool, identity_of(i), entry->item.id) == (has ? &entry->item : NULL));
	if (!has)
		return;
	model->answering = entry;
	pool_settle(model->pool, &entry->item, model->now_ms);
	must(model, !model->answering);
}

/* What has been settled long ago. */
static void answer_late(struct model *model)
{
	uint64_t id = 1 + roll(model, (unsigned)model->ids + 1);
	int i = (int)roll(model, INSTANCES);

	if (!entry_exists(model, id))
		must(model, !pool_find(model->pool, identity_of(i), id));
}

/* Most instances say something, mostly. */
static void everyone_speaks(struct model *model)
{
	if (!roll(model, 8))
		return;
	for (int i = 0; i < INSTANCES; i++) {
		if (!model->peers[i].known || !roll(model, 12))
			continue;
		must(model, pool_heard(model->pool, identity_of(i), model->now_ms));
		model->peers[i].heard_ms = model->now_ms;
	}
}

static void time_passes(struct model *model)
{
	everyone_speaks(model);
	model->now_ms += roll(model, 10) ? roll(model, 200) : roll(model, 2500);
	for (int i = 0; i < INSTANCES; i++)
		model->peers[i].blocked = false;
	model->quiet = roll(model, 2);
	model->ticking = true;
	pool_tick(model->pool, model->now_ms);
	model->ticking = model->quiet = false;
	for (size_t e = 0; e < model->entry_count; e++)
		must(model, model->entries[e]->item.deadline_ms > model->now_ms);
	for (int i = 0; i < INSTANCES; i++)
		must(model, !model->peers[i].known ||
				(!is_silent(model, i) && model->now_ms < model->peers[i].beat_ms));
}

/* ---- what holds between two calls ---- */

static size_t items_under_way(const struct pool *pool)
{
	size_t count = 0;

	for (size_t i = 0; i < pool->slots_end; i++)
		count += pool->slots[i] ? pool->slots[i]->items.count : 0;
	return count;
}

static void check_rest(struct model *model)
{
	must(model, pool_instances(model->pool) == peers_known(model));
	must(model, model->pool->lanes.waiting == entries_in(model, WAITING));
	must(model, items_under_way(model->pool) == entries_in(model, UNDER_WAY));
	must(model,
	     model->entry_count == entries_in(model, WAITING) + entries_in(model, UNDER_WAY));
	for (size_t e = 0; e < model->entry_count; e++)
		must(model, model->entries[e]->progress != WAITING ||
				!anyone_free(model, model->entries[e]->room));
	for (int i = 0; i < INSTANCES; i++) {
		const struct peer *peer = &model->peers[i];

		must(model, !peer->dying);
		must(model, !peer->known || peer->live || peer_spent(model, i));
	}
}

static void call_anything(struct model *model)
{
	unsigned what = roll(model, 84);

	if (what < 38)
		put_anything(model);
	else if (what < 68)
		answer_anything(model);
	else if (what < 73)
		answer_late(model);
	else if (what < 78)
		say_ready(model);
	else if (what < 80)
		say_bye(model);
	else
		say_anything(model);
}

static void step(struct model *model)
{
	if (roll(model, 100) < 88)
		call_anything(model);
	else
		time_passes(model);
	check_rest(model);
}

static void run(struct model *model, unsigned seed)
{
	memset(model, 0, sizeof(*model));
	model->seed = seed;
	model->random = seed;
	model->now_ms = 1000;
	model->limits = (struct pool_limits){ roll(model, 30), HEARTBEAT_MS,
					      1 + roll(model, INSTANCES), 1 + roll(model, 8) };
	model->pool = pool_new(&model->limits, &model_ops, model);
	for (model->step = 0; model->step < STEPS; model->step++)
		step(model);
	model->closing = true;
	pool_free(model->pool);
	must(model, model->entry_count == 0);
}

static void a_pool_does_as_the_model_says(void **state)
{
	uint64_t settled[POOL_OUTCOMES] = { 0 }, put = 0, ended = 0, sent = 0, again = 0, died = 0;
	static struct model model;

	(void)state;
	for (unsigned seed = 1; seed <= SEEDS; seed++) {
		run(&model, seed);
		put += model.ids;
		sent += model.sent;
		again += model.again;
		died += model.died;
		for (size_t o = 0; o < POOL_OUTCOMES; o++) {
			settled[o] += model.settled[o];
			ended += model.settled[o];
		}
	}
	assert_true(put == ended);
	/* Else the test has not tested much. */
	for (size_t o = 0; o < POOL_OUTCOMES; o++)
		assert_true(settled[o] > 1000);
	assert_true(sent > 50000 && again > 1000 && died > 1000);
	print_message("put %" PRIu64 ", sent %" PRIu64 ", again %" PRIu64 ", died %" PRIu64 "\n",
		      put, sent, again, died);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pool_does_as_the_model_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
