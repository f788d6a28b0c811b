#include <string.h>

#include "tests/bench/load.h"

/* "=q", 32 letters, "=". Each letter is four bits, 'a' to 'p': no dialect's markup, nothing that
 * JSON escapes, and eight of them are read in a few operations. */

static void letters_write(char *out, uint32_t value)
{
	for (int i = 7; i >= 0; i--, value >>= 4)
		out[i] = (char)('a' + (value & 15));
}

static bool letters_read(const char *at, uint32_t *value)
{
	uint64_t x;
	memcpy(&x, at, sizeof x);
	x = __builtin_bswap64(x) - UINT64_C(0x6161616161616161);
	if (x & UINT64_C(0xf0f0f0f0f0f0f0f0))
		return false;
	x = (x | x >> 4) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x | x >> 8) & UINT64_C(0x0000ffff0000ffff);
	*value = (uint32_t)(x | x >> 16);
	return true;
}

void token_write(char out[TOKEN_BYTES], struct token token)
{
	out[0] = '=';
	out[1] = 'q';
	letters_write(out + 2, token.publisher << 24 | token.room);
	letters_write(out + 10, token.sequence);
	letters_write(out + 18, (uint32_t)(token.ns >> 32));
	letters_write(out + 26, (uint32_t)token.ns);
	out[34] = '=';
}

bool token_read(const char *at, struct token *token)
{
	uint32_t place, high, low;
	if (at[0] != '=' || at[1] != 'q' || at[34] != '=' || !letters_read(at + 2, &place) ||
	    !letters_read(at + 10, &token->sequence) || !letters_read(at + 18, &high) ||
	    !letters_read(at + 26, &low))
		return false;
	token->publisher = place >> 24;
	token->room = place & 0xffffff;
	token->ns = (uint64_t)high << 32 | low;
	return true;
}

const char *token_find(const char *data, size_t len, size_t *hint, struct token *token)
{
	if (len >= TOKEN_BYTES && *hint <= len - TOKEN_BYTES && token_read(data + *hint, token))
		return data + *hint;
	for (size_t at = 0; at + TOKEN_BYTES <= len; at++) {
		const char *found = memmem(data + at, len - at, "=q", 2);
		if (!found)
			return NULL;
		at = (size_t)(found - data);
		if (at + TOKEN_BYTES <= len && token_read(found, token)) {
			*hint = at;
			return found;
		}
	}
	return NULL;
}
