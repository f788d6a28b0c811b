#include "bridge/doors/record.h"

#include <string.h>

#include "bridge/core/capture/capture.h"
#include "bridge/trace/trace.h"

static void put(struct json_writer *w, struct slice text)
{
	if (text.len)
		json_put_literal(w, text.data, text.len);
}

/* ---- for a capture ---- */

/* The path as its row has it, with what stands at its places where that says nothing of anybody. */
static void put_path(const struct visit *visit, const struct redactor *redactor,
		     struct json_writer *w)
{
	const char *at = visit->row->pattern;
	size_t part = 0;

	put(w, slice_of(visit->mount->codec->http->prefixes[visit->said.prefix]));
	while (*at) {
		size_t plain = strcspn(at, "{"), place = 0;

		put(w, slice_span(at, plain));
		at += plain;
		if (*at)
			place = strcspn(at, "}") + 1;
		if (place && part < visit->said.part_count &&
		    (redactor->bodies || redact_is_id(redactor, visit->said.parts[part])))
			put(w, visit->said.parts[part]);
		else
			put(w, slice_span(at, place));
		part += place > 0;
		at += place;
	}
}

static void capture(const struct visit *visit, const struct room_entry *room)
{
	struct capture *capture = visit->worker->capture;
	struct capture_who who = { .dialect = slice_of(visit->mount->codec->name),
				   .person = visit->peer.self.number ? &visit->peer.self : NULL,
				   .now_ms = visit->worker->now_ms };
	struct json_writer path;

	if (!capture || (capture->room && capture->room != room))
		return;
	json_start(&path, 0, 256);
	put_path(visit, &capture->redactor, &path);
	capture_request(capture, &who, call_method_text(visit->said.method),
			slice_span(path.data, path.len), visit->said.body);
	json_clear(&path);
}

/* ---- for explain ---- */

/* Not the query: it is where secrets stand. */
static void put_call(const struct visit *visit, struct json_writer *w)
{
	const struct redactor redactor = { .key = visit->worker->bridge->key,
					   .ids = &visit->worker->bridge->key,
					   .bodies = true };

	put(w, call_method_text(visit->said.method));
	put(w, SLICE(" "));
	put(w, visit->said.path);
	if (!visit->said.body.len)
		return;
	put(w, SLICE(" "));
	w->comma = false;
	redact_frame(&redactor, visit->mount->codec->words, visit->said.body, false, w);
}

void record_begin(const struct visit *visit, const struct room_entry *room,
		  struct json_writer *kept)
{
	capture(visit, room);
	*kept = (struct json_writer){ .data = NULL };
	if (!visit->worker->trace)
		return;
	json_start(kept, 0, visit->said.path.len + visit->said.body.len + 128);
	put_call(visit, kept);
	trace_reads(visit->worker->trace, slice_span(kept->data, kept->len),
		    !visit->mount->codec->forbids_history);
}

void record_end(const struct visit *visit, struct json_writer *kept)
{
	trace_read(visit->worker->trace);
	json_clear(kept);
}

void record_refused(const struct visit *visit, const struct envelope *draft, enum reason reason)
{
	struct trace_source source = { .origin = visit->mount->dialect, .asker = ASKER_CALL };
	struct envelope event = *draft;

	event.author = visit->peer.self;
	event.origin.instance = slice_of(visit->mount->path);
	(void)trace_came(visit->worker->trace, &source, &event, visit->worker->now_ms, reason);
}
