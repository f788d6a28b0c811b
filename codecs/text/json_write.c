#include "codecs/text/json_write.h"

#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "codecs/text/memory.h"

#define HINT_DEFAULT 256
#define STRIDE       16 /* bytes a string is copied by; may be written past its end */
#define DIGITS_MAX   20
#define ESCAPE_MAX   6 /* \u00XX */

void json_start(struct json_writer *w, size_t reserve, size_t hint)
{
	w->cap = memory_fit(reserve + (hint ? hint : HINT_DEFAULT) + STRIDE);
	w->data = memory_take(w->cap);
	w->len = reserve;
	w->comma = false;
}

void json_clear(struct json_writer *w)
{
	memory_give(w->data, w->cap);
	*w = (struct json_writer){ 0 };
}

static __attribute__((noinline)) void grow(struct json_writer *w, size_t more)
{
	size_t cap = w->cap * 2;

	if (cap < w->len + more)
		cap = w->len + more;
	w->cap = memory_fit(cap);
	w->data = memory_resize(w->data, w->cap);
}

/* Where to write at most more bytes. */
static inline char *room(struct json_writer *w, size_t more)
{
	if (__builtin_expect(w->cap - w->len < more, 0))
		grow(w, more);
	return w->data + w->len;
}

static inline void wrote_item(struct json_writer *w, const char *end)
{
	w->len = (size_t)(end - w->data);
	w->comma = true;
}

/* Room for an item of at most more bytes, after the comma it may need. */
static inline char *item(struct json_writer *w, size_t more)
{
	char *out = room(w, more + 1);

	if (w->comma)
		*out++ = ',';
	return out;
}

static inline void bracket_open(struct json_writer *w, char bracket)
{
	char *out = item(w, 1);

	*out++ = bracket;
	wrote_item(w, out);
	w->comma = false;
}

static inline void bracket_close(struct json_writer *w, char bracket)
{
	char *out = room(w, 1);

	*out++ = bracket;
	wrote_item(w, out);
}

void json_object_open(struct json_writer *w)
{
	bracket_open(w, '{');
}

void json_object_close(struct json_writer *w)
{
	bracket_close(w, '}');
}

void json_array_open(struct json_writer *w)
{
	bracket_open(w, '[');
}

void json_array_close(struct json_writer *w)
{
	bracket_close(w, ']');
}

/* Most keys are shorter than two words, and a call costs more than copying those. */
static inline void copy_key(char *out, const char *key, size_t len)
{
	if (len > 16) {
		memcpy(out, key, len);
	} else if (len >= 8) {
		memcpy(out, key, 8);
		memcpy(out + len - 8, key + len - 8, 8);
	} else if (len >= 4) {
		memcpy(out, key, 4);
		memcpy(out + len - 4, key + len - 4, 4);
	} else {
		for (size_t i = 0; i < len; i++)
			out[i] = key[i];
	}
}

void json_key_literal(struct json_writer *w, const char *key, size_t len)
{
	char *out = item(w, len + 3);

	*out++ = '"';
	copy_key(out, key, len);
	out += len;
	*out++ = '"';
	*out++ = ':';
	wrote_item(w, out);
	w->comma = false;
}

/* ---- strings ---- */

static inline bool byte_is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte != '"' && byte != '\\';
}

static char *escape(char *out, unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";
	static const char letters[256] = { ['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
					   ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't' };

	*out++ = '\\';
	if (letters[byte]) {
		*out++ = letters[byte];
		return out;
	}
	memcpy(out, "u00", 3);
	out[3] = hex[byte >> 4];
	out[4] = hex[byte & 15];
	return out + 5;
}

/* Copies 16 bytes to out and returns a bit for each that needs an escape (or, where there is no
 * faster way, for the first of them). */
#ifdef __SSE2__
static inline unsigned copy_stride(char *out, const char *from)
{
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)from);
	__m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
	__m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
	__m128i slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));

	_mm_storeu_si128((__m128i *)(void *)out, bytes);
	return (unsigned)_mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, slash)));
}
#else
static inline unsigned copy_stride(char *out, const char *from)
{
	memcpy(out, from, STRIDE);
	for (unsigned i = 0; i < STRIDE; i++)
		if (!byte_is_plain((unsigned char)from[i]))
			return 1u << i;
	return 0;
}
#endif

#define EACH_BYTE UINT64_C(0x0101010101010101)

static inline bool eight_are_plain(uint64_t bytes)
{
	uint64_t quote = bytes ^ (EACH_BYTE * '"'), slash = bytes ^ (EACH_BYTE * '\\');
	uint64_t found = ((bytes - EACH_BYTE * 0x20) & ~bytes) | ((quote - EACH_BYTE) & ~quote) |
			 ((slash - EACH_BYTE) & ~slash);

	return !(found & (EACH_BYTE * 0x80));
}

/* Copies len (4 to 15) plain bytes by two reads that overlap; false when they are not plain. */
static inline bool copy_short(char *out, const char *from, size_t len)
{
	uint64_t first, last;
	uint32_t head, tail;

	if (len >= 8) {
		memcpy(&first, from, 8);
		memcpy(&last, from + len - 8, 8);
		memcpy(out, &first, 8);
		memcpy(out + len - 8, &last, 8);
		return eight_are_plain(first) && eight_are_plain(last);
	}
	memcpy(&head, from, 4);
	memcpy(&tail, from + len - 4, 4);
	memcpy(out, &head, 4);
	memcpy(out + len - 4, &tail, 4);
	return eight_are_plain((uint64_t)head << 32 | tail);
}

/* Copies the plain bytes from from up to the first that needs an escape; returns how many. */
static inline size_t copy_plain(char *out, const char *from, const char *end)
{
	const char *start = from;
	size_t left, plain = 0;

	for (; end - from >= STRIDE; from += STRIDE, out += STRIDE) {
		unsigned odd = copy_stride(out, from);

		if (odd)
			return (size_t)(from - start) + (size_t)__builtin_ctz(odd);
	}
	left = (size_t)(end - from);
	if (left >= 4 && copy_short(out, from, left))
		return (size_t)(end - start);
	while (plain < left && byte_is_plain((unsigned char)from[plain])) {
		out[plain] = from[plain];
		plain++;
	}
	return (size_t)(from - start) + plain;
}

/* Writes text escaped at out; there is room for text, STRIDE and after more bytes. */
static inline char *escape_text(struct json_writer *w, char *out, struct slice text, size_t after)
{
	const char *from = text.data, *end = from + text.len;

	for (;;) {
		size_t plain = copy_plain(out, from, end);

		from += plain;
		out += plain;
		if (from == end)
			return out;
		w->len = (size_t)(out - w->data);
		out = room(w, (size_t)(end - from) + ESCAPE_MAX + STRIDE + after);
		out = escape(out, (unsigned char)*from++);
	}
}

void json_put_string(struct json_writer *w, struct slice text)
{
	char *out = item(w, text.len + STRIDE + 2);

	*out++ = '"';
	if (text.len)
		out = escape_text(w, out, text, 1);
	*out++ = '"';
	wrote_item(w, out);
}

void json_key_slice(struct json_writer *w, struct slice key)
{
	json_put_string(w, key);
	*room(w, 1) = ':';
	w->len++;
	w->comma = false;
}

void json_put_piece(struct json_writer *w, struct slice text)
{
	if (text.len) {
		char *out = room(w, text.len + STRIDE);

		w->len = (size_t)(escape_text(w, out, text, 0) - w->data);
	}
}

/* ---- numbers and the rest ---- */

/* How many digits value has. (Its bits give the number of them or one more.) */
static inline unsigned digits_count(uint64_t value)
{
	static const uint64_t powers[DIGITS_MAX] = {
		0,
		10,
		100,
		1000,
		10000,
		100000,
		1000000,
		10000000,
		100000000,
		1000000000,
		10000000000,
		100000000000,
		1000000000000,
		10000000000000,
		100000000000000,
		1000000000000000,
		10000000000000000,
		100000000000000000,
		1000000000000000000,
		10000000000000000000U,
	};
	unsigned guess = (64 - (unsigned)__builtin_clzll(value | 1)) * 1233 >> 12;

	return guess + (value >= powers[guess]);
}

/* In place: bytes that were just written one by one are slow to copy as a whole. */
static char *digits(char *out, uint64_t value)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	char *end = out + digits_count(value);
	char *at = end;

	while (value >= 100) {
		at -= 2;
		memcpy(at, pairs + value % 100 * 2, 2);
		value /= 100;
	}
	if (value >= 10)
		memcpy(at - 2, pairs + value * 2, 2);
	else
		at[-1] = (char)('0' + value);
	return end;
}

void json_put_unsigned(struct json_writer *w, uint64_t value)
{
	char *out = item(w, DIGITS_MAX);

	wrote_item(w, digits(out, value));
}

void json_put_integer(struct json_writer *w, int64_t value)
{
	char *out = item(w, DIGITS_MAX + 1);
	uint64_t magnitude = (uint64_t)value;

	if (value < 0) {
		*out++ = '-';
		magnitude = 0 - magnitude;
	}
	wrote_item(w, digits(out, magnitude));
}

void json_put_raw(struct json_writer *w, struct slice json)
{
	char *out = item(w, json.len);

	if (json.len)
		memcpy(out, json.data, json.len);
	wrote_item(w, out + json.len);
}

void json_put_bool(struct json_writer *w, bool value)
{
	json_put_raw(w, value ? SLICE("true") : SLICE("false"));
}

void json_put_null(struct json_writer *w)
{
	json_put_raw(w, SLICE("null"));
}

void json_put_literal(struct json_writer *w, const char *bytes, size_t len)
{
	if (len)
		memcpy(room(w, len), bytes, len);
	w->len += len;
}
