#include "bridge/core/capture/capture.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/registry.h"
#include "codecs/text/memory.h"

struct capture *capture_new(const struct capture_ops *ops, uint64_t serial, _Atomic uint64_t *order,
			    const struct redactor *redactor, struct room_entry *room)
{
	struct capture *capture = memory_zeroed(1, sizeof(*capture));

	capture->ops = ops;
	capture->serial = serial;
	capture->order = order;
	capture->redactor = *redactor;
	capture->room = room;
	if (room)
		atomic_fetch_add(&room->items, 1);
	return capture;
}

void capture_free(struct capture *capture)
{
	if (!capture)
		return;
	if (capture->inflate)
		capture->inflate_free(capture->inflate);
	explicit_bzero(&capture->redactor.key, sizeof(capture->redactor.key));
	if (capture->room)
		atomic_fetch_sub(&capture->room->items, 1);
	json_clear(&capture->lines);
	free(capture->told);
	free(capture);
}

/* ---- lines ---- */

static void line_begin(struct capture *capture, uint64_t now_ms)
{
	struct json_writer *w = &capture->lines;

	w->comma = false;
	json_object_open(w);
	json_field_unsigned(w, "n", atomic_fetch_add(capture->order, 1) + 1);
	json_field_unsigned(w, "t", now_ms);
}

static void line_end(struct json_writer *w)
{
	json_object_close(w);
	json_put_literal(w, "\n", 1);
	w->comma = false;
}

static void put_missing(struct capture *capture, uint64_t now_ms)
{
	struct json_writer *w = &capture->lines;

	line_begin(capture, now_ms);
	json_field_string(w, "event", SLICE("dropped"));
	json_field_unsigned(w, "lines", capture->missing);
	line_end(w);
	capture->missing = 0;
}

/* Is there room for a line of that size? */
static bool has_room(struct capture *capture, size_t size, uint64_t now_ms)
{
	if (capture->lines.len + size > CAPTURE_BYTES_MAX) {
		capture->missing++;
		return false;
	}
	if (capture->missing)
		put_missing(capture, now_ms);
	return true;
}

/* A number of its own for each connection there ever was. */
static uint64_t number_of(struct session_ref ref)
{
	return ((uint64_t)ref.generation << 28 | (uint64_t)ref.slot << 4 | ref.worker) & NUMBER_MAX;
}

static void who_begin(struct capture *capture, const struct capture_who *who)
{
	struct json_writer *w = &capture->lines;

	line_begin(capture, who->now_ms);
	json_field_unsigned(w, "connection", number_of(who->ref));
	json_field_string(w, "dialect", who->dialect);
}

/* ---- who is there ---- */

static uint32_t *told_of(struct capture *capture, uint32_t slot)
{
	if (slot >= capture->slots) {
		uint32_t slots = slot + 64;

		capture->told = memory_resize(capture->told, slots * sizeof(*capture->told));
		memset(capture->told + capture->slots, 0,
		       (slots - capture->slots) * sizeof(*capture->told));
		capture->slots = slots;
	}
	return &capture->told[slot];
}

static void put_enters(struct capture *capture, const struct capture_who *who)
{
	struct json_writer *w = &capture->lines;

	who_begin(capture, who);
	json_field_string(w, "event", SLICE("enters"));
	json_key(w, "name");
	redact_name(&capture->redactor, who->person->name, w);
	json_key(w, "roles");
	json_array_open(w);
	for (uint32_t role = 1; person_role_name(role); role <<= 1)
		if (who->person->roles & role)
			json_put_string(w, slice_of(person_role_name(role)));
	json_array_close(w);
	line_end(w);
}

/* Who is logged in is told of before the first frame. Generations begin at 0. */
static void tell_who(struct capture *capture, const struct capture_who *who)
{
	uint32_t *told = told_of(capture, who->ref.slot);

	if (!who->person || *told == who->ref.generation + 1)
		return;
	*told = who->ref.generation + 1;
	put_enters(capture, who);
}

static const struct codec_words *words_of(struct slice dialect)
{
	size_t found = registry_find(dialect);

	return found < DIALECTS_MAX ? registry_codec(found)->words : NULL;
}

void capture_frame(struct capture *capture, const struct capture_who *who, bool in,
		   struct slice frame)
{
	struct json_writer *w = &capture->lines;

	/* What has to be escaped grows. */
	if (!has_room(capture, 2 * frame.len + 512, who->now_ms))
		return;
	tell_who(capture, who);
	who_begin(capture, who);
	json_field_string(w, "direction", in ? SLICE("in") : SLICE("out"));
	json_key(w, "frame");
	redact_frame(&capture->redactor, words_of(who->dialect), frame, !who->person, w);
	line_end(w);
}

void capture_request(struct capture *capture, const struct capture_who *who, struct slice method,
		     struct slice path, struct slice body)
{
	struct json_writer *w = &capture->lines;

	if (!has_room(capture, 2 * (path.len + body.len) + 512, who->now_ms))
		return;
	line_begin(capture, who->now_ms);
	json_field_string(w, "dialect", who->dialect);
	json_field_string(w, "event", SLICE("request"));
	if (who->person) {
		json_key(w, "name");
		redact_name(&capture->redactor, who->person->name, w);
	}
	json_field_string(w, "method", method);
	json_field_string(w, "path", path);
	json_key(w, "body");
	if (body.len)
		redact_frame(&capture->redactor, words_of(who->dialect), body, !who->person, w);
	else
		json_put_null(w);
	line_end(w);
}

void capture_gone(struct capture *capture, const struct capture_who *who)
{
	uint32_t *told = told_of(capture, who->ref.slot);

	if (*told != who->ref.generation + 1 || !has_room(capture, 256, who->now_ms))
		return;
	*told = 0;
	who_begin(capture, who);
	json_field_string(&capture->lines, "event", SLICE("leaves"));
	line_end(&capture->lines);
}

char *capture_take(struct capture *capture, size_t *len)
{
	char *lines = capture->lines.data;

	*len = capture->lines.len;
	if (*len == 0)
		return NULL;
	capture->lines = (struct json_writer){ .data = NULL };
	return lines;
}
