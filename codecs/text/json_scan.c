#include "codecs/text/json_scan.h"

#include <string.h>

const unsigned char json_types[256] = {
	['n'] = JSON_NULL,   ['f'] = JSON_FALSE,  ['t'] = JSON_TRUE,   ['-'] = JSON_NUMBER,
	['0'] = JSON_NUMBER, ['1'] = JSON_NUMBER, ['2'] = JSON_NUMBER, ['3'] = JSON_NUMBER,
	['4'] = JSON_NUMBER, ['5'] = JSON_NUMBER, ['6'] = JSON_NUMBER, ['7'] = JSON_NUMBER,
	['8'] = JSON_NUMBER, ['9'] = JSON_NUMBER, ['"'] = JSON_STRING, ['['] = JSON_ARRAY,
	['{'] = JSON_OBJECT,
};

static inline bool is_continuation(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

const char *json_skip_character(const char *at, const char *end)
{
	unsigned char lead = (unsigned char)at[0], next;
	size_t left = (size_t)(end - at);

	if (left < 2 || lead < 0xc2 || lead > 0xf4 || !is_continuation(at[1]))
		return NULL;
	if (lead < 0xe0)
		return at + 2;
	next = (unsigned char)at[1];
	if (left < 3 || !is_continuation(at[2]))
		return NULL;
	if (lead < 0xf0) {
		bool overlong = lead == 0xe0 && next < 0xa0;
		bool surrogate = lead == 0xed && next > 0x9f;

		return overlong || surrogate ? NULL : at + 3;
	}
	if (left < 4 || !is_continuation(at[3]) || (lead == 0xf0 && next < 0x90) ||
	    (lead == 0xf4 && next > 0x8f))
		return NULL;
	return at + 4;
}

int json_hex_value(char byte)
{
	if (json_is_digit(byte))
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static uint32_t hex_read(const char *at)
{
	uint32_t unit = 0;

	for (unsigned i = 0; i < 4; i++)
		unit = unit << 4 | (uint32_t)json_hex_value(at[i]);
	return unit;
}

static size_t utf8_write(uint32_t point, char *out)
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3f));
		out[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3f));
	out[2] = (char)(0x80 | (point >> 6 & 0x3f));
	out[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}

size_t json_unescape(const char **at, const char *end, char *out, bool *replaced)
{
	static const char letters[256] = {
		['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r',
		['t'] = '\t', ['"'] = '"',  ['/'] = '/',  ['\\'] = '\\'
	};
	const char *from = *at + 1;
	uint32_t unit;

	if (*from != 'u') {
		*at = from + 1;
		out[0] = letters[(unsigned char)*from];
		return 1;
	}
	unit = hex_read(from + 1);
	from += 5;
	if (unit >= 0xd800 && unit < 0xdc00 && end - from >= 6 && from[0] == '\\' &&
	    from[1] == 'u') {
		uint32_t low = hex_read(from + 2);

		if (low >= 0xdc00 && low < 0xe000) {
			*at = from + 6;
			return utf8_write(0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff), out);
		}
	}
	*at = from;
	if (unit >= 0xd800 && unit < 0xe000) {
		*replaced = true;
		unit = 0xfffd;
	}
	return utf8_write(unit, out);
}

size_t json_unescape_text(struct slice text, char *out, bool *replaced)
{
	const char *at = text.data, *end = at + text.len;
	char *start = out;

	while (at < end) {
		const char *slash = memchr(at, '\\', (size_t)(end - at));
		size_t plain = (size_t)((slash ? slash : end) - at);

		memcpy(out, at, plain);
		out += plain;
		at += plain;
		if (slash)
			out += json_unescape(&at, end, out, replaced);
	}
	return (size_t)(out - start);
}
