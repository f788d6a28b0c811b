#include "bridge/admin/control/explained/explain.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/admin/control/explained/account.h"
#include "bridge/admin/control/explained/merge.h"
#include "bridge/admin/control/explained/reasons.h"
#include "bridge/core/worker.h"
#include "bridge/net/loop.h"
#include "bridge/trace/find.h"
#include "codecs/text/memory.h"

#define MESSAGES_MOST 50               /* in one answer; more than WORKERS_MAX */
#define SETTLE_US     UINT64_C(500000) /* --follow tells of a message when it is so old */

/* Which are meant. */
struct find_inquiry {
	struct inquiry head;
	struct trace_wanted wanted;
	char room[NAME_BYTES_MAX + 1], name[NAME_BYTES_MAX + 1];
	size_t most, count;
	struct trace_key keys[MESSAGES_MOST];
};

/* What is known of them. */
struct tell_inquiry {
	struct inquiry head;
	size_t count;
	struct trace_key keys[MESSAGES_MOST];
	json_t *accounts[MESSAGES_MOST]; /* owned */
};

/* own */
struct explain {
	bool follows, more; /* more: not all of them are in this answer */
	uint64_t id, until_us;
	size_t most, count;
	struct trace_key keys[MESSAGES_MOST];
	json_t *accounts[MESSAGES_MOST]; /* of each, an array */
	uint32_t silent;
};

/* ---- a worker's thread ---- */

static void find(struct worker *worker, struct inquiry *head)
{
	struct find_inquiry *inquiry = (struct find_inquiry *)head;

	inquiry->count = trace_find(worker->trace, &inquiry->wanted, inquiry->keys, inquiry->most);
}

static void tell(struct worker *worker, struct inquiry *head)
{
	struct tell_inquiry *inquiry = (struct tell_inquiry *)head;

	for (size_t i = 0; worker->trace && i < inquiry->count; i++)
		inquiry->accounts[i] = account_of(worker, &inquiry->keys[i]);
}

static void tell_release(struct inquiry *head)
{
	struct tell_inquiry *inquiry = (struct tell_inquiry *)head;

	for (size_t i = 0; i < inquiry->count; i++)
		json_decref(inquiry->accounts[i]);
	free(inquiry);
}

/* ---- what they said ---- */

static void explain_free(void *own)
{
	struct explain *explain = own;

	for (size_t i = 0; i < MESSAGES_MOST; i++)
		json_decref(explain->accounts[i]);
	free(explain);
}

/* By worker, whoever answers first. */
static void put_account(json_t *accounts, json_t *account)
{
	json_int_t worker = json_integer_value(json_object_get(account, "worker"));
	size_t at = json_array_size(accounts);

	while (at > 0 && json_integer_value(
			     json_object_get(json_array_get(accounts, at - 1), "worker")) > worker)
		at--;
	json_array_insert(accounts, at, account);
}

static void hear_accounts(struct call *call, struct inquiry *head)
{
	struct tell_inquiry *inquiry = (struct tell_inquiry *)head;
	struct explain *explain = call->own;

	for (size_t i = 0; i < inquiry->count; i++)
		if (inquiry->accounts[i])
			put_account(explain->accounts[i], inquiry->accounts[i]);
}

static void end(struct call *call)
{
	const struct explain *explain = call->own;
	json_t *result = json_pack("{s:I}", "count", (json_int_t)explain->count);

	call->awaited |= explain->silent;
	json_object_set_new(result, "silent_workers", call_silent(call));
	if (explain->follows)
		json_object_set_new(result, "cursor", json_integer((json_int_t)explain->until_us));
	if (explain->more)
		json_object_set_new(result, "more", json_true());
	call_end_list(call, result);
}

static void told(struct call *call)
{
	struct explain *explain = call->own;
	json_t *rows = json_array();

	explain->silent |= call->awaited;
	for (size_t i = 0; i < explain->count; i++) {
		json_t *message = merge_accounts(explain->accounts[i]);

		reasons_put(call->calls->bridge, message);
		json_array_append_new(rows, message);
	}
	call_rows(call, rows, end);
}

static void ask_accounts(struct call *call)
{
	struct explain *explain = call->own;

	call_wait(call, CALL_ACT_MS, hear_accounts, told);
	for (unsigned w = 0; w < call->calls->bridge->worker_count; w++) {
		struct tell_inquiry *inquiry = inquiry_new(sizeof(*inquiry), tell);

		inquiry->head.release = tell_release;
		inquiry->head.shows = true;
		inquiry->count = explain->count;
		memcpy(inquiry->keys, explain->keys, sizeof(inquiry->keys));
		call_ask(call, w, inquiry);
	}
}

/* ---- which ---- */

/* Among those of the other workers. Of the same id there is one, which may be known in several
 * places. */
static void take_key(struct explain *explain, const struct trace_key *key)
{
	size_t at = explain->count;

	if (explain->id && explain->count) {
		if (key->record)
			explain->keys[0] = *key;
		return;
	}
	while (at > 0 && (explain->follows ? explain->keys[at - 1].came_us > key->came_us
					   : explain->keys[at - 1].came_us < key->came_us))
		at--;
	if (at == explain->most)
		return;
	if (explain->count == explain->most)
		explain->count--;
	memmove(explain->keys + at + 1, explain->keys + at,
		(explain->count - at) * sizeof(*explain->keys));
	explain->keys[at] = *key;
	explain->count++;
}

static void hear_keys(struct call *call, struct inquiry *head)
{
	const struct find_inquiry *inquiry = (const struct find_inquiry *)head;

	for (size_t i = 0; i < inquiry->count; i++)
		take_key(call->own, &inquiry->keys[i]);
}

/* More than fit into one answer are told in the next: those of one moment together, of which each
 * worker has one. */
static void leave_rest(struct explain *explain)
{
	explain->more = true;
	explain->until_us = explain->keys[explain->count - 1].came_us - 1;
	while (explain->count && explain->keys[explain->count - 1].came_us > explain->until_us)
		explain->count--;
}

static void found(struct call *call)
{
	struct explain *explain = call->own;

	explain->silent = call->awaited;
	if (explain->count == 0 && !explain->follows) {
		if (explain->silent)
			call_fail_silent(call);
		else
			call_fail(call, 1, "unknown_message",
				  "there is no such message among the newest %zu of each thread",
				  call->calls->bridge->limits.traced_messages);
		return;
	}
	if (explain->follows && explain->count == explain->most)
		leave_rest(explain);
	for (size_t i = 0; i < explain->count; i++)
		explain->accounts[i] = json_array();
	if (explain->count == 0)
		end(call);
	else
		ask_accounts(call);
}

/* ---- what is asked ---- */

static bool read_id(struct call *call, const char *text, uint64_t *id)
{
	unsigned char uuid[16];

	*id = 0;
	if (!text)
		return true;
	if (!uuid_parse(slice_of(text), uuid)) {
		*id = strtoull(text, NULL, 10);
		return true;
	}
	if (identity_number(&call->calls->bridge->key, ID_MESSAGE, uuid, id))
		return true;
	call_fail(call, 1, "unknown_message", "that is no id of a message of this server");
	return false;
}

static void fill_who(struct find_inquiry *inquiry, const char *room, const char *from)
{
	struct trace_wanted *wanted = &inquiry->wanted;

	if (room && strlen(room) < sizeof(inquiry->room)) {
		strcpy(inquiry->room, room);
		wanted->room = slice_of(inquiry->room);
	}
	if (from && from[0] == '#') {
		wanted->number = (uint32_t)strtoul(from + 1, NULL, 10);
	} else if (from && strlen(from) < sizeof(inquiry->name)) {
		strcpy(inquiry->name, from);
		wanted->name = slice_of(inquiry->name);
	}
}

static void ask_keys(struct call *call, uint64_t after_us)
{
	const struct explain *explain = call->own;

	call_wait(call, CALL_ACT_MS, hear_keys, found);
	for (unsigned w = 0; w < call->calls->bridge->worker_count; w++) {
		struct find_inquiry *inquiry = inquiry_new(sizeof(*inquiry), find);

		inquiry->head.shows = true;
		inquiry->most = explain->most;
		inquiry->wanted = (struct trace_wanted){ .id = explain->id,
							 .after_us = after_us,
							 .until_us = explain->until_us,
							 .oldest = explain->follows };
		fill_who(inquiry, request_text(&call->request, "room"),
			 request_text(&call->request, "from"));
		call_ask(call, w, inquiry);
	}
}

static bool is_sound(struct call *call, const char *id)
{
	const struct request *request = &call->request;
	bool chooses = request_has(request, "last") || request_has(request, "follow") ||
		       request_text(request, "room") || request_text(request, "from");

	if (call->calls->bridge->limits.traced_messages == 0)
		call_fail(call, 1, "not_kept",
			  "nothing is kept of messages: see explain in the configuration");
	else if (id && chooses)
		call_fail(call, 2, "usage", "give an id, or say which message, not both");
	else if (!id && !chooses)
		call_fail(call, 2, "usage",
			  "which message? Give an id, --last, or --room and --from");
	return !call->over;
}

void explain_serve(struct call *call)
{
	const struct request *request = &call->request;
	const char *id = request_text(request, "id"), *after = request_text(request, "after");
	struct explain *explain = memory_zeroed(1, sizeof(*explain));

	call->own = explain;
	call->own_free = explain_free;
	if (!is_sound(call, id) || !read_id(call, id, &explain->id))
		return;
	explain->follows = request_has(request, "follow");
	explain->most = explain->follows ? MESSAGES_MOST : 1;
	explain->until_us = explain->follows ? clock_steady_ms() * 1000 - SETTLE_US : UINT64_MAX;
	if (explain->follows && !after)
		end(call);
	else
		ask_keys(call, after ? strtoull(after, NULL, 10) : 0);
}
