#include "bridge/admin/control/people.h"

#include <jansson.h>
#include <stdlib.h>

#include "bridge/client/membership.h"
#include "bridge/client/session.h"
#include "bridge/core/worker.h"
#include "codecs/text/memory.h"

/* What a worker does in one go: a fraction of a millisecond. */
#define ROWS_MAX  128
#define SLOTS_MAX 2048
#define ROOMS_MAX 32 /* of one connection; who hears every room is in thousands */

struct people_inquiry {
	struct inquiry head;
	struct room_entry *room; /* NULL: all */
	uint32_t slot;           /* from here on; then where to go on, */
	bool more;               /* if there are more */
	json_t *rows;            /* owned */
};

/* own: how far the list is. */
struct list {
	struct room_entry *room;
	unsigned worker;
	uint32_t slot;
	uint64_t count;
	uint32_t silent; /* workers, a bit each */
	json_t *rows;
	bool more;
};

/* ---- a worker's thread ---- */

static json_t *rooms_of(const struct session *session)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < session->membership_count && i < ROOMS_MAX; i++) {
		const struct membership *membership = &session->memberships[i];

		if (membership->in)
			json_array_append_new(array,
					      json_pack("{s:o,s:o}", "room",
							json_of(membership->room->rules.name),
							"roles", json_of_roles(membership->roles)));
	}
	return array;
}

static json_t *row_of(struct session *session)
{
	const struct worker *worker = session->worker;
	char address[ADDRESS_TEXT_MAX];
	uint64_t since_ms = worker->now_ms - (worker->tick_ms - session->opened_tick);

	return json_pack(
	    "{s:o,s:I,s:b,s:s,s:s,s:s,s:o,s:i,s:I,s:I,s:o,s:I}", "name",
	    json_of(session->peer.self.name), "number", (json_int_t)session->peer.self.number,
	    "logged_in", (int)session->peer.logged_in, "dialect", session->codec->name, "mount",
	    session->mount->path, "address", session->transport->address(session->conn, address),
	    "since", json_of_time(since_ms), "worker", (int)worker->index, "queued_messages",
	    (json_int_t)session->outbox.count, "queued_bytes", (json_int_t)session->outbox.bytes,
	    "rooms", rooms_of(session), "room_count", (json_int_t)session->membership_count);
}

static bool is_wanted(struct session *session, const struct room_entry *room)
{
	const struct membership *membership;

	if (!session || session->phase != SESSION_OPEN)
		return false;
	if (!room)
		return true;
	membership = session_membership(session, room);
	return membership && membership->in;
}

static void look(struct worker *worker, struct inquiry *head)
{
	struct people_inquiry *inquiry = (struct people_inquiry *)head;
	uint32_t slot = inquiry->slot, end = slot + SLOTS_MAX;

	inquiry->rows = json_array();
	while (slot < worker->slot_count && slot < end &&
	       json_array_size(inquiry->rows) < ROWS_MAX) {
		struct session *session = worker->slots[slot++];

		if (is_wanted(session, inquiry->room))
			json_array_append_new(inquiry->rows, row_of(session));
	}
	inquiry->slot = slot;
	inquiry->more = slot < worker->slot_count;
}

static void release(struct inquiry *head)
{
	json_decref(((struct people_inquiry *)head)->rows);
	free(head);
}

/* ---- the main thread ---- */

static void ask_next(struct call *call);

static void list_free(void *own)
{
	json_decref(((struct list *)own)->rows);
	free(own);
}

static void hear(struct call *call, struct inquiry *head)
{
	struct people_inquiry *inquiry = (struct people_inquiry *)head;
	struct list *list = call->own;

	list->rows = inquiry->rows;
	inquiry->rows = NULL;
	list->slot = inquiry->slot;
	list->more = inquiry->more;
}

static void end(struct call *call)
{
	const struct list *list = call->own;

	call->awaited = list->silent;
	call_end_list(call, json_pack("{s:I,s:o}", "count", (json_int_t)list->count,
				      "silent_workers", call_silent(call)));
}

static void proceed(struct call *call)
{
	struct list *list = call->own;
	json_t *rows = list->rows;

	list->rows = NULL;
	list->silent |= call->awaited;
	if (!list->more) {
		list->worker++;
		list->slot = 0;
	}
	list->more = false;
	list->count += json_array_size(rows);
	if (json_array_size(rows) > 0) {
		call_rows(call, rows, ask_next);
		return;
	}
	json_decref(rows);
	ask_next(call);
}

static void ask_next(struct call *call)
{
	struct list *list = call->own;
	struct people_inquiry *inquiry;

	if (list->worker == call->calls->bridge->worker_count) {
		end(call);
		return;
	}
	inquiry = inquiry_new(sizeof(*inquiry), look);
	inquiry->head.release = release;
	inquiry->head.shows = true;
	inquiry->room = list->room;
	inquiry->slot = list->slot;
	call_wait(call, CALL_ACT_MS, hear, proceed);
	call_ask(call, list->worker, inquiry);
}

void who_serve(struct call *call)
{
	const char *name = request_text(&call->request, "room");
	struct room_entry *room = NULL;
	struct list *list;

	if (name && !(room = call_find_room(call, name)))
		return;
	list = memory_zeroed(1, sizeof(*list));
	list->room = room;
	call->own = list;
	call->own_free = list_free;
	ask_next(call);
}
