#include "bridge/admin/control/stored/history.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/core/worker.h"
#include "bridge/durable/store.h"
#include "codecs/text/memory.h"
#include "routes/room/overview.h"

#define COUNT_DEFAULT 50
#define PART          100 /* rows in one line */

/* To the owner of the room, and then to the store. */
struct history_inquiry {
	struct inquiry head;
	struct bridge *bridge;
	struct room_entry *room; /* the call's; NULL: there is none of that name now */
	struct past past;
	char *name; /* owned: past's room */
};

/* own */
struct history {
	struct room_entry *room;
	struct past past; /* what was read */
	size_t told;
	bool begun; /* an empty list is one, too */
};

/* ---- what was read ---- */

struct past history_asked(const char *room, const char *before, const char *count)
{
	return (struct past){ .room = slice_of(room),
			      .before = before ? strtoull(before, NULL, 10) : UINT64_MAX,
			      .wanted = count ? strtoull(count, NULL, 10) : COUNT_DEFAULT,
			      .bare = true };
}

static json_t *row_of(const struct envelope *event)
{
	bool deleted = event->kind == KIND_DELETE, kept = event->text.len > 0;
	json_t *row =
	    json_pack("{s:I,s:o,s:I,s:o,s:I}", "id", (json_int_t)event->id, "time",
		      json_of_time(event->time_ms), "time_ms", (json_int_t)event->time_ms, "author",
		      json_of(event->author.name), "number", (json_int_t)event->author.number);

	if (kept)
		json_object_set_new(row, "text", json_of(event->text));
	if (event->flags & FLAG_ACTION)
		json_object_set_new(row, "action", json_true());
	if (event->flags & FLAG_EDITED)
		json_object_set_new(row, "edited", json_true());
	if (deleted)
		json_object_set_new(row, "deleted", json_true());
	else if (!kept)
		json_object_set_new(row, "kept", json_false());
	return row;
}

json_t *history_rows(const struct past *past, size_t first, size_t count)
{
	json_t *rows = json_array();

	for (size_t i = first; i < past->count && i - first < count; i++)
		json_array_append_new(rows, row_of(past->events[i]));
	return rows;
}

/* ---- telling it ---- */

static void history_free(void *own)
{
	past_clear(&((struct history *)own)->past);
	free(own);
}

static void tell(struct call *call)
{
	struct history *history = call->own;
	size_t first = history->told;

	if (first == history->past.count && history->begun) {
		call_end(call, json_pack("{s:s,s:I}", "room", request_text(&call->request, "room"),
					 "count", (json_int_t)first));
		return;
	}
	history->begun = true;
	history->told = first + PART < history->past.count ? first + PART : history->past.count;
	call_rows(call, history_rows(&history->past, first, PART), tell);
}

static void refuse_room(struct call *call)
{
	call_fail(call, 1, reason_code(REASON_UNKNOWN_ROOM), "there is no room '%s'",
		  request_text(&call->request, "room"));
}

static void end(struct call *call)
{
	const struct history *history = call->own;

	if (call->awaited)
		call_fail_silent(call);
	else if (history->past.failed)
		call_fail(call, 1, "unreadable", "what is stored cannot be read: see the log");
	else if (history->past.unknown && !history->room)
		refuse_room(call);
	else
		tell(call);
}

/* ---- reading it ---- */

static void release(struct inquiry *head)
{
	struct history_inquiry *inquiry = (struct history_inquiry *)head;

	past_clear(&inquiry->past);
	free(inquiry->name);
	free(inquiry);
}

/* What was judged before is stored when this comes back. */
static void recall(struct worker *worker, struct inquiry *head)
{
	struct history_inquiry *inquiry = (struct history_inquiry *)head;
	struct past *past = &inquiry->past;
	struct room *room = inquiry->room->room;

	if (worker->bridge->store || !room)
		return;
	past->events = memory_zeroed(past->wanted, sizeof(*past->events));
	past->count = room_past(room, past->before, past->events, past->wanted);
}

static struct history_inquiry *history_inquiry_new(const struct call *call)
{
	struct history_inquiry *inquiry = inquiry_new(sizeof(*inquiry), recall);
	const struct request *request = &call->request;
	const char *room = request_text(request, "room");

	inquiry->head.release = release;
	inquiry->bridge = call->calls->bridge;
	inquiry->room = ((struct history *)call->own)->room;
	inquiry->name = memory_text(room, strlen(room));
	inquiry->past = history_asked(inquiry->name, request_text(request, "before"),
				      request_text(request, "count"));
	return inquiry;
}

static void take(struct call *call, struct inquiry *head)
{
	struct history_inquiry *inquiry = (struct history_inquiry *)head;
	struct history *history = call->own;

	history->past = inquiry->past;
	inquiry->past = (struct past){ .events = NULL };
}

static void read_done(struct past *past)
{
	struct history_inquiry *inquiry =
	    (struct history_inquiry *)((char *)past - offsetof(struct history_inquiry, past));

	inquiry_answer(inquiry->bridge, &inquiry->head);
}

static void read_stored(struct call *call)
{
	struct store *store = call->calls->bridge->store;
	struct history_inquiry *inquiry;

	if (call->awaited) {
		call_fail_silent(call);
		return;
	}
	inquiry = call_ask_other(call, history_inquiry_new(call), take, end);
	inquiry->past.done = read_done;
	store->read(store, &inquiry->past);
}

void history_serve(struct call *call)
{
	const struct bridge *bridge = call->calls->bridge;
	struct history *history = memory_zeroed(1, sizeof(*history));

	call->own = history;
	call->own_free = history_free;
	history->room =
	    room_table_find(bridge->rooms, slice_of(request_text(&call->request, "room")));
	if (!history->room) {
		if (bridge->store)
			read_stored(call);
		else
			refuse_room(call);
		return;
	}
	call->room = history->room;
	atomic_fetch_add(&call->room->items, 1);
	call_wait(call, CALL_ACT_MS, bridge->store ? NULL : take,
		  bridge->store ? read_stored : end);
	call_ask(call, history->room->owner, history_inquiry_new(call));
}
