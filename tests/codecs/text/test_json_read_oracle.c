#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/codecs/text/json_texts.h"
#include "tests/support/json_oracle.h"

/* json_read() and what it hands out, held against jansson on many texts. Left out are only
 * numbers too big for jansson, and its overlooking of NUL bytes after a number or a word. */

static bool same_string(const struct oracle *expected, struct json_value value)
{
	char scratch[256];
	struct slice text = json_text(value, scratch, NULL);

	return text.len == expected->len && memcmp(text.data, expected->text, text.len) == 0;
}

static bool same_value(const struct oracle *expected, struct json_value value, unsigned level);

static bool same_items(const struct oracle *expected, struct json_value value, unsigned level)
{
	size_t cursor = 0, count = oracle_count(expected);
	struct json_value item;

	for (size_t i = 0; i < count; i++) {
		struct oracle child = oracle_child(expected, i, NULL, NULL);

		if (!json_item(value, &cursor, &item) || !same_value(&child, item, level + 1))
			return false;
	}
	return !json_item(value, &cursor, &item);
}

static bool same_members(const struct oracle *expected, struct json_value value, unsigned level)
{
	struct json_object object;
	size_t count = oracle_count(expected);

	if (json_read(value.source, JSON_DEPTH_MAX, &object) != JSON_OK || object.count != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *name;
		size_t name_len;
		struct oracle child = oracle_child(expected, i, &name, &name_len);

		if (!slice_equal(object.members[i].name, slice_span(name, name_len)) ||
		    !same_value(&child, object.members[i].value, level + 1))
			return false;
	}
	return true;
}

static bool same_value(const struct oracle *expected, struct json_value value, unsigned level)
{
	int64_t integer;
	char digits[256];

	switch (expected->type) {
	case ORACLE_NULL: return value.type == JSON_NULL;
	case ORACLE_FALSE: return value.type == JSON_FALSE;
	case ORACLE_TRUE: return value.type == JSON_TRUE;
	case ORACLE_INTEGER: return json_int64(value, &integer) && integer == expected->integer;
	case ORACLE_REAL:
		memcpy(digits, value.source.data, value.source.len);
		digits[value.source.len] = '\0';
		return value.type == JSON_NUMBER && !json_int64(value, &integer) &&
		       strtod(digits, NULL) == expected->real;
	case ORACLE_STRING: return value.type == JSON_STRING && same_string(expected, value);
	case ORACLE_ARRAY: return value.type == JSON_ARRAY && same_items(expected, value, level);
	default: return value.type == JSON_OBJECT && same_members(expected, value, level);
	}
}

/* Rewrites, at the same length, the escapes jansson alone refuses: surrogates become U+FFFD (as
 * ours read lone ones), U+0000 becomes U+0001. */
static void rewrite_escapes(char *text, size_t len)
{
	for (size_t i = 0; i + 6 <= len; i++) {
		if (text[i] != '\\')
			continue;
		if (text[i + 1] == 'u' && (text[i + 2] | 0x20) == 'd' && text[i + 3] &&
		    strchr("89abcdefABCDEF", text[i + 3]))
			memcpy(text + i + 2, "fffd", 4);
		if (memcmp(text + i + 1, "u0000", 5) == 0)
			text[i + 5] = '1';
		i++;
	}
}

struct tally {
	unsigned valid, invalid, rewritten, big;
};

/* Holds json_read() against jansson on text, a block of exactly len bytes. */
static void compare(char *text, size_t len, struct tally *tally)
{
	struct json_object object;
	struct oracle root;
	enum json_status status;
	enum oracle_verdict verdict = oracle_read(text, len, &root);
	bool same;

	if (verdict == ORACLE_LONE_SURROGATE || verdict == ORACLE_NUL_IN_NAME) {
		rewrite_escapes(text, len);
		verdict = oracle_read(text, len, &root);
		tally->rewritten++;
	}
	if (memchr(text, '\0', len)) { /* no JSON text holds one */
		if (verdict == ORACLE_VALID)
			oracle_free(&root);
		verdict = ORACLE_INVALID;
	}
	if (verdict == ORACLE_BIG_NUMBER) { /* what jansson would say of the rest is not known */
		tally->big++;
		return;
	}
	status = json_read(slice_span(text, len), JSON_DEPTH_MAX, &object);
	if (verdict != ORACLE_VALID) {
		same = status != JSON_OK && status != JSON_NOT_OBJECT &&
		       (verdict != ORACLE_DUPLICATE || status == JSON_DUPLICATE);
		tally->invalid++;
	} else {
		same = root.type == ORACLE_OBJECT
			   ? same_members(&root, (struct json_value){ .source = { text, len } }, 1)
			   : status == JSON_NOT_OBJECT;
		oracle_free(&root);
		tally->valid++;
	}
	if (!same)
		fail_msg("jansson %d, ours %s: %.*s", verdict, json_status_text(status), (int)len,
			 text);
}

static uint32_t random_below(uint64_t *seed, size_t limit)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)((*seed >> 20) % limit);
}

static const char *const pieces[] = {
	"{",
	"}",
	"[",
	"]",
	",",
	":",
	"\"",
	"\\",
	" ",
	"\n",
	"0",
	"-",
	"1",
	".5",
	"e1",
	"true",
	"null",
	"\"a\"",
	"\"a\":1",
	"[]",
	"{}",
	"\\u",
	"\\n",
	"\\u00e9",
	"\\ud83d",
	"\\ude02",
	"\xc3",
	"\xa9",
	"\xe2\x82\xac",
	"\x80",
	"\xff",
	"\t",
	"\x7f",
	",\"a\":",
	"[1,",
	"{\"b\":",
	"false",
	"\\u0000",
	"\xed",
	"12345678",
};

/* One small change: a piece put in or over, bytes taken out, a stretch doubled, a byte changed. */
static size_t mutate(char *text, size_t len, size_t max, uint64_t *seed)
{
	const char *piece = pieces[random_below(seed, COUNT(pieces))];
	size_t at = random_below(seed, len + 1), size = strlen(piece), some;

	switch (random_below(seed, 5)) {
	case 0:
		if (len + size <= max) {
			memmove(text + at + size, text + at, len - at);
			memcpy(text + at, piece, size);
			len += size;
		}
		return len;
	case 1:
		if (at + size <= len)
			memcpy(text + at, piece, size);
		return len;
	case 2:
		some = random_below(seed, 4) + 1;
		some = some > len - at ? len - at : some;
		memmove(text + at, text + at + some, len - at - some);
		return len - some;
	case 3:
		some = random_below(seed, 12) + 1;
		some = some > len - at ? len - at : some;
		if (len + some <= max) {
			memmove(text + at + some, text + at, len - at);
			len += some;
		}
		return len;
	default:
		if (at < len)
			text[at] = (char)random_below(seed, 256);
		return len;
	}
}

static void the_oracle_agrees_on_the_tables(void **state)
{
	struct tally tally = { 0 };
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(valid_texts); i++)
		compare(strcpy(text, valid_texts[i]), strlen(valid_texts[i]), &tally);
	for (size_t i = 0; i < COUNT(invalid_texts); i++)
		compare(strcpy(text, invalid_texts[i].text), strlen(invalid_texts[i].text), &tally);
	assert_int_equal(tally.big, 0);
	assert_in_range(tally.valid, COUNT(valid_texts), COUNT(valid_texts) + 5);
}

static void the_oracle_agrees_on_mutations(void **state)
{
	struct tally tally = { 0 };
	uint64_t seed = 0x9e3779b97f4a7c15;
	char text[160];

	(void)state;
	for (unsigned round = 0; round < 200000; round++) {
		const char *base = valid_texts[round % COUNT(valid_texts)];
		size_t len = strlen(base);
		unsigned changes = random_below(&seed, 4) + 1;
		char *exact;

		memcpy(text, base, len);
		while (changes--)
			len = mutate(text, len, sizeof(text), &seed);
		exact = malloc(len ? len : 1);
		memcpy(exact, text, len);
		compare(exact, len, &tally);
		free(exact);
	}
	/* The loop is worth something only when it meets both sorts, and excludes little. */
	assert_true(tally.valid > 20000);
	assert_true(tally.invalid > 50000);
	assert_true(tally.rewritten > 100);
	assert_true(tally.big < 4000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oracle_agrees_on_the_tables),
		cmocka_unit_test(the_oracle_agrees_on_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
