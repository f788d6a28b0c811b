#include "bridge/admin/control/calls.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bridge/core/log/log.h"
#include "bridge/core/worker.h"
#include "bridge/durable/store.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"

#define LOG_TEXT_MAX 512
#define ANSWER_MS    1000 /* for an answer's way back */

_Static_assert(ANSWER_MS < CALL_ACT_MS, "there is time before that");

/* ---- what waits ---- */

static void release(struct inquiry *inquiry)
{
	free(inquiry);
}

void *inquiry_new(size_t size, void (*carry_out)(struct worker *, struct inquiry *))
{
	struct inquiry *inquiry = memory_zeroed(1, size);

	inquiry->carry_out = carry_out;
	inquiry->release = release;
	return inquiry;
}

void call_wait(struct call *call, uint64_t ms, void (*hear)(struct call *, struct inquiry *),
	       void (*proceed)(struct call *))
{
	call->serial = ++call->calls->serial;
	call->awaited = 0;
	call->deadline_ms = call->calls->now_ms + ms;
	call->hear = hear;
	call->proceed = proceed;
}

void call_ask(struct call *call, unsigned worker, void *inquiry)
{
	struct post_inquiry *post = post_new(POST_INQUIRY);

	post->inquiry = inquiry;
	post->inquiry->serial = call->serial;
	post->inquiry->worker = worker;
	post->inquiry->deadline_ms = call->deadline_ms - ANSWER_MS;
	call->awaited |= UINT32_C(1) << worker;
	mailbox_post(&call->calls->bridge->workers[worker]->box, &post->post);
}

void *call_ask_other(struct call *call, void *inquiry,
		     void (*hear)(struct call *, struct inquiry *), void (*proceed)(struct call *))
{
	struct inquiry *asked = inquiry;

	call_wait(call, 0, hear, proceed);
	call->deadline_ms = UINT64_MAX;
	call->awaited = 1;
	asked->serial = call->serial;
	return asked;
}

void inquiry_answer(struct bridge *bridge, struct inquiry *inquiry)
{
	struct post_inquiry *post = post_new(POST_INQUIRED);

	post->inquiry = inquiry;
	mailbox_post(&bridge->main_box, &post->post);
}

void call_wait_until(struct call *call, bool (*ready)(struct call *),
		     void (*proceed)(struct call *))
{
	call->serial = 0;
	call->ready = ready;
	call->proceed = proceed;
}

static void calls_kept(struct lasting *lasting)
{
	struct calls *calls = lasting->owner;
	struct call *call = calls->first;
	void (*kept)(struct call *, const struct lasting *);

	while (call && (call->over || !call->kept || call->serial != lasting->serial))
		call = call->next;
	if (!call)
		return;
	kept = call->kept;
	call->kept = NULL;
	call->serial = 0;
	kept(call, lasting);
	calls_look(calls);
}

bool call_keeps(struct call *call, const char *what)
{
	if (call->calls->bridge->store)
		return true;
	call_fail(call, 1, "not_kept",
		  "%s are kept in the state folder, and this server has none: it needs state, and "
		  "storage with engine sqlite",
		  what);
	return false;
}

/* Where no server runs it is heard at once. */
void call_keep(struct call *call, struct lasting *lasting,
	       void (*kept)(struct call *, const struct lasting *))
{
	struct bridge *bridge = call->calls->bridge;

	call->serial = ++call->calls->serial;
	call->awaited = 0;
	call->deadline_ms = UINT64_MAX;
	call->kept = kept;
	lasting->owner = call->calls;
	lasting->serial = call->serial;
	lasting->hear = calls_kept;
	bridge->store->keep(bridge, lasting);
}

static void go_on(struct call *call)
{
	call->serial = 0;
	call->ready = NULL;
	call->writing = false;
	call->proceed(call);
}

void calls_hear(struct calls *calls, struct post_inquiry *post)
{
	struct inquiry *inquiry = post->inquiry;
	struct call *call = calls->first;

	while (call && (call->over || call->serial != inquiry->serial))
		call = call->next;
	if (!call)
		return;
	/* Who was late counts as one who does not answer. */
	if (inquiry->late)
		return;
	call->awaited &= ~(UINT32_C(1) << inquiry->worker);
	if (call->hear)
		call->hear(call, inquiry);
	if (call->awaited == 0)
		go_on(call);
}

void calls_look(struct calls *calls)
{
	for (struct call *call = calls->first; call; call = call->next)
		if (!call->over && call->ready && call->ready(call))
			go_on(call);
}

static void send_line(struct call *call, json_t *line, bool last)
{
	char *text = json_dumps(line, JSON_COMPACT);
	size_t len;

	json_decref(line);
	if (!text)
		abort();
	len = strlen(text);
	text = memory_resize(text, len + 1);
	text[len++] = '\n';
	call->said_ms = call->calls->now_ms;
	if (call->peer)
		call->calls->send(call->peer, text, len, last);
	free(text);
}

void calls_tick(struct calls *calls)
{
	for (struct call *call = calls->first; call; call = call->next) {
		if (!call->over && call->serial && calls->now_ms >= call->deadline_ms)
			go_on(call);
		if (!call->over && calls->now_ms - call->said_ms >= CALL_SIGN_MS)
			send_line(call, json_pack("{s:b}", "waiting", 1), false);
	}
}

void call_written(struct call *call)
{
	if (call->writing && !call->over)
		go_on(call);
}

/* ---- what is said ---- */

void call_rows(struct call *call, json_t *rows, void (*proceed)(struct call *))
{
	call->proceed = proceed;
	if (!call->peer) {
		json_decref(rows);
		call->over = true;
		return;
	}
	call->writing = true;
	call->listed = true;
	send_line(call, json_pack("{s:o}", "rows", rows), false);
}

/* What is only shown is nobody else's business. code: of a failure; NULL: it is done. */
static void log_end(const struct call *call, const char *code)
{
	struct log_fields fields = { .event = "command", .reason = code };
	char text[LOG_TEXT_MAX];

	if (request_changes(&call->request))
		log_event(LOG_INFO, &fields, "control: uid %u, pid %d: %s: %s", call->uid,
			  call->pid, request_print(&call->request, text, sizeof(text)),
			  code ? code : "done");
}

void call_end(struct call *call, json_t *result)
{
	log_end(call, NULL);
	send_line(call, json_pack("{s:b,s:o}", "ok", 1, "result", result), true);
	call->over = true;
}

void call_end_list(struct call *call, json_t *result)
{
	if (!call->listed)
		send_line(call, json_pack("{s:[]}", "rows"), false);
	call_end(call, result);
}

static json_t *refusal(const char *code, const char *text, int exit_code)
{
	return json_pack("{s:b,s:s,s:o,s:i}", "ok", 0, "error", code, "text",
			 json_of(slice_of(text)), "exit", exit_code);
}

void call_fail(struct call *call, int exit_code, const char *code, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		abort();
	va_end(arguments);
	log_end(call, code);
	send_line(call, refusal(code, text, exit_code), true);
	free(text);
	call->over = true;
}

size_t calls_refusal(char *line, size_t size, const char *code, const char *text, int exit_code)
{
	json_t *made = refusal(code, text, exit_code);
	size_t len = json_dumpb(made, line, size - 1, JSON_COMPACT);

	json_decref(made);
	if (len >= size)
		abort();
	line[len] = '\n';
	return len + 1;
}

void call_refuse(struct call *call, enum reason reason)
{
	call_fail(call, 1, reason_code(reason), "%s", reason_text(reason));
}

void call_fail_silent(struct call *call)
{
	char list[8 * WORKERS_MAX] = "";
	size_t len = 0;

	for (unsigned w = 0; w < WORKERS_MAX; w++)
		if (call->awaited & UINT32_C(1) << w)
			len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%u",
						len > 0 ? ", " : "", w);
	/* What was done in time may wait for the store. */
	if (request_changes(&call->request) && call->calls->bridge->store)
		call_fail(call, 1, "no_answer",
			  "no answer of worker %s: it may have been done all the same", list);
	else
		call_fail(call, 1, "no_answer", "not done: no answer of worker %s", list);
}

json_t *call_silent(const struct call *call)
{
	json_t *array = json_array();

	for (unsigned w = 0; w < WORKERS_MAX; w++)
		if (call->awaited & UINT32_C(1) << w)
			json_array_append_new(array, json_integer(w));
	return array;
}

struct room_entry *call_find_room(struct call *call, const char *name)
{
	call->room = room_table_find(call->calls->bridge->rooms, slice_of(name));
	if (call->room)
		atomic_fetch_add(&call->room->items, 1);
	else
		call_fail(call, 1, reason_code(REASON_UNKNOWN_ROOM), "there is no room '%s'", name);
	return call->room;
}

/* ---- beginning and end ---- */

struct call *call_new(struct calls *calls, struct request *request, void *peer, unsigned uid,
		      int pid)
{
	struct call *call = memory_zeroed(1, sizeof(*call));

	call->calls = calls;
	call->request = *request;
	*request = (struct request){ .verb = NULL };
	call->peer = peer;
	call->said_ms = calls->now_ms;
	call->uid = uid;
	call->pid = pid;
	call->next = calls->first;
	calls->first = call;
	return call;
}

void call_orphan(struct call *call)
{
	call->peer = NULL;
	if (!request_changes(&call->request))
		call->over = true;
	else if (call->writing)
		go_on(call);
}

static void call_free(struct call *call)
{
	if (call->own_free)
		call->own_free(call->own);
	if (call->room)
		atomic_fetch_sub(&call->room->items, 1);
	request_clear(&call->request);
	free(call);
}

void calls_sweep(struct calls *calls)
{
	struct call **link = &calls->first;

	while (*link) {
		struct call *call = *link;

		if (!call->over) {
			link = &call->next;
			continue;
		}
		*link = call->next;
		call_free(call);
	}
}

void calls_close(struct calls *calls)
{
	for (struct call *call = calls->first; call; call = call->next)
		if (!call->over)
			call_fail(call, 1, reason_code(REASON_CLOSING),
				  "the server is shutting down");
	calls_sweep(calls);
}

void calls_clear(struct calls *calls)
{
	for (struct call *call = calls->first; call; call = call->next)
		call->over = true;
	calls_sweep(calls);
}

/* ---- JSON ---- */

json_t *json_of_roles(uint32_t roles)
{
	json_t *array = json_array();

	for (uint32_t role = 1; role && role <= roles; role <<= 1)
		if (roles & role && person_role_name(role))
			json_array_append_new(array, json_string(person_role_name(role)));
	return array;
}

json_t *json_of(struct slice text)
{
	json_t *made = json_stringn(text.data ? text.data : "", text.len);
	char *escaped;

	if (made)
		return made;
	escaped = memory_new(4 * text.len + 4);
	made = json_string(text_escape(text, escaped, 4 * text.len + 4));
	free(escaped);
	return made;
}

json_t *json_of_time(uint64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	char text[32];
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	return json_string(text);
}
