#include "bridge/command/translate/matching.h"

#include <stdlib.h>
#include <strings.h>

#include "bridge/core/capture/redact.h"
#include "codecs/model/identity.h"
#include "codecs/text/memory.h"

#define LARGE_DIGITS 7 /* a number with so many is no count */

void matching_clear(struct matching *matching)
{
	for (size_t i = 0; i < matching->count; i++) {
		free((char *)(uintptr_t)matching->pairs[i].then.data);
		free((char *)(uintptr_t)matching->pairs[i].now.data);
	}
	free(matching->pairs);
	*matching = (struct matching){ .count = 0 };
}

/* ---- what names something ---- */

static struct slice inner(struct json_value text)
{
	return slice_span(text.source.data + 1, text.source.len - 2);
}

static bool is_number(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	return text.len > 0;
}

/* A person's, a message's: not the number of a request, which the client gives. */
static bool names_id(struct slice member)
{
	return member.len > 2 && strncasecmp(member.data + member.len - 2, "id", 2) == 0;
}

static bool is_name(struct slice member, struct json_value value)
{
	unsigned char uuid[16];

	if (value.type == JSON_NUMBER)
		return is_number(value.source) &&
		       (value.source.len >= LARGE_DIGITS || names_id(member));
	return value.type == JSON_STRING && !value.escaped &&
	       (uuid_parse(inner(value), uuid) ||
		(is_number(inner(value)) && value.source.len >= LARGE_DIGITS + 2));
}

static const struct matching_pair *find(const struct matching *matching, struct slice then)
{
	for (size_t i = matching->count; i-- > 0;)
		if (slice_equal(matching->pairs[i].then, then))
			return &matching->pairs[i];
	return NULL;
}

static void add(struct matching *matching, struct slice then, struct slice now)
{
	if (find(matching, then))
		return;
	if (matching->count == matching->size) {
		matching->size = matching->size ? 2 * matching->size : 64;
		matching->pairs =
		    memory_resize(matching->pairs, matching->size * sizeof(*matching->pairs));
	}
	matching->pairs[matching->count++] =
	    (struct matching_pair){ { memory_text(then.data, then.len), then.len },
				    { memory_text(now.data, now.len), now.len } };
}

/* ---- comparing ---- */

struct comparison {
	const struct codec_words *words;
	struct matching *learns; /* NULL: it only counts */
	size_t same;             /* values */
};

static bool compare(struct comparison *c, struct slice member, struct json_value then,
		    struct json_value now);

static bool compare_objects(struct comparison *c, struct json_value then, struct json_value now)
{
	struct json_value names[2], values[2];
	size_t at = 0, other = 0;
	bool more;

	while ((more = json_pair(then, &at, &names[0], &values[0])) ==
		   json_pair(now, &other, &names[1], &values[1]) &&
	       more)
		if (!compare(c, inner(names[0]), values[0], values[1]) ||
		    (words_have(c->words->members, inner(names[1])) &&
		     !slice_equal(names[0].source, names[1].source)))
			return false;
	return !more && !json_pair(now, &other, &names[1], &values[1]);
}

/* Of a text that was changed the parts are others. */
static void compare_arrays(struct comparison *c, struct slice member, struct json_value then,
			   struct json_value now)
{
	struct json_value items[2];
	size_t at = 0, other = 0;

	while (json_item(then, &at, &items[0]) && json_item(now, &other, &items[1]))
		(void)compare(c, member, items[0], items[1]);
}

static bool compare(struct comparison *c, struct slice member, struct json_value then,
		    struct json_value now)
{
	if (then.type != now.type)
		return false;
	if (then.type == JSON_OBJECT)
		return compare_objects(c, then, now);
	if (then.type == JSON_ARRAY) {
		compare_arrays(c, member, then, now);
		return true;
	}
	if (slice_equal(then.source, now.source)) {
		c->same++;
		return true;
	}
	if (c->learns && is_name(member, then) && is_name(member, now))
		add(c->learns, then.source, now.source);
	return !words_have(c->words->naming, member);
}

size_t matching_alike(const struct codec_words *words, struct json_value then,
		      struct json_value now)
{
	struct comparison c = { .words = words, .same = 1 };

	return compare(&c, (struct slice){ NULL, 0 }, then, now) ? c.same : 0;
}

void matching_learn(struct matching *matching, const struct codec_words *words,
		    struct json_value then, struct json_value now)
{
	struct comparison c = { .words = words, .learns = matching };

	(void)compare(&c, (struct slice){ NULL, 0 }, then, now);
}

/* ---- writing ---- */

struct writing {
	const struct matching *matching;
	struct slice secret;
	struct json_writer *w;
};

static void put(const struct writing *writing, struct slice member, struct json_value value);

static void put_object(const struct writing *writing, struct json_value object)
{
	struct json_value name, value;
	size_t cursor = 0;

	json_object_open(writing->w);
	while (json_pair(object, &cursor, &name, &value)) {
		json_put_raw(writing->w, name.source);
		json_put_literal(writing->w, ":", 1);
		writing->w->comma = false;
		put(writing, inner(name), value);
	}
	json_object_close(writing->w);
}

static void put_array(const struct writing *writing, struct slice member, struct json_value array)
{
	struct json_value item;
	size_t cursor = 0;

	json_array_open(writing->w);
	while (json_item(array, &cursor, &item))
		put(writing, member, item);
	json_array_close(writing->w);
}

static void put(const struct writing *writing, struct slice member, struct json_value value)
{
	const struct matching_pair *pair = NULL;

	if (value.type == JSON_OBJECT) {
		put_object(writing, value);
	} else if (value.type == JSON_ARRAY) {
		put_array(writing, member, value);
	} else if (slice_is(value.source, "\"" REDACT_SECRET "\"")) {
		json_put_string(writing->w, writing->secret);
	} else {
		if (is_name(member, value))
			pair = find(writing->matching, value.source);
		json_put_raw(writing->w, pair ? pair->now : value.source);
	}
}

void matching_put(const struct matching *matching, struct json_value then, struct slice secret,
		  struct json_writer *w)
{
	const struct writing writing = { matching, secret, w };

	put(&writing, (struct slice){ NULL, 0 }, then);
}
