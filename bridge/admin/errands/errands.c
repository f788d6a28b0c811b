#include "bridge/admin/errands/errands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bridge/admin/errands/errand.h"
#include "bridge/admin/errands/errand_account.h"
#include "bridge/admin/errands/errand_room.h"
#include "bridge/core/log/log.h"
#include "bridge/core/worker.h"
#include "bridge/durable/store.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "conf/load.h"

#define TRIES_MOST   12
#define TRIES_SHORT  3 /* with one digit; then names may be many, and digits are random */
#define NUMBER_BYTES 10

struct errands {
	struct bridge *bridge;
	const struct control_server *hooks;
	struct errand *first;
	unsigned count;
	uint64_t serial;
};

struct errands *errands_new(struct bridge *bridge, const struct control_server *hooks)
{
	struct errands *errands = memory_zeroed(1, sizeof(*errands));

	errands->bridge = bridge;
	errands->hooks = hooks;
	return errands;
}

static void errand_free(struct errand *errand)
{
	conf_free(errand->conf);
	explicit_bzero(errand->hash, sizeof(errand->hash));
	free(errand);
}

/* Those that are over, or all. */
static void sweep(struct errands *errands, bool all)
{
	struct errand **link = &errands->first;

	while (*link) {
		struct errand *errand = *link;

		if (!errand->over && !all) {
			link = &errand->next;
			continue;
		}
		*link = errand->next;
		errands->count--;
		errand_free(errand);
	}
}

void errands_free(struct errands *errands)
{
	if (!errands)
		return;
	sweep(errands, true);
	free(errands);
}

/* ---- names ---- */

static unsigned random_below(unsigned bound)
{
	unsigned value = 0;

	if (getrandom(&value, sizeof(value), 0) != (ssize_t)sizeof(value))
		value = 0;
	return value % bound;
}

static unsigned number_of(unsigned tries)
{
	if (tries <= TRIES_SHORT)
		return tries + 1;
	return tries < TRIES_MOST / 2 ? 10 + random_below(9990) : 10000 + random_below(99990000);
}

bool errand_next_name(struct errand *errand, const char *otherwise)
{
	unsigned tries = errand->tries++;
	const char *asked = errand->asked[0] ? errand->asked : otherwise;
	struct slice name = slice_of(asked);

	if (tries >= TRIES_MOST || (errand->exact && (tries > 0 || !errand->asked[0])))
		return false;
	if (tries == 0) {
		snprintf(errand->name, sizeof(errand->name), "%s", asked);
		return true;
	}
	name = text_clip(name, NAME_BYTES_MAX - NUMBER_BYTES);
	snprintf(errand->name, sizeof(errand->name), "%.*s%u", (int)name.len, name.data,
		 number_of(tries));
	return true;
}

/* ---- what it waits for ---- */

static void heard(struct lasting *lasting)
{
	struct errands *errands = lasting->owner;
	struct errand *errand = errands->first;
	void (*kept)(struct errand *, bool);

	while (errand && (errand->over || !errand->kept || errand->serial != lasting->serial))
		errand = errand->next;
	if (!errand)
		return;
	kept = errand->kept;
	errand->kept = NULL;
	kept(errand, lasting->failed);
	errands_look(errands);
}

void errand_keep(struct errand *errand, struct lasting *lasting,
		 void (*kept)(struct errand *, bool failed))
{
	if (!errand->bridge->store) {
		explicit_bzero(lasting, sizeof(*lasting));
		free(lasting);
		kept(errand, false);
		return;
	}
	errand->serial = ++errand->errands->serial;
	errand->kept = kept;
	lasting->owner = errand->errands;
	lasting->serial = errand->serial;
	lasting->hear = heard;
	errand->bridge->store->keep(errand->bridge, lasting);
}

void errand_when_idle(struct errand *errand, void (*proceed)(struct errand *))
{
	errand->proceed = proceed;
}

static bool is_idle(const struct errand *errand)
{
	return !errand->hooks->changes_rooms || !errand->hooks->changes_rooms(errand->bridge);
}

/* One of them may change rooms, so that the others wait again. */
void errands_look(struct errands *errands)
{
	for (struct errand *errand = errands->first; errand; errand = errand->next) {
		while (!errand->over && errand->proceed && is_idle(errand)) {
			void (*proceed)(struct errand *) = errand->proceed;

			errand->proceed = NULL;
			proceed(errand);
		}
	}
	sweep(errands, false);
}

/* ---- its beginning and end ---- */

static void put_person(struct answer *answer, const struct person *person)
{
	answer->members = memory_new(sizeof(*answer->members) + person->name.len);
	answer->count = 1;
	answer->members[0] = *person;
	answer->members[0].name.data = (char *)(answer->members + 1);
	memcpy(answer->members + 1, person->name.data, person->name.len);
}

static void tell(struct bridge *bridge, const struct asker *asker, const struct answer *answer)
{
	struct post_answer *post = post_new(POST_ANSWER);

	post->post.asker = *asker;
	post->answer = *answer;
	mailbox_post(&bridge->workers[asker->worker]->box, &post->post);
}

static void log_errand(const struct errand *errand, enum reason reason)
{
	static const char *const did[] = { [ERRAND_ROOM_MAKE] = "room add",
					   [ERRAND_ROOM_OPEN] = "room open",
					   [ERRAND_ROOM_REMOVE] = "room remove",
					   [ERRAND_ACCOUNT] = "accounts add" };
	struct log_fields fields = { .event = "made", .reason = NULL };
	char name[4 * NAME_BYTES_MAX + 1];

	fields.reason = reason == REASON_NONE ? NULL : reason_code(reason);
	log_event(LOG_INFO, &fields, "by HTTP, number %u: %s \"%s\": %s", errand->owner,
		  did[errand->kind], text_escape(slice_of(errand->name), name, sizeof(name)),
		  reason == REASON_NONE ? "done" : reason_code(reason));
}

void errand_end(struct errand *errand, enum reason reason, struct room_entry *room,
		const struct person *person)
{
	struct answer answer = { .kind = ANSWER_MADE, .reason = reason, .room = room };

	if (person)
		put_person(&answer, person);
	log_errand(errand, reason);
	tell(errand->bridge, &errand->asker, &answer);
	errand->over = true;
}

static void (*const begin[])(struct errand *) = {
	[ERRAND_ROOM_MAKE] = errand_make_room,
	[ERRAND_ROOM_OPEN] = errand_open_room,
	[ERRAND_ROOM_REMOVE] = errand_remove_room,
	[ERRAND_ACCOUNT] = errand_make_account,
};

void errands_take(struct errands *errands, const struct post_errand *post)
{
	struct answer busy = { .kind = ANSWER_MADE, .reason = REASON_BUSY };
	struct errand *errand;

	if (errands->count >= ERRANDS_MOST) {
		tell(errands->bridge, &post->post.asker, &busy);
		return;
	}
	errand = memory_zeroed(1, sizeof(*errand));
	errand->errands = errands;
	errand->bridge = errands->bridge;
	errand->hooks = errands->hooks;
	errand->asker = post->post.asker;
	errand->kind = post->kind;
	errand->exact = post->exact;
	errand->open = post->open;
	errand->owner = post->owner;
	memcpy(errand->hash, post->hash, sizeof(errand->hash));
	errand->asked[name_clean(slice_span(post->name, post->name_len), errand->asked)] = '\0';
	errand->next = errands->first;
	errands->first = errand;
	errands->count++;
	begin[errand->kind](errand);
	errands_look(errands);
}
