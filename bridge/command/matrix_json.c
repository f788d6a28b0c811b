#include "bridge/command/matrix_json.h"

#include "codecs/calls.h"
#include "codecs/registry.h"
#include "codecs/text/json_write.h"
#include "routes/deliver/matrix.h"

static const char *const forms[] = {
	[MATRIX_OWN] = "own", [MATRIX_TEXT] = "text",       [MATRIX_WORDS] = "words",
	[MATRIX_NOT] = "not", [MATRIX_REFUSED] = "refused",
};

static const char *const classes[] = {
	[CARRIED_NATIVE] = "native",
	[CARRIED_DEGRADED] = "degraded",
	[CARRIED_LOST] = "impossible",
};

static void put_fields(struct json_writer *w, const struct matrix_way *way, enum event_case of)
{
	json_key(w, "fields");
	json_array_open(w);
	for (enum event_field field = FIELD_EVENT + 1; field < EVENT_FIELDS; field++) {
		struct matrix_field one;

		if (!(case_fields(of) >> field & 1))
			continue;
		one = matrix_field(way, of, field);
		json_object_open(w);
		json_field_string(w, "field", slice_of(field_name(field)));
		json_field_string(w, "carried", slice_of(classes[one.carried]));
		if (one.carried != CARRIED_NATIVE)
			json_field_string(w, "how", slice_of(one.how));
		json_object_close(w);
	}
	json_array_close(w);
}

static void put_case(struct json_writer *w, const struct matrix_way *way, enum event_case of)
{
	struct matrix_event event = matrix_event(way, of);

	json_object_open(w);
	json_field_string(w, "case", slice_of(case_name(of)));
	json_field_string(w, "kind", slice_of(envelope_kind_name(case_kind(of))));
	json_field_bool(w, "arises", event.arises);
	json_field_string(w, "form", slice_of(forms[event.form]));
	if (event.form == MATRIX_OWN && event.carry != CARRY_NATIVE)
		json_field_string(w, "as", slice_of(carry_text(event.carry)));
	if (event.words)
		json_field_string(w, "words", event.reason ? SLICE("reason") : SLICE("all"));
	if (event.why)
		json_field_string(w, "why", slice_of(event.why));
	put_fields(w, way, of);
	json_object_close(w);
}

static void put_way(struct json_writer *w, const struct matrix_way *way)
{
	json_object_open(w);
	json_field_string(w, "from", way->from_server ? SLICE("server") : SLICE("client"));
	json_field_string(w, "to", way->to_server ? SLICE("server") : SLICE("client"));
	json_field_string(w, "told", way->subject ? SLICE("concerned") : SLICE("others"));
	json_key(w, "cases");
	json_array_open(w);
	for (enum event_case of = 0; of < EVENT_CASES; of++)
		if (!way->subject || case_has_subject(of))
			put_case(w, way, of);
	json_array_close(w);
	json_object_close(w);
}

static void put_pair(struct json_writer *w, const struct codec *from, const struct codec *to,
		     const uint8_t *rules)
{
	json_object_open(w);
	json_field_string(w, "from", slice_of(from->name));
	json_field_string(w, "to", slice_of(to->name));
	json_key(w, "ways");
	json_array_open(w);
	for (unsigned i = 0; i < 8; i++) {
		struct matrix_way way = { .from = from,
					  .to = to,
					  .from_server = i & 2,
					  .to_server = i & 1,
					  .subject = i & 4,
					  .rules = rules };

		if ((way.from_server && !from->calls) || (way.to_server && !to->calls) ||
		    (way.subject && way.to_server))
			continue;
		put_way(w, &way);
	}
	json_array_close(w);
	json_object_close(w);
}

void matrix_print_json(const struct codec *from, const struct codec *to,
		       const uint8_t *const rules[DIALECTS_MAX], const bool *mass_mentions,
		       FILE *stream)
{
	struct json_writer w;
	size_t count = registry_count();

	json_start(&w, 0, 65536);
	json_object_open(&w);
	if (mass_mentions)
		json_field_bool(&w, "mass_mentions", *mass_mentions);
	json_key(&w, "pairs");
	json_array_open(&w);
	for (size_t i = 0; i < count * count; i++) {
		const struct codec *a = registry_codec(i / count), *b = registry_codec(i % count);

		if (!from || (a == from && b == to))
			put_pair(&w, a, b, rules[i % count]);
	}
	json_array_close(&w);
	json_object_close(&w);
	fwrite(w.data, 1, w.len, stream);
	fputc('\n', stream);
	json_clear(&w);
}
