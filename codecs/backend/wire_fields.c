#include "codecs/backend/wire_fields.h"

#include <stdarg.h>
#include <stdio.h>

#include "codecs/text/name.h"

bool field_wrong(struct wire_reading *r, const char *key, const char *format, ...)
{
	int len = snprintf(r->why, WIRE_WHY_MAX, "%s%s: ", r->where, key);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(r->why + len, WIRE_WHY_MAX - (size_t)len, format, arguments);
	va_end(arguments);
	return false;
}

bool field_require(struct wire_reading *r, const struct json_object *object, const char *key)
{
	if (json_member(object, key).type != JSON_ABSENT)
		return true;
	return field_wrong(r, key, "missing");
}

/* ---- tables ---- */

static const struct wire_field *field_find(const struct wire_field *table, size_t count,
					   struct slice key)
{
	for (size_t i = 0; i < count; i++)
		if (key.len && key.data[0] == table[i].key[0] && slice_is(key, table[i].key))
			return &table[i];
	return NULL;
}

bool fields_read(struct wire_reading *r, const struct json_object *object,
		 const struct wire_field *table, size_t count)
{
	for (size_t i = 0; i < object->count; i++) {
		const struct json_member *member = &object->members[i];
		const struct wire_field *field = field_find(table, count, member->name);

		if (!field)
			r->out->unknown_keys++;
		else if (field->read && !field->read(r, field, member->value))
			return false;
	}
	return true;
}

bool fields_read_nested(struct wire_reading *r, const struct wire_field *field,
			struct json_value value, const char *where, const struct wire_field *table,
			size_t count)
{
	const char *around = r->where;
	struct json_object object;
	enum json_status status;
	bool right;

	if (value.type != JSON_OBJECT)
		return field_wrong(r, field->key, "not an object");
	status = json_read(value.source, WIRE_DEPTH_MAX, &object);
	if (status != JSON_OK)
		return field_wrong(r, field->key, "%s", json_status_text(status));
	r->where = where;
	right = fields_read(r, &object, table, count);
	r->where = around;
	return right;
}

/* ---- values ---- */

static void *place(struct wire_reading *r, const struct wire_field *field)
{
	return (char *)r->out + field->at;
}

struct slice reading_text(struct wire_reading *r, struct json_value value)
{
	struct slice text = json_text(value, r->scratch, &r->replaced);

	if (text.data == r->scratch)
		r->scratch += text.len;
	return text;
}

size_t reading_word(struct wire_reading *r, struct json_value value, const char *const *words,
		    size_t count)
{
	struct slice text = reading_text(r, value);
	size_t word = 0;

	if (!text.data)
		return count;
	while (word < count && !slice_is(text, words[word]))
		word++;
	return word;
}

bool field_text(struct wire_reading *r, const struct wire_field *field, struct json_value value)
{
	struct slice *out = place(r, field);

	*out = reading_text(r, value);
	if (!out->data)
		return field_wrong(r, field->key, "not a text");
	if (out->len < field->min)
		return field_wrong(r, field->key, "empty");
	if (out->len > field->max)
		return field_wrong(r, field->key, "longer than %u bytes", (unsigned)field->max);
	return true;
}

bool field_clipped(struct wire_reading *r, const struct wire_field *field, struct json_value value)
{
	struct slice *out = place(r, field);

	*out = reading_text(r, value);
	if (!out->data)
		return field_wrong(r, field->key, "not a text");
	*out = text_clip(*out, field->max);
	return true;
}

static bool number_read(struct wire_reading *r, const struct wire_field *field,
			struct json_value value, uint64_t *out)
{
	int64_t number;

	if (json_int64(value, &number) && number >= 0 && (uint64_t)number >= field->min &&
	    (uint64_t)number <= field->max) {
		*out = (uint64_t)number;
		return true;
	}
	return field_wrong(r, field->key, "not a whole number from %llu to %llu",
			   (unsigned long long)field->min, (unsigned long long)field->max);
}

bool field_number(struct wire_reading *r, const struct wire_field *field, struct json_value value)
{
	return number_read(r, field, value, place(r, field));
}

bool field_number32(struct wire_reading *r, const struct wire_field *field, struct json_value value)
{
	uint32_t *out = place(r, field);
	uint64_t number = 0;

	if (!number_read(r, field, value, &number))
		return false;
	*out = (uint32_t)number;
	return true;
}

bool field_bool(struct wire_reading *r, const struct wire_field *field, struct json_value value)
{
	bool *out = place(r, field);

	*out = value.type == JSON_TRUE;
	if (value.type != JSON_TRUE && value.type != JSON_FALSE)
		return field_wrong(r, field->key, "neither true nor false");
	return true;
}

bool field_person(struct wire_reading *r, const struct wire_field *field, struct json_value value)
{
	struct wire_field name = { .key = field->key,
				   .at = field->at + offsetof(struct person, name),
				   .min = 1,
				   .max = NAME_BYTES_MAX };
	struct wire_field number = { .key = field->key,
				     .at = field->at + offsetof(struct person, number),
				     .min = 1,
				     .max = INT32_MAX };

	if (value.type == JSON_STRING)
		return field_text(r, &name, value);
	if (value.type == JSON_NUMBER)
		return field_number32(r, &number, value);
	return field_wrong(r, field->key, "neither a name nor a number");
}

bool field_roles(struct wire_reading *r, const struct wire_field *field, struct json_value value)
{
	uint32_t *out = place(r, field);
	struct json_value item;
	size_t cursor = 0;

	if (value.type != JSON_ARRAY)
		return field_wrong(r, field->key, "not a list");
	*out = 0;
	while (json_item(value, &cursor, &item)) {
		struct slice text = reading_text(r, item);
		uint32_t role = person_role_find(text);
		char word[32];

		if (!text.data)
			return field_wrong(r, field->key, "not a list of texts");
		if (!role)
			return field_wrong(r, field->key, "\"%s\" is not a role",
					   text_escape(text, word, sizeof(word)));
		*out |= role;
	}
	return true;
}
