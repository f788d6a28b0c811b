#include "codecs/text/name.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define INPUT_MAX 256 /* bytes of a name before it is cleaned or folded */

/* No character of three bytes becomes more than 18 by compatibility decomposition, and none of
 * fewer bytes more than 4. */
#define POINTS_MAX 2048

/* ---- names ---- */

static bool is_white(utf8proc_int32_t point)
{
	const utf8proc_int32_t braille_blank = 0x2800, next_line = 0x85;
	utf8proc_category_t category = utf8proc_category(point);

	return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
	       category == UTF8PROC_CATEGORY_ZP || (point >= '\t' && point <= '\r') ||
	       point == next_line || point == braille_blank;
}

static bool is_invisible(utf8proc_int32_t point)
{
	const utf8proc_int32_t object_replacement = 0xfffc;
	bool never_character = (point & 0xfffe) == 0xfffe || (point >= 0xfdd0 && point <= 0xfdef);

	switch (utf8proc_category(point)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO: return true;
	default:
		return utf8proc_get_property(point)->ignorable || never_character ||
		       point == object_replacement;
	}
}

/* Normalizes text as options say; returns the length written to out, 0 for what does not fit. */
static size_t normalize(struct slice text, utf8proc_option_t options, char *out, size_t out_size)
{
	utf8proc_int32_t points[POINTS_MAX + 1]; /* one more: an end mark is written */
	utf8proc_ssize_t count =
	    utf8proc_decompose((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.len,
			       points, POINTS_MAX, options);
	utf8proc_ssize_t len;

	if (count <= 0 || count > POINTS_MAX)
		return 0;
	len = utf8proc_reencode(points, count, options);
	if (len <= 0 || (size_t)len > out_size)
		return 0;
	memcpy(out, points, (size_t)len);
	return (size_t)len;
}

/* Printable ASCII with single spaces inside: cleaning would change nothing. */
static bool is_clean_ascii(struct slice name)
{
	char before = ' ';

	for (size_t i = 0; i < name.len; i++) {
		char byte = name.data[i];

		if (byte < ' ' || byte > '~' || (byte == ' ' && before == ' '))
			return false;
		before = byte;
	}
	return before != ' ';
}

/* Writes name to out, at most name.len bytes, without what cannot be seen and with white space
 * made single; false when it is not UTF-8. */
static bool drop_invisible(struct slice name, char *out, size_t *len)
{
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)name.data;
	size_t left = name.len;
	char *start = out;
	bool space = false;

	while (left) {
		utf8proc_int32_t point;
		utf8proc_ssize_t bytes = utf8proc_iterate(at, (utf8proc_ssize_t)left, &point);

		if (bytes <= 0)
			return false;
		if (is_white(point)) {
			space = out != start;
		} else if (!is_invisible(point)) {
			if (space)
				*out++ = ' ';
			space = false;
			memcpy(out, at, (size_t)bytes);
			out += bytes;
		}
		at += bytes;
		left -= (size_t)bytes;
	}
	*len = (size_t)(out - start);
	return true;
}

size_t name_clean(struct slice name, char out[NAME_BYTES_MAX])
{
	char visible[INPUT_MAX];
	size_t len;

	if (!name.len || name.len > INPUT_MAX)
		return 0;
	if (name.len <= NAME_BYTES_MAX && is_clean_ascii(name)) {
		memcpy(out, name.data, name.len);
		return name.len;
	}
	if (!drop_invisible(name, visible, &len) || !len)
		return 0;
	return normalize(slice_span(visible, len), UTF8PROC_STABLE | UTF8PROC_COMPOSE, out,
			 NAME_BYTES_MAX);
}

size_t name_fold(struct slice name, char out[NAME_FOLDED_MAX])
{
	const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
					  UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
	size_t i = 0;

	if (!name.len || name.len > INPUT_MAX)
		return 0;
	for (; i < name.len && (unsigned char)name.data[i] < 0x80; i++) {
		char byte = name.data[i];

		out[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
	}
	return i == name.len ? i : normalize(name, options, out, NAME_FOLDED_MAX);
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

	while (i < text.len) {
		utf8proc_int32_t point;
		utf8proc_ssize_t bytes = utf8proc_iterate((const utf8proc_uint8_t *)text.data + i,
							  (utf8proc_ssize_t)(text.len - i), &point);

		if (bytes <= 0)
			return false;
		i += (size_t)bytes;
	}
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
