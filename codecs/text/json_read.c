#include "codecs/text/json_read.h"

#include <string.h>

#include "codecs/text/json_scan.h"

/* Up to so many names in one object each new one is compared with all before it; beyond, the
 * names are sorted when the object ends, so that no frame costs quadratic time. */
#define NAMES_COMPARED 16

struct name {
	const char *at; /* between the quotes, as written */
	size_t len;
	bool escaped;
};

struct level {
	uint32_t first_name; /* of an object: where its names begin */
	bool object;
};

struct reader {
	const char *begin, *end;
	struct json_object *out; /* all members of the outermost object; NULL: they are not kept, */
	struct json_named *named; /* but for these; NULL: none */
	struct json_value *kept;  /* where the value of its newest member goes; NULL: nowhere */
	const char *member;       /* where that begins */
	bool escaped;             /* the string read last holds a backslash */
	enum json_status status;
	unsigned depth, max_depth;
	uint32_t name_count;
	size_t names_used; /* of out->names */
	struct level levels[JSON_DEPTH_MAX];
	struct name names[JSON_NAMES_MAX];
};

const char *json_status_text(enum json_status status)
{
	static const char *const texts[] = {
		[JSON_OK] = "ok",
		[JSON_BAD_SYNTAX] = "bad syntax",
		[JSON_BAD_UTF8] = "bad UTF-8",
		[JSON_TOO_DEEP] = "nested too deeply",
		[JSON_DUPLICATE] = "a duplicate name in an object",
		[JSON_TOO_MANY] = "too many names",
		[JSON_NOT_OBJECT] = "not an object",
	};

	return texts[status];
}

/* ---- the checker: each function gets where to read and returns where to go on, or NULL with
 * the status set ---- */

static const char *fail(struct reader *r, enum json_status status)
{
	r->status = status;
	return NULL;
}

/* The byte at at is none that may stand there. */
static const char *fail_at(struct reader *r, const char *at)
{
	bool foreign = at < r->end && (unsigned char)*at >= 0x80;

	return fail(r,
		    foreign && !json_skip_character(at, r->end) ? JSON_BAD_UTF8 : JSON_BAD_SYNTAX);
}

/* at: after the backslash. */
static const char *check_escape(struct reader *r, const char *at)
{
	if (at == r->end)
		return fail(r, JSON_BAD_SYNTAX);
	switch (*at++) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't': return at;
	case 'u':
		for (unsigned i = 0; i < 4; i++, at++)
			if (at == r->end || json_hex_value(*at) < 0)
				return fail_at(r, at);
		return at;
	default: return fail_at(r, at - 1);
	}
}

/* at: in a string, where it stops being plain. Returns after the closing quote. */
static const char *check_odd_string(struct reader *r, const char *at)
{
	while (at) {
		if (at == r->end)
			return fail(r, JSON_BAD_SYNTAX);
		if (*at == '"')
			return at + 1;
		if (*at == '\\') {
			r->escaped = true;
			at = check_escape(r, at + 1);
		} else if ((unsigned char)*at < ' ') {
			return fail(r, JSON_BAD_SYNTAX);
		} else {
			do
				at = json_skip_character(at, r->end);
			while (at && at < r->end && (unsigned char)*at >= 0x80);
			if (!at)
				return fail(r, JSON_BAD_UTF8);
		}
		if (at)
			at = json_skip_plain(r->begin, at, r->end);
	}
	return NULL;
}

/* at: after the opening quote. Returns after the closing one. */
static inline const char *check_string(struct reader *r, const char *at)
{
	at = json_skip_plain(r->begin, at, r->end);
	r->escaped = false;
	return at < r->end && *at == '"' ? at + 1 : check_odd_string(r, at);
}

static const char *skip_digits(const char *at, const char *end)
{
	while (at < end && json_is_digit(*at))
		at++;
	return at;
}

/* One digit at least. */
static const char *check_digits(struct reader *r, const char *at)
{
	if (at == r->end || !json_is_digit(*at))
		return fail_at(r, at);
	return skip_digits(at + 1, r->end);
}

static const char *check_number(struct reader *r, const char *at)
{
	if (*at == '-')
		at++;
	if (at < r->end && *at == '0')
		at++;
	else
		at = check_digits(r, at);
	if (at && at < r->end && *at == '.')
		at = check_digits(r, at + 1);
	if (at && at < r->end && (*at == 'e' || *at == 'E')) {
		at++;
		if (at < r->end && (*at == '+' || *at == '-'))
			at++;
		at = check_digits(r, at);
	}
	return at;
}

static const char *check_word(struct reader *r, const char *at, struct slice word)
{
	if ((size_t)(r->end - at) < word.len || memcmp(at, word.data, word.len) != 0)
		return fail(r, JSON_BAD_SYNTAX);
	return at + word.len;
}

static const char *check_scalar(struct reader *r, const char *at)
{
	switch (json_type_at(at)) {
	case JSON_STRING: return check_string(r, at + 1);
	case JSON_NUMBER: return check_number(r, at);
	case JSON_TRUE: return check_word(r, at, SLICE("true"));
	case JSON_FALSE: return check_word(r, at, SLICE("false"));
	case JSON_NULL: return check_word(r, at, SLICE("null"));
	default: return fail_at(r, at);
	}
}

/* ---- names ---- */

/* A name's bytes one by one, unescaped. */
struct name_walk {
	const char *at, *end;
	size_t next, count;
	char bytes[4];
};

static int name_byte(struct name_walk *walk)
{
	bool replaced;

	if (walk->next < walk->count)
		return (unsigned char)walk->bytes[walk->next++];
	if (walk->at == walk->end)
		return -1;
	if (*walk->at != '\\')
		return (unsigned char)*walk->at++;
	walk->count = json_unescape(&walk->at, walk->end, walk->bytes, &replaced);
	walk->next = 1;
	return (unsigned char)walk->bytes[0];
}

/* Below, equal or above 0: the order of the unescaped bytes. */
static int name_order(const struct name *a, const struct name *b)
{
	if (a->escaped || b->escaped) {
		struct name_walk left = { .at = a->at, .end = a->at + a->len };
		struct name_walk right = { .at = b->at, .end = b->at + b->len };

		for (;;) {
			int x = name_byte(&left), y = name_byte(&right);

			if (x != y || x < 0)
				return x - y;
		}
	} else {
		int order = memcmp(a->at, b->at, a->len < b->len ? a->len : b->len);

		return order ? order : (a->len > b->len) - (a->len < b->len);
	}
}

static inline bool name_is_same(const struct name *a, const struct name *b)
{
	if (a->escaped || b->escaped)
		return name_order(a, b) == 0;
	return a->len == b->len && *a->at == *b->at && memcmp(a->at, b->at, a->len) == 0;
}

/* Heap sort, because its worst case is as good as its best and it needs no memory. */
static void names_sift(struct name *names, size_t root, size_t count)
{
	struct name moved = names[root];
	size_t child;

	while ((child = 2 * root + 1) < count) {
		if (child + 1 < count && name_order(&names[child], &names[child + 1]) < 0)
			child++;
		if (name_order(&moved, &names[child]) >= 0)
			break;
		names[root] = names[child];
		root = child;
	}
	names[root] = moved;
}

static bool names_repeat(struct name *names, size_t count)
{
	for (size_t root = count / 2; root-- > 0;)
		names_sift(names, root, count);
	for (size_t last = count; --last > 0;) {
		struct name largest = names[0];

		names[0] = names[last];
		names[last] = largest;
		names_sift(names, 0, last);
		if (last + 1 < count && name_is_same(&largest, &names[last + 1]))
			return true;
	}
	return name_is_same(&names[0], &names[1]);
}

static void named_open(struct reader *r, const struct name *name, const char *value)
{
	struct json_named *named = r->named;
	size_t i = 0;

	while (i < named->count && !slice_is(slice_span(name->at, name->len), named->names[i]))
		i++;
	if (i == named->count) {
		named->others++;
		return;
	}
	r->kept = &named->values[i];
	r->member = value;
}

/* Records the name of a member of the outermost object; its value comes next. */
static const char *member_open(struct reader *r, const struct name *name, const char *value)
{
	struct json_object *out = r->out;
	struct json_member *member;
	char *unescaped;
	bool replaced;

	if (r->named)
		named_open(r, name, value);
	if (!out)
		return value;
	if (out->count == JSON_MEMBERS_MAX)
		return fail(r, JSON_TOO_MANY);
	member = &out->members[out->count++];
	unescaped = out->names + r->names_used;
	member->name = slice_span(name->at, name->len);
	if (name->escaped && name->len <= sizeof(out->names) - r->names_used) {
		member->name.data = unescaped;
		member->name.len =
		    json_unescape_text(slice_span(name->at, name->len), unescaped, &replaced);
		r->names_used += member->name.len;
	}
	r->kept = &member->value;
	r->member = value;
	return value;
}

static void member_close(struct reader *r, const char *end)
{
	struct json_value *value = r->kept;

	value->type = json_type_at(r->member);
	value->escaped = value->type == JSON_STRING && r->escaped;
	value->source = slice_span(r->member, (size_t)(end - r->member));
	r->kept = NULL;
}

/* Whether the innermost object has the name already, which is to be its newest. */
static bool name_is_there(const struct reader *r, const struct name *name)
{
	uint32_t first = r->levels[r->depth - 1].first_name;

	if (r->name_count - first < NAMES_COMPARED)
		for (uint32_t i = first; i < r->name_count; i++)
			if (name_is_same(&r->names[i], name))
				return true;
	return false;
}

/* ---- objects and arrays ---- */

/* at: where a name must begin. Returns where its value begins. The name is written where it stays:
 * a copy of what was written just now waits for it. */
static const char *check_name(struct reader *r, const char *at)
{
	struct name *name = &r->names[r->name_count];
	const char *begin = at + 1;

	if (at == r->end || *at != '"')
		return fail_at(r, at);
	at = check_string(r, begin);
	if (!at)
		return NULL;
	if (r->name_count == JSON_NAMES_MAX)
		return fail(r, JSON_TOO_MANY);
	name->at = begin;
	name->len = (size_t)(at - 1 - begin);
	name->escaped = r->escaped;
	if (name_is_there(r, name))
		return fail(r, JSON_DUPLICATE);
	r->name_count++;
	at = json_skip_space(at, r->end);
	if (at == r->end || *at != ':')
		return fail_at(r, at);
	at = json_skip_space(at + 1, r->end);
	return r->depth == 1 ? member_open(r, name, at) : at;
}

/* at: on the bracket. Returns what follows it. */
static const char *level_open(struct reader *r, const char *at)
{
	if (r->depth == r->max_depth)
		return fail(r, JSON_TOO_DEEP);
	r->levels[r->depth++] = (struct level){ r->name_count, *at == '{' };
	return json_skip_space(at + 1, r->end);
}

/* at: on what should be the closing bracket. */
static const char *level_close(struct reader *r, const char *at)
{
	struct level level = r->levels[r->depth - 1];
	uint32_t count = r->name_count - level.first_name;

	if (*at != (level.object ? '}' : ']'))
		return fail_at(r, at);
	if (level.object && count > NAMES_COMPARED &&
	    names_repeat(&r->names[level.first_name], count))
		return fail(r, JSON_DUPLICATE);
	if (level.object)
		r->name_count = level.first_name;
	r->depth--;
	return at + 1;
}

/* at: after a value. Closes what ends there; returns where the next value begins, or the end of
 * the text. */
static const char *check_after(struct reader *r, const char *at)
{
	while (at && r->depth) {
		if (r->depth == 1 && r->kept)
			member_close(r, at);
		at = json_skip_space(at, r->end);
		if (at == r->end)
			return fail(r, JSON_BAD_SYNTAX);
		if (*at == ',') {
			at = json_skip_space(at + 1, r->end);
			return r->levels[r->depth - 1].object ? check_name(r, at) : at;
		}
		at = level_close(r, at);
	}
	if (!at)
		return NULL;
	at = json_skip_space(at, r->end);
	return at == r->end ? at : fail_at(r, at);
}

/* at: on the bracket. Returns where the next value begins, or the end of the text. */
static const char *check_level(struct reader *r, const char *at)
{
	bool object = *at == '{';

	at = level_open(r, at);
	if (at && at < r->end && *at == (object ? '}' : ']'))
		return check_after(r, level_close(r, at));
	return at && object ? check_name(r, at) : at;
}

static void check_text(struct reader *r, const char *at)
{
	do {
		if (at == r->end)
			at = fail(r, JSON_BAD_SYNTAX);
		else if (*at == '{' || *at == '[')
			at = check_level(r, at);
		else
			at = check_after(r, check_scalar(r, at));
	} while (at && r->depth);
}

/* Returns where the outermost value begins. */
static inline const char *read_all(struct reader *r, struct slice text, unsigned max_depth)
{
	const char *start;

	r->begin = text.data;
	r->end = text.data + text.len;
	r->kept = NULL;
	r->escaped = false;
	r->status = JSON_OK;
	r->depth = 0;
	r->max_depth = max_depth < JSON_DEPTH_MAX ? max_depth : JSON_DEPTH_MAX;
	r->name_count = 0;
	r->names_used = 0;
	start = json_skip_space(text.data, r->end);
	check_text(r, start);
	return start;
}

enum json_status json_read(struct slice text, unsigned max_depth, struct json_object *out)
{
	struct reader r; /* the tables in it are left as they are: clearing them costs too much */
	const char *start;

	out->count = 0;
	if (!text.len)
		return JSON_BAD_SYNTAX;
	r.out = out;
	r.named = NULL;
	start = read_all(&r, text, max_depth);
	if (r.status == JSON_OK && *start != '{')
		r.status = JSON_NOT_OBJECT;
	if (r.status != JSON_OK)
		out->count = 0;
	return r.status;
}

enum json_status json_read_named(struct slice text, unsigned max_depth, struct json_value *value,
				 struct json_named *named)
{
	struct reader r;
	const char *start, *end;

	*value = (struct json_value){ .type = JSON_ABSENT };
	if (named) {
		memset(named->values, 0, named->count * sizeof(*named->values)); /* JSON_ABSENT */
		named->others = 0;
	}
	if (!text.len)
		return JSON_BAD_SYNTAX;
	r.out = NULL;
	r.named = named;
	start = read_all(&r, text, max_depth);
	if (r.status != JSON_OK)
		return r.status;
	for (end = r.end; json_is_space(end[-1]);)
		end--;
	value->type = json_type_at(start);
	value->escaped = value->type == JSON_STRING && r.escaped;
	value->source = slice_span(start, (size_t)(end - start));
	return JSON_OK;
}

enum json_status json_read_value(struct slice text, unsigned max_depth, struct json_value *value)
{
	return json_read_named(text, max_depth, value, NULL);
}

struct json_value json_member(const struct json_object *object, const char *name)
{
	struct slice wanted = slice_of(name);

	for (size_t i = 0; i < object->count; i++)
		if (slice_equal(object->members[i].name, wanted))
			return object->members[i].value;
	return (struct json_value){ .type = JSON_ABSENT };
}
