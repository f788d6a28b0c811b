#include "codecs/text/name.h"

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "codecs/text/unicode.h"

_Static_assert(NAME_FOLDED_MAX <= UNICODE_TEXT_MAX, "whatever is folded can be looked at");

#define ZERO_WIDTH_JOINER 0x200d

#define INPUT_MAX UNICODE_TEXT_MAX /* bytes of a name before it is cleaned or folded */

/* ---- names ---- */

/* What looks like the mark that the bridge's sentences quote with. Two letters of Hebrew and one
 * of the Vedas do, too; they stay letters. */
static const uint16_t quotes[] = {
	0x0022, 0x02ba, 0x02dd, 0x02ee, 0x02f6, 0x05f4, 0x201c, 0x201d, 0x201e, 0x201f, 0x2033,
	0x2034, 0x2036, 0x2037, 0x2057, 0x2e42, 0x3003, 0x301d, 0x301e, 0x301f, 0xff02,
};

/* Two of these look like one of those. */
static const uint16_t apostrophes[] = {
	0x0027, 0x0060, 0x00b4, 0x02b9, 0x02bb, 0x02bc, 0x02bd, 0x02be, 0x02c8, 0x02ca, 0x02cb,
	0x02f4, 0x0374, 0x0384, 0x055a, 0x055d, 0x05f3, 0x07f4, 0x07f5, 0x1fbd, 0x1fbf, 0x1fef,
	0x1ffd, 0x1ffe, 0x2018, 0x2019, 0x201b, 0x2032, 0x2035, 0xa78c, 0xff07, 0xff40,
};

static bool is_among(const uint16_t *points, size_t count, int32_t point)
{
	for (size_t i = 0; i < count; i++)
		if (points[i] == point)
			return true;
	return false;
}

bool text_is_quote(int32_t point)
{
	return is_among(quotes, sizeof(quotes) / sizeof(quotes[0]), point);
}

bool text_is_apostrophe(int32_t point)
{
	return is_among(apostrophes, sizeof(apostrophes) / sizeof(apostrophes[0]), point);
}

/* Printable ASCII with single spaces inside, and no quotes: cleaning would change nothing. */
static bool is_clean_ascii(struct slice name)
{
	char before = ' ';

	for (size_t i = 0; i < name.len; i++) {
		char byte = name.data[i];

		if (byte < ' ' || byte > '~' || byte == '"' || (byte == ' ' && before == ' ') ||
		    (text_is_apostrophe(byte) && text_is_apostrophe(before)))
			return false;
		before = byte;
	}
	return before != ' ';
}

/* A name as far as it is cleaned. */
struct cleaning {
	char text[INPUT_MAX];
	size_t len;
	int32_t joiner; /* 0: none waits to be judged by what follows */
	bool space, apostrophe;
};

static void cleaning_add(struct cleaning *c, struct slice character)
{
	memcpy(c->text + c->len, character.data, character.len);
	c->len += character.len;
}

/* rest: the name from that character on. It has been seen to be no quotation mark. */
static void cleaning_show(struct cleaning *c, struct slice rest, size_t bytes)
{
	struct slice before = slice_span(c->text, c->len);

	if (c->space)
		cleaning_add(c, SLICE(" "));
	else if (c->joiner && unicode_joiner_fits(c->joiner, before, rest))
		cleaning_add(c, c->joiner == ZERO_WIDTH_JOINER ? SLICE("\xe2\x80\x8d")
							       : SLICE("\xe2\x80\x8c"));
	c->space = false;
	c->joiner = 0;
	cleaning_add(c, slice_span(rest.data, bytes));
}

/* False: no name may have that. */
static bool cleaning_take(struct cleaning *c, int32_t point, struct slice rest, size_t bytes)
{
	bool apostrophe = text_is_apostrophe(point);

	switch (unicode_class(point)) {
	case UNICODE_UNASSIGNED: return false;
	case UNICODE_UNSEEN: return true;
	case UNICODE_JOINER: c->joiner = point; return true;
	case UNICODE_WHITE: c->space = c->len > 0; break;
	case UNICODE_SHOWN:
		if (text_is_quote(point) || (apostrophe && c->apostrophe))
			return true;
		cleaning_show(c, rest, bytes);
		break;
	}
	c->apostrophe = apostrophe;
	return true;
}

size_t name_clean(struct slice name, char out[NAME_BYTES_MAX])
{
	struct cleaning cleaning = { .len = 0 };

	if (!name.len || name.len > INPUT_MAX)
		return 0;
	if (name.len <= NAME_BYTES_MAX && is_clean_ascii(name)) {
		memcpy(out, name.data, name.len);
		return name.len;
	}
	for (size_t at = 0; at < name.len;) {
		size_t start = at;
		int32_t point = unicode_next(name, &at);

		if (point < 0 ||
		    !cleaning_take(&cleaning, point,
				   slice_span(name.data + start, name.len - start), at - start))
			return 0;
	}
	return unicode_compose(slice_span(cleaning.text, cleaning.len), out, NAME_BYTES_MAX);
}

size_t name_fold(struct slice name, char out[NAME_FOLDED_MAX])
{
	size_t i = 0;

	if (!name.len || name.len > INPUT_MAX)
		return 0;
	for (; i < name.len && (unsigned char)name.data[i] < 0x80; i++) {
		char byte = name.data[i];

		out[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
	}
	return i == name.len ? i : unicode_fold(name, out, NAME_FOLDED_MAX);
}

bool name_same(struct slice a, struct slice b)
{
	char left[NAME_FOLDED_MAX], right[NAME_FOLDED_MAX];
	size_t len = name_fold(a, left);

	return len && len == name_fold(b, right) && memcmp(left, right, len) == 0;
}

/* ---- text ---- */

size_t text_utf16_length(struct slice text)
{
	size_t units = 0, i = 0;

	/* A unit for each byte that begins a character, one more where that has four bytes. */
#ifdef __SSE2__
	for (; text.len - i >= 16; i += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text.data + i));
		__m128i lead = _mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)0xbf));
		__m128i four =
		    _mm_cmpeq_epi8(_mm_max_epu8(bytes, _mm_set1_epi8((char)0xf0)), bytes);
		__m128i both = _mm_add_epi8(lead, four); /* 0, -1 or -2 */
		__m128i sums =
		    _mm_sad_epu8(_mm_sub_epi8(_mm_setzero_si128(), both), _mm_setzero_si128());

		units += (size_t)_mm_cvtsi128_si32(sums) + (size_t)_mm_extract_epi16(sums, 4);
	}
#endif
	for (; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];

		units += (size_t)((byte & 0xc0) != 0x80) + (size_t)(byte >= 0xf0);
	}
	return units;
}

struct slice text_clip(struct slice text, size_t len)
{
	if (text.len <= len)
		return text;
	while (len && ((unsigned char)text.data[len] & 0xc0) == 0x80)
		len--;
	return slice_span(text.data, len);
}

static size_t ascii_prefix(struct slice text)
{
	size_t i = 0;

	for (uint64_t bytes; text.len - i >= sizeof(bytes); i += sizeof(bytes)) {
		memcpy(&bytes, text.data + i, sizeof(bytes));
		if (bytes & UINT64_C(0x8080808080808080))
			return i;
	}
	while (i < text.len && (unsigned char)text.data[i] < 0x80)
		i++;
	return i;
}

bool text_is_utf8(struct slice text)
{
	size_t i = ascii_prefix(text);

	while (i < text.len)
		if (unicode_next(text, &i) < 0)
			return false;
	return true;
}

char *text_escape(struct slice text, char *out, size_t size)
{
	static const char hex[] = "0123456789abcdef", dots[] = "...";
	size_t room = size ? size - 1 : 0, len = 0, clip = 0;

	if (!size)
		return out;
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		bool plain =
		    byte >= ' ' && byte <= '~' && byte != '"' && byte != '\'' && byte != '\\';
		char escaped[4] = { '\\', 'x', hex[byte >> 4], hex[byte & 15] };
		size_t bytes = plain ? 1 : sizeof(escaped);

		if (len + sizeof(dots) - 1 <= room)
			clip = len;
		if (bytes > room - len) {
			size_t count = room - clip < 3 ? room - clip : 3;

			memcpy(out + clip, dots, count);
			len = clip + count;
			break;
		}
		memcpy(out + len, plain ? text.data + i : escaped, bytes);
		len += bytes;
	}
	out[len] = '\0';
	return out;
}
