#include "bridge/command/tried/attempt.h"

#include <inttypes.h>
#include <stdarg.h>

#include "conf/read/nearest.h"

bool attempt_wrong(const struct attempt *r, const char *format, ...)
{
	va_list arguments;

	fputs("dragoman: the event: ", r->errors);
	va_start(arguments, format);
	vfprintf(r->errors, format, arguments);
	va_end(arguments);
	fputc('\n', r->errors);
	return false;
}

/* Says which are known, or which was meant. */
bool attempt_unknown(const struct attempt *r, const char *what, struct slice word,
		     const char *const *known)
{
	char shown[80];
	const char *nearest = conf_nearest(text_escape(word, shown, sizeof(shown)), known);

	fprintf(r->errors, "dragoman: the event: unknown %s '%s'", what, shown);
	if (nearest)
		fprintf(r->errors, ", did you mean '%s'?\n", nearest);
	else
		for (size_t i = 0; known[i]; i++)
			fprintf(r->errors, "%s%s%s", i == 0 ? " (known: " : ", ", known[i],
				known[i + 1] ? "" : ")\n");
	return false;
}

bool attempt_knows(struct slice word, const char *const *known)
{
	while (*known && !slice_is(word, *known))
		known++;
	return *known;
}

bool attempt_keys(const struct attempt *r, const struct json_object *object,
		  const char *const *known)
{
	for (size_t i = 0; i < object->count; i++)
		if (!attempt_knows(object->members[i].name, known))
			return attempt_unknown(r, "key", object->members[i].name, known);
	return true;
}

struct slice attempt_text(struct attempt *r, struct json_value value)
{
	struct slice text = json_text(value, r->scratch, NULL);

	r->scratch += value.source.len;
	return text;
}

/* A text that has to be there. */
bool attempt_word(struct attempt *r, const struct json_object *object, const char *key,
		  struct slice *word)
{
	struct json_value value = json_member(object, key);

	*word = attempt_text(r, value);
	if (value.type == JSON_ABSENT)
		return attempt_wrong(r, "\"%s\" is missing", key);
	return word->data || attempt_wrong(r, "\"%s\" is not a text", key);
}

/* A member that is an object; *given says whether it is there. */
bool attempt_object(const struct attempt *r, const char *key, const char *const *known,
		    struct json_object *object, bool *given)
{
	struct json_value value = json_member(&r->object, key);

	*given = value.type != JSON_ABSENT;
	object->count = 0;
	if (!*given)
		return true;
	if (value.type != JSON_OBJECT || json_read(value.source, WIRE_DEPTH_MAX, object) != JSON_OK)
		return attempt_wrong(r, "\"%s\" is not an object", key);
	return attempt_keys(r, object, known);
}

bool attempt_number(const struct attempt *r, struct json_value value, const char *key, int64_t max,
		    uint64_t *number)
{
	int64_t read = 0;

	if (value.type == JSON_ABSENT)
		return true;
	if (!json_int64(value, &read) || read < 0 || read > max)
		return attempt_wrong(r, "\"%s\" is not a number from 0 to %" PRId64, key, max);
	*number = (uint64_t)read;
	return true;
}
