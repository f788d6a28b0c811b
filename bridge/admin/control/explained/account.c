#include "bridge/admin/control/explained/account.h"

#include <jansson.h>

#include "bridge/admin/control/calls.h"
#include "bridge/admin/control/explained/steps.h"
#include "codecs/backend/wire.h"
#include "codecs/form.h"
#include "codecs/registry.h"

static void set(json_t *object, const char *name, uint64_t value)
{
	json_object_set_new(object, name, json_integer((json_int_t)value));
}

/* ---- how it came in ---- */

static void put_origin(json_t *said, const struct trace_life *life)
{
	json_t *place = json_of(trace_life_path(life));

	if (life->origin == ROUTE_FROM_BACKEND) {
		json_object_set_new(said, "by", json_string("backend"));
		json_object_set_new(said, "backend", place);
	} else if (life->origin == ROUTE_FROM_UPSTREAM) {
		json_object_set_new(said, "by", json_string("upstream"));
		json_object_set_new(said, "upstream", place);
	} else {
		json_object_set_new(said, "by",
				    json_string(life->asker == ASKER_CALL ? "http" : "connection"));
		json_object_set_new(said, "dialect",
				    json_string(registry_codec(life->origin)->name));
		json_object_set_new(said, "mount", place);
	}
}

/* Bytes of a frame: what was not text is not shown as such. */
static json_t *bytes_as_text(const char *bytes, size_t len)
{
	json_t *text = json_stringn(bytes, len);

	/* It may have been clipped within a character. */
	for (size_t cut = 1; !text && cut < 4 && cut < len; cut++)
		text = json_stringn(bytes, len - cut);
	return text ? text : json_null();
}

static const char *kind_of(const struct trace_life *life)
{
	return life->kind == TRACE_INVALID ? "invalid"
					   : envelope_kind_name((enum envelope_kind)life->kind);
}

static json_t *life_of(const struct trace_life *life)
{
	json_t *said =
	    json_pack("{s:I,s:I,s:s,s:o,s:I,s:o,s:o}", "us", (json_int_t)life->came_us, "time_ms",
		      (json_int_t)life->came_ms, "kind", kind_of(life), "name",
		      json_of(trace_life_name(life)), "number", (json_int_t)life->number, "roles",
		      json_of_roles(life->roles), "room", json_of(trace_life_room(life)));

	put_origin(said, life);
	if (life->target)
		set(said, "target", life->target);
	if (life->flags & FLAG_PRIVATE)
		json_object_set_new(said, "private", json_true());
	if (life->flags & FLAG_ACTION)
		json_object_set_new(said, "action", json_true());
	set(said, "text_bytes", life->text_bytes);
	if (life->frame_bytes)
		set(said, "frame_bytes", life->frame_bytes);
	if (life->body)
		json_object_set_new(said, "frame", bytes_as_text(life->body, life->body_bytes));
	if (life->reason != REASON_NONE)
		json_object_set_new(said, "reason", json_string(reason_code(life->reason)));
	return said;
}

/* ---- its place ---- */

static json_t *order_of(const struct worker *worker, const struct trace_order *order)
{
	char text[UUID_TEXT_LEN];
	unsigned char uuid[16];
	json_t *said;

	identity_uuid(&worker->bridge->key, ID_MESSAGE, order->id, 0, uuid);
	uuid_print(uuid, text);
	said = json_pack("{s:s,s:I,s:I,s:I,s:o,s:o,s:s,s:o,s:I,s:I}", "what", "ordered", "us",
			 (json_int_t)order->us, "worker", (json_int_t)worker->index, "id",
			 (json_int_t)order->id, "uuid", json_of(slice_span(text, UUID_TEXT_LEN)),
			 "room", json_of(trace_order_room(order)), "kind",
			 envelope_kind_name((enum envelope_kind)order->kind), "name",
			 json_of(trace_order_name(order)), "number", (json_int_t)order->number,
			 "time_ms", (json_int_t)order->time_ms);
	if (order->sequence)
		set(said, "sequence", order->sequence);
	if (order->target)
		set(said, "target", order->target);
	return said;
}

/* ---- destinations ---- */

static json_t *frames_of(const struct frame *frame)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < frame->messages; i++) {
		struct slice payload = frame_payload(frame, i);

		json_array_append_new(array, bytes_as_text(payload.data, payload.len));
	}
	return array;
}

/* What is compressed is shown as it was before. */
static void put_frames(json_t *said, const struct trace_spread *spread, const struct trace_row *row)
{
	uint32_t form = form_is_shared(row->form) && form_is_compressed(row->form)
			    ? form_plain(row->form)
			    : row->form;
	const struct broadcast *broadcast = spread->broadcast;

	for (uint32_t a = 0; broadcast && a < broadcast->audiences; a++) {
		const struct rendition *made = broadcast_find(broadcast, form, (enum audience)a);

		if (!made || !made->frame || made->outcome != row->outcome)
			continue;
		json_object_set_new(said, "frames", frames_of(made->frame));
		return;
	}
}

static void put_form(json_t *said, uint32_t form)
{
	json_object_set_new(said, "dialect", json_string(registry_codec(form_dialect(form))->name));
	if (!form_is_shared(form))
		json_object_set_new(said, "form", json_string("alone"));
	else if (form_is_compressed(form))
		json_object_set_new(said, "form", json_string("compressed"));
	else
		json_object_set_new(said, "form", json_string("plain"));
}

static json_t *row_of(const struct worker *worker, const struct trace_spread *spread,
		      const struct trace_row *row)
{
	json_t *said = json_pack(
	    "{s:i,s:I,s:s,s:I,s:I,s:I}", "worker", (int)worker->index, "id", (json_int_t)spread->id,
	    "outcome", outcome_name((enum outcome)row->outcome), "count", (json_int_t)row->count,
	    "first_us", (json_int_t)(spread->us + row->first_us), "last_us",
	    (json_int_t)(spread->us + row->last_us));

	put_form(said, row->form);
	put_frames(said, spread, row);
	return said;
}

/* Those without a row, and those that are not through yet. */
static void put_rest(json_t *rows, const struct worker *worker, const struct trace_spread *spread)
{
	if (spread->others)
		json_array_append_new(rows,
				      json_pack("{s:i,s:I,s:s,s:I}", "worker", (int)worker->index,
						"id", (json_int_t)spread->id, "outcome", "others",
						"count", (json_int_t)spread->others));
	if (spread->in_flight)
		json_array_append_new(
		    rows, json_pack("{s:i,s:I,s:s,s:I}", "worker", (int)worker->index, "id",
				    (json_int_t)spread->id, "outcome", "in_flight", "count",
				    (json_int_t)spread->in_flight));
}

static json_t *missed_of(const struct worker *worker, const struct trace_spread *spread,
			 const struct trace_missed *missed)
{
	json_t *said = json_pack(
	    "{s:i,s:I,s:o,s:I,s:s,s:I}", "worker", (int)worker->index, "id", (json_int_t)spread->id,
	    "name", json_of(slice_span(missed->name, missed->name_len)), "number",
	    (json_int_t)missed->number, "outcome", outcome_name((enum outcome)missed->outcome),
	    "us", (json_int_t)(spread->us + missed->us));

	put_form(said, missed->form);
	return said;
}

static void put_spread(json_t *account, const struct worker *worker,
		       const struct trace_spread *spread)
{
	json_t *rows = json_object_get(account, "destinations");
	json_t *missed = json_object_get(account, "missed");
	const struct trace_missed *one;
	size_t at = 0;

	for (uint32_t i = 0; i < spread->row_count; i++)
		json_array_append_new(rows, row_of(worker, spread, &spread->rows[i]));
	put_rest(rows, worker, spread);
	while ((one = trace_next_missed(worker->trace, spread->told, &at)))
		json_array_append_new(missed, missed_of(worker, spread, one));
	set(account, "missed_in_all",
	    (uint64_t)json_integer_value(json_object_get(account, "missed_in_all")) +
		spread->missed);
}

static void put_envelope(json_t *account, const struct trace_spread *spread)
{
	struct json_writer w;
	json_t *envelope;

	if (!spread->broadcast || json_object_get(account, "envelope"))
		return;
	json_start(&w, 0, 256 + spread->broadcast->event->text.len);
	wire_put_envelope(&w, spread->broadcast->event);
	envelope = json_loadb(w.data, w.len, 0, NULL);
	json_clear(&w);
	if (envelope)
		json_object_set_new(account, "envelope", envelope);
}

/* ---- all of it ---- */

static void put_notes(json_t *account, const struct worker *worker, const struct trace_key *key,
		      const struct trace_life *life)
{
	json_t *steps = json_object_get(account, "steps"),
	       *about = json_object_get(account, "about");
	const struct trace_order *order;
	const struct trace_note *note;
	size_t at = 0;

	while ((note = trace_next_note(worker->trace, key, &at)))
		json_array_append_new(steps, step_of(worker, note, life));
	at = 0;
	while ((order = trace_next_order(worker->trace, key, &at)))
		json_array_append_new(steps, order_of(worker, order));
	at = 0;
	while (key->id && (order = trace_next_about(worker->trace, key->id, &at)))
		json_array_append_new(about, order_of(worker, order));
}

json_t *account_of(const struct worker *worker, const struct trace_key *key)
{
	const struct trace_life *life = trace_life_of(worker->trace, key);
	const struct trace_spread *spread;
	json_t *account = json_pack("{s:i,s:I,s:[],s:[],s:[],s:[]}", "worker", (int)worker->index,
				    "whole_us", (json_int_t)trace_whole_since_us(worker->trace),
				    "steps", "destinations", "missed", "about");
	size_t at = 0;

	if (life)
		json_object_set_new(account, "life", life_of(life));
	put_notes(account, worker, key, life);
	while ((spread = trace_next_spread(worker->trace, key, &at))) {
		put_spread(account, worker, spread);
		put_envelope(account, spread);
	}
	return account;
}
