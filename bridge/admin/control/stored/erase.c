#include "bridge/admin/control/stored/erase.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/admin/control/deeds.h"
#include "bridge/admin/control/moderation.h"
#include "bridge/admin/control/stored/accounts.h"
#include "bridge/core/directory.h"
#include "bridge/core/worker.h"
#include "bridge/durable/store.h"
#include "bridge/logins/issue.h"
#include "bridge/order/order.h"
#include "bridge/trace/trace.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"
#include "routes/room/overview.h"

#define ROOMS_AT_ONCE 64

/* own */
struct departure {
	struct roster *roster;
	struct deed_person person;
	bool claimed;         /* the account, if there is one that is stored */
	struct finding found; /* who wrote under the name */
	struct erased counts;
	size_t from[WORKERS_MAX]; /* how far in its table each worker is */
	uint32_t unfinished;      /* workers: a bit each */
	uint32_t silent;
	enum reason reason;
	const char *fault;
	bool forgotten; /* by the rooms */
};

/* ---- what is said of it; also by the command line of what no server runs ---- */

char *erase_doubt(const char *name, const struct finding *finding)
{
	char *text = NULL;
	size_t size;
	FILE *stream;

	if (finding->count == 1)
		return NULL;
	stream = open_memstream(&text, &size);
	if (!stream)
		abort();
	if (!finding->count)
		fprintf(stream, "nobody has an account or wrote as '%s'", name);
	else
		fprintf(stream, "several people wrote as '%s': say which, by number:", name);
	for (size_t i = 0; i < finding->count; i++)
		fprintf(stream, " #%" PRIu32, finding->numbers[i]);
	if (finding->count == FINDING_MOST)
		fputs(" ...", stream);
	fclose(stream);
	return text;
}

json_t *erase_result(uint32_t number, struct slice name, const struct erased *counts)
{
	json_t *result =
	    json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "number", (json_int_t)number, "messages",
		      (json_int_t)counts->messages, "reactions", (json_int_t)counts->reactions,
		      "votes", (json_int_t)counts->votes, "polls", (json_int_t)counts->polls,
		      "marks", (json_int_t)counts->marks, "accounts", (json_int_t)counts->persons);

	if (name.len)
		json_object_set_new(result, "name", json_of(name));
	return result;
}

static struct slice name_of(const struct deed_person *person)
{
	return slice_span(person->name, person->name_len);
}

static void end(struct call *call)
{
	const struct departure *departure = call->own;
	const struct bridge *bridge = call->calls->bridge;
	json_t *result =
	    erase_result(departure->person.number, name_of(&departure->person), &departure->counts);

	if (bridge->store)
		json_object_set_new(result, "erase_seconds",
				    json_integer(bridge->conf->storage.erase_seconds));
	call_end(call, result);
}

/* ---- out of what is stored ---- */

/* Handed to the store, and back. */
struct stored_inquiry {
	struct inquiry head;
	struct bridge *bridge;
	struct deed_person person;
	struct finding finding;
	struct erasing erasing;
};

static struct stored_inquiry *stored_inquiry_new(const struct call *call)
{
	struct stored_inquiry *inquiry = inquiry_new(sizeof(*inquiry), NULL);

	inquiry->bridge = call->calls->bridge;
	inquiry->person = ((struct departure *)call->own)->person;
	return inquiry;
}

static void forget_in_rooms(struct call *call);

static void hear_erased(struct call *call, struct inquiry *head)
{
	const struct erasing *erasing = &((struct stored_inquiry *)head)->erasing;
	struct departure *departure = call->own;

	departure->counts = erasing->counts;
	departure->fault = erasing->fault;
}

/* The rooms are next; and what was said until they had forgotten is erased, too. */
static void proceed_erased(struct call *call)
{
	const struct departure *departure = call->own;

	if (departure->fault)
		call_fail(call, 1, reason_code(REASON_UNSTORED), "erased in part: %s; try again",
			  departure->fault);
	else if (departure->forgotten)
		account_erased(call, departure->person.number, end);
	else
		forget_in_rooms(call);
}

static void erasing_done(struct erasing *erasing)
{
	struct stored_inquiry *inquiry =
	    (struct stored_inquiry *)((char *)erasing - offsetof(struct stored_inquiry, erasing));

	inquiry_answer(inquiry->bridge, &inquiry->head);
}

static void erase_stored(struct call *call)
{
	const struct departure *departure = call->own;
	struct store *store = call->calls->bridge->store;
	struct stored_inquiry *inquiry =
	    call_ask_other(call, stored_inquiry_new(call), hear_erased, proceed_erased);

	inquiry->erasing = (struct erasing){ .number = departure->person.number,
					     .name = name_of(&inquiry->person),
					     .counts = departure->counts,
					     .done = erasing_done };
	store->erase(store, &inquiry->erasing);
}

/* ---- out of rooms ---- */

/* To any worker: some of the rooms that it owns, from the one with that place in its table on. */
struct rooms_inquiry {
	struct inquiry head;
	struct deed_person person; /* number 0: to be found */
	size_t from;

	bool more; /* from where from is now */
	struct room_forgotten forgotten;
	uint32_t numbers[ROOMS_AT_ONCE];
	size_t count;
	enum reason reason; /* why one has not forgotten */
};

static void look_at_room(struct worker *worker, struct room_entry *room,
			 struct rooms_inquiry *inquiry)
{
	struct person person = { .number = inquiry->person.number,
				 .name = name_of(&inquiry->person) };
	enum reason reason;

	if (!person.number) {
		inquiry->numbers[inquiry->count++] = room_author(room->room, person.name);
		return;
	}
	reason = order_forget(worker, room, &person, &inquiry->forgotten);
	if (reason != REASON_NONE)
		inquiry->reason = reason;
}

static void look_at_rooms(struct worker *worker, struct inquiry *head)
{
	struct rooms_inquiry *inquiry = (struct rooms_inquiry *)head;
	size_t count = room_table_count(worker->rooms), left = ROOMS_AT_ONCE;

	for (; inquiry->from < count && left > 0; inquiry->from++) {
		struct room_entry *room = room_table_at(worker->rooms, inquiry->from);

		if (room->owner != worker->index || !room->room)
			continue;
		left--;
		look_at_room(worker, room, inquiry);
	}
	inquiry->more = inquiry->from < count;
	if (!inquiry->more)
		trace_forget(worker->trace, inquiry->person.number);
}

static void undo(struct inquiry *head)
{
	((struct rooms_inquiry *)head)->reason = REASON_UNSTORED;
}

static void ask_rooms(struct call *call, void (*hear)(struct call *, struct inquiry *),
		      void (*proceed)(struct call *))
{
	const struct departure *departure = call->own;

	call_wait(call, CALL_ACT_MS, hear, proceed);
	for (unsigned w = 0; w < call->calls->bridge->worker_count; w++) {
		struct rooms_inquiry *inquiry;

		if (!(departure->unfinished & UINT32_C(1) << w))
			continue;
		inquiry = inquiry_new(sizeof(*inquiry), look_at_rooms);
		inquiry->head.undo = undo;
		inquiry->head.expires = true;
		inquiry->person = departure->person;
		inquiry->from = departure->from[w];
		call_ask(call, w, inquiry);
	}
}

static void begin_rooms(struct call *call)
{
	struct departure *departure = call->own;

	memset(departure->from, 0, sizeof(departure->from));
	departure->unfinished = (UINT32_C(1) << call->calls->bridge->worker_count) - 1;
}

static void hear_where(struct departure *departure, const struct rooms_inquiry *inquiry)
{
	unsigned worker = inquiry->head.worker;

	departure->from[worker] = inquiry->from;
	if (!inquiry->more)
		departure->unfinished &= ~(UINT32_C(1) << worker);
}

/* What is stored has been counted there. */
static void hear_forgotten(struct call *call, struct inquiry *head)
{
	const struct rooms_inquiry *inquiry = (const struct rooms_inquiry *)head;
	const struct room_forgotten *forgotten = &inquiry->forgotten;
	struct departure *departure = call->own;

	hear_where(departure, inquiry);
	if (inquiry->reason != REASON_NONE)
		departure->reason = inquiry->reason;
	if (call->calls->bridge->store)
		return;
	departure->counts.messages += forgotten->messages;
	departure->counts.reactions += forgotten->reactions;
	departure->counts.votes += forgotten->votes;
	departure->counts.polls += forgotten->polls;
	departure->counts.marks += forgotten->marks;
}

static void proceed_forgotten(struct call *call)
{
	struct departure *departure = call->own;

	departure->forgotten = true;
	if (call->awaited)
		call_fail_silent(call);
	else if (departure->reason != REASON_NONE)
		call_refuse(call, departure->reason);
	else if (departure->unfinished)
		ask_rooms(call, hear_forgotten, proceed_forgotten);
	else if (call->calls->bridge->store)
		erase_stored(call);
	else
		end(call);
}

static void forget_in_rooms(struct call *call)
{
	begin_rooms(call);
	ask_rooms(call, hear_forgotten, proceed_forgotten);
}

static void erase(struct call *call)
{
	struct departure *departure = call->own;

	departure->claimed = account_claim(call, departure->person.number);
	if (!departure->claimed)
		return;
	issue_erase(call->calls->bridge, departure->person.number);
	if (call->calls->bridge->store)
		erase_stored(call);
	else
		forget_in_rooms(call);
}

/* ---- who ---- */

static void add_number(struct finding *found, uint32_t number)
{
	for (size_t i = 0; i < found->count; i++)
		if (found->numbers[i] == number)
			return;
	if (number && found->count < FINDING_MOST)
		found->numbers[found->count++] = number;
}

static void found(struct call *call)
{
	struct departure *departure = call->own;
	const char *name = request_text(&call->request, "name");
	char *doubt;

	if (departure->found.failed) {
		call_fail(call, 1, "unreadable", "what is stored cannot be read: see the log");
		return;
	}
	doubt = erase_doubt(name, &departure->found);
	if (doubt) {
		call_fail(call, 1,
			  departure->found.count ? "several" : reason_code(REASON_UNKNOWN_PERSON),
			  "%s", doubt);
		free(doubt);
		return;
	}
	departure->person.number = departure->found.numbers[0];
	erase(call);
}

static void hear_authors(struct call *call, struct inquiry *head)
{
	const struct rooms_inquiry *inquiry = (const struct rooms_inquiry *)head;
	struct departure *departure = call->own;

	hear_where(departure, inquiry);
	for (size_t i = 0; i < inquiry->count; i++)
		add_number(&departure->found, inquiry->numbers[i]);
}

static void proceed_authors(struct call *call)
{
	if (call->awaited)
		call_fail_silent(call);
	else if (((struct departure *)call->own)->unfinished)
		ask_rooms(call, hear_authors, proceed_authors);
	else
		found(call);
}

static void hear_found(struct call *call, struct inquiry *head)
{
	const struct finding *finding = &((struct stored_inquiry *)head)->finding;
	struct departure *departure = call->own;

	for (size_t i = 0; i < finding->count; i++)
		add_number(&departure->found, finding->numbers[i]);
	departure->found.failed = finding->failed;
}

static void finding_done(struct finding *finding)
{
	struct stored_inquiry *inquiry =
	    (struct stored_inquiry *)((char *)finding - offsetof(struct stored_inquiry, finding));

	inquiry_answer(inquiry->bridge, &inquiry->head);
}

/* A guest who is here may be another one than who wrote under the name. */
static void find(struct call *call)
{
	struct departure *departure = call->own;
	struct store *store = call->calls->bridge->store;
	struct stored_inquiry *inquiry;

	add_number(&departure->found, departure->person.number);
	departure->person.number = 0;
	if (!store) {
		begin_rooms(call);
		ask_rooms(call, hear_authors, proceed_authors);
		return;
	}
	inquiry = call_ask_other(call, stored_inquiry_new(call), hear_found, found);
	inquiry->finding =
	    (struct finding){ .name = name_of(&inquiry->person), .done = finding_done };
	store->find(store, &inquiry->finding);
}

static void departure_free(void *own)
{
	struct departure *departure = own;

	if (departure->claimed)
		account_free(departure->roster, departure->person.number);
	free(departure);
}

void erase_serve(struct call *call)
{
	const char *name = request_text(&call->request, "name");
	struct departure *departure = memory_zeroed(1, sizeof(*departure));

	departure->roster = call->calls->bridge->roster;
	call->own = departure;
	call->own_free = departure_free;
	if ((!moderation_find(call, name, &departure->person) ||
	     departure->person.number >= GUEST_NUMBER_FIRST) &&
	    name[0] != '#')
		find(call);
	else
		erase(call);
}
