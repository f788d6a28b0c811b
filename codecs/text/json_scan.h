/* json_scan.h - the bytes of JSON text: what json_read.c and json_value.c share. Nobody else
 * needs it. Each function reads from at up to end, and at may be end unless it says otherwise. */
#ifndef CODECS_TEXT_JSON_SCAN_H
#define CODECS_TEXT_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "codecs/text/json_type.h"
#include "codecs/text/slice.h"

/* What the first byte of a value says it is; JSON_ABSENT for a byte no value begins with. */
extern const unsigned char json_types[256];

static inline enum json_type json_type_at(const char *at)
{
	return (enum json_type)json_types[(unsigned char)*at];
}

static inline bool json_is_space(char byte)
{
	return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static inline const char *json_skip_space(const char *at, const char *end)
{
	while (at < end && json_is_space(*at))
		at++;
	return at;
}

static inline bool json_is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

#ifdef __SSE2__
/* A bit for each of the 16 bytes at at that ends a string, begins an escape, is not ASCII or is
 * not allowed. */
static inline unsigned json_odd_bytes(const char *at)
{
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
	/* Signed: bytes from 0x80 on are negative, so below the space too. */
	__m128i odd = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));
	__m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
	__m128i slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(odd, _mm_or_si128(quote, slash)));
}
#endif

/* To the first byte that ends a string, begins an escape, is not ASCII or is not allowed.
 * begin: where the readable bytes begin, at or before at. */
static inline const char *json_skip_plain(const char *begin, const char *at, const char *end)
{
#ifdef __SSE2__
	unsigned odd;

	for (; end - at >= 16; at += 16) {
		odd = json_odd_bytes(at);
		if (odd)
			return at + __builtin_ctz(odd);
	}
	if (end - begin >= 16) { /* the last 16 bytes, without those before at */
		odd = json_odd_bytes(end - 16) >> (16 - (end - at));
		return odd ? at + __builtin_ctz(odd) : end;
	}
#else
	(void)begin;
#endif
	while (at < end && (unsigned char)(*at - ' ') < 0x60 && *at != '"' && *at != '\\')
		at++;
	return at;
}

/* 0 to 15, or -1 for any other character. */
int json_hex_value(char byte);

/* Past the well-formed character of two or more bytes at at, which is below end; NULL when it is
 * not one. */
const char *json_skip_character(const char *at, const char *end);

/* Writes what the checked escape at *at (on its backslash) stands for, 1 to 4 bytes and never
 * more than the escape has, and steps past it. A lone surrogate becomes U+FFFD and sets
 * *replaced. */
size_t json_unescape(const char **at, const char *end, char *out, bool *replaced);

/* Unescapes the checked inside of a string; out has room for as many bytes as text has. Returns
 * how many were written; sets *replaced as above, and never clears it. */
size_t json_unescape_text(struct slice text, char *out, bool *replaced);

#endif
