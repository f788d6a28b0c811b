#include "codecs/credentials.h"

#include <stdint.h>

#include "codecs/text/name.h"

struct slice credentials_parameter(struct slice query, const char *name)
{
	size_t name_len = strlen(name);

	while (query.len) {
		const char *end = memchr(query.data, '&', query.len);
		size_t len = end ? (size_t)(end - query.data) : query.len;

		if (len > name_len && query.data[name_len] == '=' &&
		    memcmp(query.data, name, name_len) == 0)
			return slice_span(query.data + name_len + 1, len - name_len - 1);
		if (!end)
			break;
		query = slice_span(end + 1, query.len - len - 1);
	}
	return (struct slice){ NULL, 0 };
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

struct slice credentials_unescape(struct slice text, char *scratch)
{
	size_t len = 0;

	if (!text.len || !memchr(text.data, '%', text.len))
		return text;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '%' && text.len - i > 2) {
			int high = hex_digit(text.data[i + 1]), low = hex_digit(text.data[i + 2]);

			if (high >= 0 && low >= 0) {
				c = (char)(high << 4 | low);
				i += 2;
			}
		}
		scratch[len++] = c;
	}
	return slice_span(scratch, len);
}

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	if (c == '/' || c == '_')
		return 63;
	return -1;
}

struct slice credentials_base64(struct slice text, char *scratch)
{
	uint32_t bits = 0;
	unsigned count = 0;
	size_t len = 0;

	while (text.len && text.data[text.len - 1] == '=')
		text.len--;
	if (text.len == 0 || text.len % 4 == 1)
		return (struct slice){ NULL, 0 };
	for (size_t i = 0; i < text.len; i++) {
		int digit = base64_digit(text.data[i]);

		if (digit < 0)
			return (struct slice){ NULL, 0 };
		bits = bits << 6 | (uint32_t)digit;
		count += 6;
		if (count >= 8) {
			count -= 8;
			scratch[len++] = (char)(unsigned char)(bits >> count);
		}
	}
	return slice_span(scratch, len);
}

bool credentials_split(struct slice text, struct codec_login *login)
{
	const char *colon = text.len ? memchr(text.data, ':', text.len) : NULL;
	size_t name_len = colon ? (size_t)(colon - text.data) : text.len;

	if (name_len == 0 || !text_is_utf8(text))
		return false;
	login->name = slice_span(text.data, name_len);
	login->secret = (struct slice){ NULL, 0 };
	if (colon && text.len > name_len + 1)
		login->secret = slice_span(colon + 1, text.len - name_len - 1);
	return true;
}
