#include "codecs/text/json_value.h"

#include "codecs/text/json_scan.h"

_Static_assert(JSON_ABSENT == 0, "zeroed is absent");

/* ---- stepping through checked text: no errors are possible any more ---- */

/* at: after the opening quote. Returns after the closing one. */
static const char *skip_string(const char *at, const char *end, bool *escaped)
{
	const char *begin = at;

	while (at < end) {
		at = json_skip_plain(begin, at, end);
		if (at < end && *at == '"')
			return at + 1;
		if (at < end && *at == '\\') {
			*escaped = true;
			at += 2;
		}
		while (at < end && (unsigned char)*at >= 0x80)
			at++;
	}
	return end;
}

/* at: on the opening bracket. Returns after the closing one. */
static const char *skip_nested(const char *at, const char *end)
{
	size_t depth = 0;
	bool ignored;

	do {
		char byte = *at++;

		if (byte == '"')
			at = skip_string(at, end, &ignored);
		else if (byte == '[' || byte == '{')
			depth++;
		else if (byte == ']' || byte == '}')
			depth--;
	} while (depth && at < end);
	return at;
}

static const char *skip_scalar(const char *at, const char *end)
{
	while (at < end && *at != ',' && !json_is_space(*at))
		at++;
	return at;
}

/* at: on the value. Returns after it. */
static const char *take_value(const char *at, const char *end, struct json_value *item)
{
	const char *stop;

	item->type = json_type_at(at);
	item->escaped = false;
	if (item->type == JSON_STRING)
		stop = skip_string(at + 1, end, &item->escaped);
	else if (item->type == JSON_ARRAY || item->type == JSON_OBJECT)
		stop = skip_nested(at, end);
	else
		stop = skip_scalar(at, end);
	item->source = slice_span(at, (size_t)(stop - at));
	return stop;
}

/* Where the next item of an array or object is, whose bracket is at end; NULL: there is none. */
static const char *next_at(struct json_value list, size_t cursor, const char *end)
{
	const char *at = json_skip_space(list.source.data + (cursor ? cursor : 1), end);

	if (cursor && at < end)
		at = json_skip_space(at + 1, end);
	return at < end ? at : NULL;
}

bool json_item(struct json_value array, size_t *cursor, struct json_value *item)
{
	const char *at, *end;

	if (array.type != JSON_ARRAY)
		return false;
	end = array.source.data + array.source.len - 1;
	at = next_at(array, *cursor, end);
	if (!at)
		return false;
	*cursor = (size_t)(take_value(at, end, item) - array.source.data);
	return true;
}

bool json_pair(struct json_value object, size_t *cursor, struct json_value *name,
	       struct json_value *value)
{
	const char *at, *end;

	if (object.type != JSON_OBJECT)
		return false;
	end = object.source.data + object.source.len - 1;
	at = next_at(object, *cursor, end);
	if (!at)
		return false;
	at = json_skip_space(take_value(at, end, name), end);
	at = json_skip_space(at + 1, end); /* past the colon */
	*cursor = (size_t)(take_value(at, end, value) - object.source.data);
	return true;
}

struct json_value json_find(struct json_value object, const char *name)
{
	struct json_value found, value;
	size_t cursor = 0, len = strlen(name);

	while (json_pair(object, &cursor, &found, &value))
		if (found.source.len == len + 2 && memcmp(found.source.data + 1, name, len) == 0)
			return value;
	return (struct json_value){ .type = JSON_ABSENT };
}

size_t json_find_all(struct json_value object, const char *const *names, size_t count,
		     struct json_value *values)
{
	struct json_value found, value;
	size_t cursor = 0, others = 0, i;

	memset(values, 0, count * sizeof(*values)); /* JSON_ABSENT */
	while (json_pair(object, &cursor, &found, &value)) {
		struct slice name = slice_span(found.source.data + 1, found.source.len - 2);

		for (i = 0; i < count && !slice_is(name, names[i]); i++)
			;
		if (i < count)
			values[i] = value;
		else
			others++;
	}
	return others;
}

struct slice json_text(struct json_value value, char *scratch, bool *replaced)
{
	bool lone = false;
	struct slice inside;

	if (value.type != JSON_STRING)
		return (struct slice){ 0 };
	inside = slice_span(value.source.data + 1, value.source.len - 2);
	if (!value.escaped)
		return inside;
	inside = slice_span(scratch, json_unescape_text(inside, scratch, &lone));
	if (lone && replaced)
		*replaced = true;
	return inside;
}

/* ---- numbers ---- */

/* A number's digits, decimal point shifted by its exponent. */
struct decimal {
	bool negative;
	const char *at, *end; /* digits, among them perhaps one point */
	size_t whole;         /* digits before the point */
	long exponent;
};

/* Far beyond what an int64 or a frame's length could make a difference to. */
#define EXPONENT_MAX 1000000000L

static struct decimal decimal_read(struct slice text)
{
	const char *at = text.data, *end = at + text.len;
	struct decimal number = { .negative = *at == '-' };
	bool negative;

	at += number.negative;
	number.at = at;
	while (at < end && json_is_digit(*at))
		at++;
	number.whole = (size_t)(at - number.at);
	while (at < end && (json_is_digit(*at) || *at == '.'))
		at++;
	number.end = at;
	if (at == end)
		return number;
	at++;
	negative = *at == '-';
	at += *at == '-' || *at == '+';
	for (; at < end; at++)
		if (number.exponent < EXPONENT_MAX)
			number.exponent = number.exponent * 10 + (*at - '0');
	if (negative)
		number.exponent = -number.exponent;
	return number;
}

/* The digits before the shifted point; false when they do not fit. */
static bool decimal_whole(const struct decimal *number, int64_t *out)
{
	uint64_t limit = (uint64_t)INT64_MAX + number->negative, sum = 0;
	long left = (long)number->whole + number->exponent;

	for (const char *at = number->at; left > 0 && (at < number->end || sum); left--) {
		uint64_t digit = 0;

		if (at < number->end && *at == '.')
			at++;
		if (at < number->end)
			digit = (uint64_t)(*at++ - '0');
		if (sum > (limit - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*out = number->negative ? (int64_t)(0 - sum) : (int64_t)sum;
	return true;
}

/* Fits into 64 bits, whatever they are. */
#define DIGITS_SAFE 18

/* "-0" or "12": JSON's form of an integer. *sum: what its digits are worth, if they are not more
 * than DIGITS_SAFE. */
static inline bool integer_read(struct slice text, uint64_t *sum)
{
	size_t sign = text.len && text.data[0] == '-';

	*sum = 0;
	if (text.len == sign || (text.data[sign] == '0' && text.len > sign + 1))
		return false;
	for (size_t i = sign; i < text.len; i++) {
		if (!json_is_digit(text.data[i]))
			return false;
		*sum = *sum * 10 + (uint64_t)(text.data[i] - '0');
	}
	return true;
}

/* One that fits, whatever it is. */
static inline bool short_integer(struct slice text, int64_t *out)
{
	uint64_t sum;

	if (text.len > DIGITS_SAFE || !integer_read(text, &sum))
		return false;
	*out = text.data[0] == '-' ? -(int64_t)sum : (int64_t)sum;
	return true;
}

bool json_int64(struct json_value value, int64_t *out)
{
	struct decimal number;
	uint64_t unused;

	if (value.type != JSON_NUMBER)
		return false;
	if (short_integer(value.source, out))
		return true;
	if (!integer_read(value.source, &unused))
		return false;
	number = decimal_read(value.source);
	return decimal_whole(&number, out);
}

bool json_int64_or_text(struct json_value value, int64_t *out)
{
	if (value.type == JSON_STRING) {
		value.type = JSON_NUMBER;
		value.source = slice_span(value.source.data + 1, value.source.len - 2);
	}
	return json_int64(value, out);
}

bool json_int64_truncated(struct json_value value, int64_t *out)
{
	struct decimal number;

	if (value.type != JSON_NUMBER)
		return false;
	if (short_integer(value.source, out))
		return true;
	number = decimal_read(value.source);
	return decimal_whole(&number, out);
}
