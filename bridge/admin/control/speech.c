#include "bridge/admin/control/speech.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/admin/control/deeds.h"
#include "bridge/admin/control/moderation.h"
#include "codecs/text/memory.h"

/* own */
struct speech {
	struct deed deed;
	struct room_entry *room; /* NULL: everywhere */
	enum reason reason;
	uint32_t roles;
	size_t from[WORKERS_MAX];
	uint32_t unfinished, silent; /* workers: a bit each */
	size_t rooms;
	json_t *rows;
};

static void speech_free(void *own)
{
	struct speech *speech = own;

	deed_clear(&speech->deed);
	json_decref(speech->rows);
	free(speech);
}

static struct speech *speech_new(struct call *call, enum envelope_kind kind)
{
	struct speech *speech = memory_zeroed(1, sizeof(*speech));

	speech->deed.kind = kind;
	call->own = speech;
	call->own_free = speech_free;
	return speech;
}

static struct slice name_of(const struct speech *speech)
{
	return slice_span(speech->deed.person.name, speech->deed.person.name_len);
}

/* ---- one room ---- */

static void hear_one(struct call *call, struct inquiry *head)
{
	const struct deed_inquiry *inquiry = (const struct deed_inquiry *)head;
	struct speech *speech = call->own;

	speech->reason = inquiry->reason;
	speech->roles = inquiry->roles;
}

static bool has_failed(struct call *call)
{
	const struct speech *speech = call->own;

	if (call->awaited)
		call_fail_silent(call);
	else if (speech->reason != REASON_NONE)
		call_refuse(call, speech->reason);
	else
		return false;
	return true;
}

static void ask_one(struct call *call, void (*proceed)(struct call *))
{
	struct speech *speech = call->own;

	call_wait(call, CALL_ACT_MS, hear_one, proceed);
	call_ask(call, speech->room->owner, deed_inquiry_new(&speech->deed, speech->room));
}

/* ---- say ---- */

static void said(struct call *call)
{
	const struct speech *speech = call->own;

	if (!has_failed(call))
		call_end(call, json_pack("{s:o}", "room", json_of(speech->room->rules.name)));
}

void say_serve(struct call *call)
{
	const char *text = request_text(&call->request, "text");
	struct speech *speech = speech_new(call, KIND_NOTICE);

	speech->room = call_find_room(call, request_text(&call->request, "room"));
	if (!speech->room)
		return;
	speech->deed.text = memory_text(text, strlen(text));
	ask_one(call, said);
}

/* ---- roles: shown ---- */

static void ask_standings(struct call *call);

static json_t *seconds_of(uint64_t ms)
{
	return ms == UINT64_MAX ? json_true() : json_integer((json_int_t)((ms + 999) / 1000));
}

static json_t *row_of(const struct room_entry *room, const struct room_standing *standing)
{
	json_t *row = json_pack("{s:o,s:b,s:o}", "room", json_of(room->rules.name), "present",
				(int)standing->present, "roles", json_of_roles(standing->roles));

	if (standing->banned_by_rules || standing->banned_ms)
		json_object_set_new(
		    row, "banned",
		    seconds_of(standing->banned_by_rules ? UINT64_MAX : standing->banned_ms));
	if (standing->muted_ms)
		json_object_set_new(row, "muted", seconds_of(standing->muted_ms));
	return row;
}

static void hear_standings(struct call *call, struct inquiry *head)
{
	const struct standings_inquiry *inquiry = (const struct standings_inquiry *)head;
	struct speech *speech = call->own;

	speech->from[head->worker] = inquiry->from;
	if (!inquiry->more)
		speech->unfinished &= ~(UINT32_C(1) << head->worker);
	for (size_t i = 0; i < inquiry->count; i++)
		if (!speech->room || speech->room == inquiry->each[i].room)
			json_array_append_new(speech->rows, row_of(inquiry->each[i].room,
								   &inquiry->each[i].standing));
}

static void end_standings(struct call *call)
{
	struct speech *speech = call->own;

	call->awaited = speech->silent;
	call_end(call, json_pack("{s:o,s:I,s:o,s:o}", "name", json_of(name_of(speech)), "number",
				 (json_int_t)speech->deed.person.number, "silent_workers",
				 call_silent(call), "rooms", json_incref(speech->rows)));
}

static void proceed_standings(struct call *call)
{
	struct speech *speech = call->own;

	speech->silent |= call->awaited;
	speech->unfinished &= ~call->awaited;
	if (speech->unfinished)
		ask_standings(call);
	else
		end_standings(call);
}

static void ask_standings(struct call *call)
{
	struct speech *speech = call->own;

	call_wait(call, CALL_ACT_MS, hear_standings, proceed_standings);
	for (unsigned w = 0; w < call->calls->bridge->worker_count; w++)
		if (speech->unfinished & UINT32_C(1) << w)
			call_ask(call, w,
				 standings_inquiry_new(&speech->deed.person, speech->from[w]));
}

static void show_roles(struct call *call)
{
	struct speech *speech = call->own;

	speech->rows = json_array();
	speech->unfinished = (UINT32_C(1) << call->calls->bridge->worker_count) - 1;
	ask_standings(call);
}

/* ---- roles: changed, then shown ---- */

static void changed_one(struct call *call)
{
	if (!has_failed(call))
		show_roles(call);
}

static void change_everywhere(struct call *call);

static void hear_changes(struct call *call, struct inquiry *head)
{
	const struct everywhere_inquiry *inquiry = (const struct everywhere_inquiry *)head;
	struct speech *speech = call->own;

	speech->rooms += inquiry->done;
	speech->from[head->worker] = inquiry->from;
	if (!inquiry->more)
		speech->unfinished &= ~(UINT32_C(1) << head->worker);
}

static void proceed_changes(struct call *call)
{
	struct speech *speech = call->own;

	speech->silent |= call->awaited;
	speech->unfinished &= ~call->awaited;
	if (speech->unfinished) {
		change_everywhere(call);
		return;
	}
	if (speech->rooms == 0 && speech->silent) {
		call->awaited = speech->silent;
		call_fail_silent(call);
		return;
	}
	if (speech->rooms == 0) {
		call_fail(call, 1, reason_code(REASON_UNKNOWN_PERSON), "'%s' is in no room",
			  request_text(&call->request, "name"));
		return;
	}
	memset(speech->from, 0, sizeof(speech->from));
	show_roles(call);
}

static void change_everywhere(struct call *call)
{
	struct speech *speech = call->own;

	call_wait(call, CALL_ACT_MS, hear_changes, proceed_changes);
	for (unsigned w = 0; w < call->calls->bridge->worker_count; w++)
		if (speech->unfinished & UINT32_C(1) << w)
			call_ask(call, w, everywhere_inquiry_new(&speech->deed, speech->from[w]));
}

static void change_roles(struct call *call)
{
	struct speech *speech = call->own;

	if (speech->room) {
		ask_one(call, changed_one);
		return;
	}
	speech->unfinished = (UINT32_C(1) << call->calls->bridge->worker_count) - 1;
	change_everywhere(call);
}

void roles_serve(struct call *call)
{
	const char *words[REQUEST_WORDS_MAX], *name = request_text(&call->request, "name");
	const char *room = request_text(&call->request, "room");
	size_t count = request_words(&call->request, "change", words);
	struct speech *speech = speech_new(call, KIND_USER_UPDATE);

	if (room && !(speech->room = call_find_room(call, room)))
		return;
	if (!moderation_find(call, name, &speech->deed.person)) {
		call_fail(call, 1, reason_code(REASON_UNKNOWN_PERSON),
			  "'%s' is not connected, and has no account", name);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		uint32_t role = person_role_find(slice_of(words[i] + 1));

		if (words[i][0] == '+')
			speech->deed.give |= role;
		else
			speech->deed.take |= role;
	}
	if (count > 0)
		change_roles(call);
	else
		show_roles(call);
}
