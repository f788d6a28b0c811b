#include "bridge/core/board/lookups.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

enum lookup_state { LOOKUP_FREE, LOOKUP_ASKED, LOOKUP_TAKEN, LOOKUP_ANSWERED };

struct lookup {
	enum lookup_state state;
	char id[LOOKUP_ID_MAX + 1];
	char *text; /* owned; LOOKUP_ANSWERED */
	uint64_t asked_ms;
};

struct lookups {
	pthread_mutex_t mutex; /* of all that follows */
	struct lookup all[LOOKUPS_MAX];
};

struct lookups *lookups_new(void)
{
	struct lookups *lookups = memory_zeroed(1, sizeof(*lookups));

	pthread_mutex_init(&lookups->mutex, NULL);
	return lookups;
}

static void lookup_clear(struct lookup *lookup)
{
	free(lookup->text);
	*lookup = (struct lookup){ .state = LOOKUP_FREE };
}

void lookups_free(struct lookups *lookups)
{
	if (!lookups)
		return;
	for (size_t i = 0; i < LOOKUPS_MAX; i++)
		lookup_clear(&lookups->all[i]);
	pthread_mutex_destroy(&lookups->mutex);
	free(lookups);
}

/* Digits, those of a UUID, and its hyphens. */
static bool is_id(struct slice id)
{
	static const char allowed[] = "0123456789abcdefABCDEF-";

	for (size_t i = 0; i < id.len; i++)
		if (!memchr(allowed, id.data[i], sizeof(allowed) - 1))
			return false;
	return id.len > 0 && id.len <= LOOKUP_ID_MAX;
}

static struct lookup *find(struct lookups *lookups, struct slice id)
{
	for (size_t i = 0; i < LOOKUPS_MAX; i++)
		if (lookups->all[i].state != LOOKUP_FREE && slice_is(id, lookups->all[i].id))
			return &lookups->all[i];
	return NULL;
}

static bool is_old(const struct lookup *lookup, uint64_t now_ms)
{
	return now_ms >= lookup->asked_ms + LOOKUPS_KEPT_MS;
}

/* A free place, or that of one that nobody wants any more. NULL: there is none. */
static struct lookup *find_place(struct lookups *lookups, uint64_t now_ms)
{
	for (size_t i = 0; i < LOOKUPS_MAX; i++) {
		struct lookup *lookup = &lookups->all[i];

		if (lookup->state != LOOKUP_FREE && is_old(lookup, now_ms))
			lookup_clear(lookup);
		if (lookup->state == LOOKUP_FREE)
			return lookup;
	}
	return NULL;
}

static bool ask(struct lookups *lookups, struct slice id, uint64_t now_ms)
{
	struct lookup *lookup = find_place(lookups, now_ms);

	if (!lookup)
		return false;
	lookup->state = LOOKUP_ASKED;
	lookup->asked_ms = now_ms;
	memcpy(lookup->id, id.data, id.len);
	return true;
}

char *lookups_read(struct lookups *lookups, struct slice id, uint64_t now_ms, bool *fresh)
{
	struct lookup *lookup;
	char *text = NULL;

	*fresh = false;
	if (!is_id(id))
		return NULL;
	pthread_mutex_lock(&lookups->mutex);
	lookup = find(lookups, id);
	if (lookup && is_old(lookup, now_ms)) {
		lookup_clear(lookup);
		lookup = NULL;
	}
	if (!lookup) {
		*fresh = ask(lookups, id, now_ms);
	} else if (lookup->state == LOOKUP_ANSWERED) {
		text = lookup->text;
		lookup->text = NULL;
		lookup_clear(lookup);
	}
	pthread_mutex_unlock(&lookups->mutex);
	return text;
}

bool lookups_next(struct lookups *lookups, uint64_t now_ms, char id[LOOKUP_ID_MAX + 1])
{
	struct lookup *first = NULL;

	pthread_mutex_lock(&lookups->mutex);
	for (size_t i = 0; i < LOOKUPS_MAX; i++) {
		struct lookup *lookup = &lookups->all[i];

		if (lookup->state == LOOKUP_ASKED && !is_old(lookup, now_ms) &&
		    (!first || lookup->asked_ms < first->asked_ms))
			first = lookup;
	}
	if (first) {
		first->state = LOOKUP_TAKEN;
		memcpy(id, first->id, sizeof(first->id));
	}
	pthread_mutex_unlock(&lookups->mutex);
	return first;
}

void lookups_write(struct lookups *lookups, const char *id, char *text)
{
	struct lookup *lookup;

	pthread_mutex_lock(&lookups->mutex);
	lookup = find(lookups, slice_of(id));
	if (lookup && lookup->state == LOOKUP_TAKEN) {
		lookup->state = LOOKUP_ANSWERED;
		lookup->text = text;
		text = NULL;
	}
	pthread_mutex_unlock(&lookups->mutex);
	free(text);
}
