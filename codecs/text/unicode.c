#include "codecs/text/unicode.h"

#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

/* No character becomes more than 18 units by the forms below. */
#define UNITS_MAX 2048

#define ASCII_END     0x80
#define ZWNJ          0x200c
#define ZWJ           0x200d
#define VIRAMA        9 /* combining class */
#define BRAILLE_BLANK 0x2800
#define OBJECT        0xfffc /* stands for what is no text */
#define BLACK_FLAG    0x1f3f4
#define TAG_FIRST     0xe0020
#define TAG_LAST      0xe007f

/* ---- characters ---- */

int32_t unicode_next(struct slice text, size_t *at)
{
	const unsigned char *bytes = (const unsigned char *)text.data;
	UChar32 point;

	U8_NEXT(bytes, *at, text.len, point);
	return point;
}

static bool is_white(int32_t point)
{
	return u_isUWhiteSpace(point) || point == BRAILLE_BLANK;
}

enum unicode_class unicode_class(int32_t point)
{
	if (is_white(point))
		return UNICODE_WHITE;
	if (point == ZWNJ || point == ZWJ)
		return UNICODE_JOINER;
	if (u_hasBinaryProperty(point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
	    U_IS_UNICODE_NONCHAR(point) || point == OBJECT)
		return UNICODE_UNSEEN;
	switch (u_charType(point)) {
	case U_CONTROL_CHAR:
	case U_FORMAT_CHAR:
	case U_SURROGATE:
	case U_PRIVATE_USE_CHAR: return UNICODE_UNSEEN;
	case U_UNASSIGNED: return UNICODE_UNASSIGNED;
	default: return UNICODE_SHOWN;
	}
}

static int joining_type(int32_t point)
{
	return u_getIntPropertyValue(point, UCHAR_JOINING_TYPE);
}

/* The last character but for transparent ones. */
static int32_t joined_before(struct slice text)
{
	int32_t last = 0;

	for (size_t at = 0; at < text.len;) {
		int32_t point = unicode_next(text, &at);

		if (joining_type(point) != U_JT_TRANSPARENT)
			last = point;
	}
	return last;
}

static int32_t joined_after(struct slice text)
{
	for (size_t at = 0; at < text.len;) {
		int32_t point = unicode_next(text, &at);

		if (point < 0 || joining_type(point) != U_JT_TRANSPARENT)
			return point;
	}
	return 0;
}

bool unicode_joiner_fits(int32_t joiner, struct slice before, struct slice after)
{
	int32_t last = 0, next;
	int left, right;

	for (size_t at = 0; at < before.len;)
		last = unicode_next(before, &at);
	next = joined_after(after);
	if (next <= 0 || !u_isalpha(next))
		return false;
	if (u_getCombiningClass(last) == VIRAMA)
		return true;
	left = joining_type(joined_before(before));
	right = joining_type(next);
	return joiner == ZWNJ && (left == U_JT_LEFT_JOINING || left == U_JT_DUAL_JOINING) &&
	       (right == U_JT_RIGHT_JOINING || right == U_JT_DUAL_JOINING);
}

/* ---- forms ---- */

static int32_t to_units(struct slice text, UChar units[UNITS_MAX])
{
	UErrorCode error = U_ZERO_ERROR;
	int32_t count = 0;

	if (text.len == 0 || text.len > UNICODE_TEXT_MAX)
		return 0;
	u_strFromUTF8(units, UNITS_MAX, &count, text.data, (int32_t)text.len, &error);
	return U_SUCCESS(error) ? count : 0;
}

static size_t from_units(const UChar *units, int32_t count, char *out, size_t size)
{
	UErrorCode error = U_ZERO_ERROR;
	int32_t len = 0;

	if (count <= 0)
		return 0;
	u_strToUTF8(out, (int32_t)size, &len, units, count, &error);
	return U_SUCCESS(error) ? (size_t)len : 0;
}

static size_t normalize(const UNormalizer2 *form, UErrorCode error, struct slice text, char *out,
			size_t size)
{
	UChar units[UNITS_MAX], formed[UNITS_MAX];
	int32_t count = to_units(text, units);

	if (count <= 0 || U_FAILURE(error))
		return 0;
	count = unorm2_normalize(form, units, count, formed, UNITS_MAX, &error);
	return U_SUCCESS(error) ? from_units(formed, count, out, size) : 0;
}

size_t unicode_compose(struct slice text, char *out, size_t size)
{
	UErrorCode error = U_ZERO_ERROR;
	const UNormalizer2 *form = unorm2_getNFCInstance(&error);

	return normalize(form, error, text, out, size);
}

size_t unicode_plain(struct slice text, char *out, size_t size)
{
	UErrorCode error = U_ZERO_ERROR;
	const UNormalizer2 *form = unorm2_getNFKCInstance(&error);

	return normalize(form, error, text, out, size);
}

size_t unicode_fold(struct slice text, char *out, size_t size)
{
	UErrorCode error = U_ZERO_ERROR;
	const UNormalizer2 *form = unorm2_getNFKCCasefoldInstance(&error);

	return normalize(form, error, text, out, size);
}

/* What this byte looks like, if every version of the tables says so; NULL: ask them. Most names
 * have no others, and opening a checker costs more than all else that is done with a name. */
static const char *known_look(const char *byte)
{
	switch (*byte) {
	case '0': return "O";
	case '1':
	case 'I': return "l";
	case 'm': return "rn";
	default:
		if ((*byte >= 'a' && *byte <= 'z') || (*byte >= 'A' && *byte <= 'Z') ||
		    (*byte >= '2' && *byte <= '9') || *byte == ' ' || *byte == '_')
			return byte;
		return NULL;
	}
}

/* False: the tables are to be asked. */
static bool known_skeleton(struct slice text, char *out, size_t size, size_t *len)
{
	*len = 0;
	for (size_t i = 0; i < text.len; i++) {
		const char *look = known_look(text.data + i);
		size_t more = text.data[i] == 'm' ? 2 : 1;

		if (!look || more > size - *len)
			return false;
		memcpy(out + *len, look, more);
		*len += more;
	}
	return text.len > 0 && text.len <= UNICODE_TEXT_MAX;
}

/* Opening a checker only looks up tables that are there already. */
static size_t table_skeleton(struct slice text, char *out, size_t size)
{
	UErrorCode error = U_ZERO_ERROR;
	UChar units[UNITS_MAX], formed[UNITS_MAX];
	int32_t count = to_units(text, units);
	USpoofChecker *checker = uspoof_open(&error);

	if (count > 0)
		count = uspoof_getSkeleton(checker, 0, units, count, formed, UNITS_MAX, &error);
	uspoof_close(checker);
	return U_SUCCESS(error) ? from_units(formed, count, out, size) : 0;
}

size_t unicode_skeleton(struct slice text, char *out, size_t size)
{
	size_t known;

	if (known_skeleton(text, out, size, &known))
		return known;
	return table_skeleton(text, out, size);
}

static bool is_mark(int32_t point)
{
	return point >= ASCII_END && U_GET_GC_MASK(point) & (U_GC_MN_MASK | U_GC_ME_MASK);
}

/* Other scripts write vowels and tones as marks. */
static bool needs_no_marks(int32_t point)
{
	UErrorCode error = U_ZERO_ERROR;

	if (point < ASCII_END)
		return true;
	switch (uscript_getScript(point, &error)) {
	case USCRIPT_LATIN:
	case USCRIPT_GREEK:
	case USCRIPT_CYRILLIC:
	case USCRIPT_COMMON: return true;
	default: return false;
	}
}

size_t unicode_strip_marks(struct slice text, char *out, size_t size)
{
	bool plain = false;
	size_t len = 0;

	for (size_t at = 0; at < text.len;) {
		size_t start = at;
		int32_t point = unicode_next(text, &at);

		if (point < 0 || at - start > size - len)
			return 0;
		if (is_mark(point) && plain)
			continue;
		plain = is_mark(point) ? plain : needs_no_marks(point);
		memcpy(out + len, text.data + start, at - start);
		len += at - start;
	}
	return len;
}

/* ---- clusters ---- */

/* Tags behind anything but the black flag can be read by machines only. */
static bool is_no_odd_tag(int32_t first, int32_t point)
{
	return point < TAG_FIRST || point > TAG_LAST || first == BLACK_FLAG;
}

bool unicode_is_cluster(struct slice text)
{
	UErrorCode error = U_ZERO_ERROR;
	UChar units[UNITS_MAX];
	int32_t count = to_units(text, units), end = 0, first = -1, points = 0;
	UBreakIterator *breaks;

	if (count <= 0)
		return false;
	for (size_t at = 0; at < text.len; points++) {
		int32_t point = unicode_next(text, &at);

		if (first < 0)
			first = point;
		if (!is_no_odd_tag(first, point))
			return false;
	}
	if (unicode_class(first) != UNICODE_SHOWN || is_mark(first) || points > UNICODE_CLUSTER_MAX)
		return false;
	breaks = ubrk_open(UBRK_CHARACTER, "", units, count, &error);
	if (U_SUCCESS(error))
		end = ubrk_next(breaks);
	ubrk_close(breaks);
	return end == count;
}

static bool belongs_before(int32_t point)
{
	int32_t way = u_getIntPropertyValue(point, UCHAR_GRAPHEME_CLUSTER_BREAK);

	return way == U_GCB_EXTEND || way == U_GCB_ZWJ || way == U_GCB_SPACING_MARK;
}

/* What joins stands before a picture only within one character. */
bool unicode_ends(struct slice text, size_t at)
{
	static const char joiner[] = "\xe2\x80\x8d";
	size_t len = sizeof(joiner) - 1, next = at;

	if (at >= len && memcmp(text.data + at - len, joiner, len) == 0)
		return false;
	return at == 0 || at >= text.len || !belongs_before(unicode_next(text, &next));
}

/* ---- parts of a text ---- */

/* Bytes of the longest beginning of so many UTF-16 units. */
static size_t bytes_of_units(struct slice text, size_t units)
{
	size_t at = 0, count = 0;

	while (at < text.len) {
		size_t next = at;
		int32_t point = unicode_next(text, &next);

		count += point > 0xffff ? 2 : 1;
		if (count > units)
			return at;
		at = next;
	}
	return at;
}

/* The last place up to limit where a character, as a reader sees it, begins; 0: none. */
static size_t cluster_before(struct slice text, size_t limit)
{
	UErrorCode error = U_ZERO_ERROR;
	UText *opened = utext_openUTF8(NULL, text.data, (int64_t)text.len, &error);
	UBreakIterator *breaks = ubrk_open(UBRK_CHARACTER, "", NULL, 0, &error);
	int32_t place = 0;

	ubrk_setUText(breaks, opened, &error);
	if (U_SUCCESS(error))
		place = ubrk_isBoundary(breaks, (int32_t)limit)
			    ? (int32_t)limit
			    : ubrk_preceding(breaks, (int32_t)limit);
	ubrk_close(breaks);
	utext_close(opened);
	return place > 0 ? (size_t)place : 0;
}

/* Behind the last white space of the last quarter; 0: there is none. */
static size_t space_before(struct slice text, size_t limit)
{
	for (size_t i = limit; i > limit - limit / 4; i--)
		if (text.data[i - 1] == ' ' || text.data[i - 1] == '\n')
			return i;
	return 0;
}

size_t unicode_part(struct slice text, size_t units)
{
	size_t limit = bytes_of_units(text, units), end;
	struct slice near = { text.data, limit + 4 * UNICODE_TEXT_MAX };

	if (limit == text.len)
		return limit;
	if (near.len > text.len)
		near.len = text.len;
	/* The window may end within a character; nothing is looked at there. A blank may be the
	 * beginning of one: a mark stands on it. */
	end = space_before(text, limit);
	if (end)
		end = cluster_before(near, end);
	if (!end)
		end = cluster_before(near, limit);
	return end ? end : limit;
}

struct slice unicode_clip(struct slice text, size_t len)
{
	struct slice near = { text.data, len + UNICODE_TEXT_MAX };
	size_t limit = len, end;

	if (text.len <= len)
		return text;
	if (near.len > text.len)
		near.len = text.len;
	while (limit && U8_IS_TRAIL((unsigned char)text.data[limit]))
		limit--;
	end = cluster_before(near, limit);
	return slice_span(text.data, end ? end : limit);
}
