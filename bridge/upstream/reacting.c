#include "bridge/upstream/reacting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/upstream/id_map.h"
#include "bridge/upstream/people/strangers.h"
#include "bridge/upstream/speaking.h"
#include "codecs/text/hash.h"
#include "codecs/text/memory.h"

#define REACTIONS_MOST 20000
#define EMOJI_BYTES    64
#define KEY_BYTES      (EMOJI_BYTES + 24)

struct reaction {
	char key[KEY_BYTES]; /* "TARGET EMOJI" */
	uint64_t target;
	uint32_t held; /* by us there */
	bool theirs;   /* by others there, so that the upstream reacts here */
	UT_hash_handle hh;
};

struct reacting {
	struct reaction *all;
};

struct reacting *reacting_new(void)
{
	return memory_zeroed(1, sizeof(struct reacting));
}

static void drop(struct reacting *reacting, struct reaction *reaction)
{
	HASH_DEL(reacting->all, reaction);
	free(reaction);
}

void reacting_free(struct reacting *reacting)
{
	struct reaction *reaction, *next;

	if (!reacting)
		return;
	HASH_ITER(hh, reacting->all, reaction, next)
	{
		drop(reacting, reaction);
	}
	free(reacting);
}

/* NULL: no such emoji can be. */
static struct reaction *reaction_of(struct reacting *reacting, uint64_t target, struct slice emoji)
{
	struct reaction *reaction;
	char key[KEY_BYTES];

	if (!emoji.len || emoji.len > EMOJI_BYTES)
		return NULL;
	snprintf(key, sizeof(key), "%llu %.*s", (unsigned long long)target, (int)emoji.len,
		 emoji.data);
	HASH_FIND_STR(reacting->all, key, reaction);
	if (reaction)
		return reaction;
	if (HASH_COUNT(reacting->all) >= REACTIONS_MOST)
		drop(reacting, reacting->all);
	reaction = memory_zeroed(1, sizeof(*reaction));
	memcpy(reaction->key, key, sizeof(key));
	reaction->target = target;
	HASH_ADD_STR(reacting->all, key, reaction);
	return reaction;
}

static uint32_t count_in(const struct reaction_count *counts, size_t count, struct slice emoji)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal(counts[i].emoji, emoji))
			return counts[i].count;
	return 0;
}

/* Of those who react here: all but the upstream. */
static uint32_t here(const struct envelope *event, const struct reaction *reaction)
{
	uint32_t count = count_in(event->reactions, event->reaction_count, event->text);

	return count - (reaction->theirs && count > 0);
}

bool reacting_is_news(struct upstream *upstream, const struct envelope *event)
{
	struct reaction *reaction = reaction_of(upstream->reactions, event->target, event->text);
	uint32_t held;

	if (!reaction)
		return true;
	held = here(event, reaction) > 0;
	if (held == reaction->held)
		return false;
	reaction->held = held;
	return true;
}

void reacting_agreed(struct upstream *upstream, const struct envelope *event)
{
	struct reaction *reaction = reaction_of(upstream->reactions, event->target, event->text);

	if (reaction)
		reaction->held = here(event, reaction);
}

static void say(struct upstream *upstream, const struct reaction *reaction, struct slice emoji,
		struct slice trail)
{
	struct foreign_person itself = { .id = SLICE("upstream"),
					 .name = slice_of(upstream->conf->name) };
	const struct stranger *who =
	    strangers_meet(upstream->people, &itself, upstream->worker->tick_ms);
	struct envelope event = { .kind = KIND_REACTION,
				  .flags = reaction->theirs ? FLAG_ADDING : 0,
				  .target = reaction->target,
				  .text = emoji,
				  .origin = { .trail = trail } };

	if (!who)
		return;
	event.author = who->person;
	speaking_say(upstream, &event, (struct slice){ NULL, 0 });
}

static void compare(struct upstream *upstream, uint64_t target, struct slice emoji, uint32_t there,
		    struct slice trail)
{
	struct reaction *reaction = reaction_of(upstream->reactions, target, emoji);
	bool theirs;

	if (!reaction)
		return;
	theirs = there > reaction->held;
	if (theirs == reaction->theirs)
		return;
	reaction->theirs = theirs;
	say(upstream, reaction, emoji, trail);
}

/* Those that were there and are not any more. */
static void compare_gone(struct upstream *upstream, uint64_t target, const struct call_heard *heard)
{
	struct reaction *reaction, *next;

	HASH_ITER(hh, upstream->reactions->all, reaction, next)
	{
		struct slice emoji;

		if (reaction->target != target || !reaction->theirs)
			continue;
		emoji = slice_of(strchr(reaction->key, ' ') + 1);
		if (!count_in(heard->event.reactions, heard->event.reaction_count, emoji))
			compare(upstream, target, emoji, 0, heard->event.origin.trail);
	}
}

void reacting_heard(struct upstream *upstream, const struct call_heard *heard)
{
	uint64_t target = heard->target.len ? id_map_ours(upstream->ids, heard->target) : 0;
	const struct envelope *event = &heard->event;

	if (!target) {
		upstream_ledger(upstream)->taken_refused[REASON_UNKNOWN_MESSAGE]++;
		return;
	}
	if (!heard->author.id.len || event->reaction_count) {
		for (size_t i = 0; i < event->reaction_count; i++)
			compare(upstream, target, event->reactions[i].emoji,
				event->reactions[i].count, event->origin.trail);
		compare_gone(upstream, target, heard);
		return;
	}
	speaking_by(upstream, heard);
}
