#include "bridge/net/http/http_chunked.h"

#include "bridge/net/http/http_chars.h"

HTTP_FAULT_OF(bad_size, 400, "the size of a chunk is no number");
HTTP_FAULT_OF(bad_extension, 400, "the extension of a chunk is none, or too long");
HTTP_FAULT_OF(bad_end, 400, "a chunk does not end where its size says");
HTTP_FAULT_OF(bad_trailer, 400, "a line behind the last chunk is no header");
HTTP_FAULT_OF(too_long, 413, "the body is too long");
HTTP_FAULT_OF(too_much, 431, "too much follows the last chunk");

enum {
	SIZE,
	EXTENSION,
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER,
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	LAST_LF,
	ENDED
};

void http_chunked_init(struct http_chunked *chunked, uint64_t body_max, uint32_t trailers_max,
		       uint32_t trailer_lines_max)
{
	*chunked = (struct http_chunked){ .body_max = body_max,
					  .extensions_max = HTTP_EXTENSIONS_MAX,
					  .trailers_max = trailers_max,
					  .trailer_lines_max = trailer_lines_max,
					  .state = SIZE };
}

static int hex(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

static const struct http_fault *read_size(struct http_chunked *chunked, char byte)
{
	int digit = hex(byte);

	if (digit < 0) {
		if (chunked->digits == 0 || (byte != '\r' && byte != ';'))
			return &bad_size;
		chunked->state = byte == '\r' ? SIZE_LF : EXTENSION;
		return NULL;
	}
	/* Sixteen digits are what 64 bits hold. */
	if (chunked->digits == 16)
		return &bad_size;
	chunked->digits++;
	chunked->left = chunked->left << 4 | (uint64_t)digit;
	return chunked->left > chunked->body_max ? &too_long : NULL;
}

static const struct http_fault *read_extension(struct http_chunked *chunked, char byte)
{
	if (byte == '\r')
		chunked->state = SIZE_LF;
	else if (chunked->extensions_max == 0 || !http_is(byte, HTTP_VALUE))
		return &bad_extension;
	else
		chunked->extensions_max--;
	return NULL;
}

static const struct http_fault *expect(struct http_chunked *chunked, char byte, char wanted,
				       uint8_t next, const struct http_fault *otherwise)
{
	chunked->state = next;
	return byte == wanted ? NULL : otherwise;
}

static const struct http_fault *end_size(struct http_chunked *chunked, char byte)
{
	chunked->body_max -= chunked->left;
	chunked->digits = 0;
	return expect(chunked, byte, '\n', chunked->left > 0 ? DATA : TRAILER, &bad_size);
}

static const struct http_fault *read_trailer(struct http_chunked *chunked, char byte)
{
	uint8_t state = chunked->state;

	if (state == TRAILER && byte == '\r') {
		chunked->state = LAST_LF;
		return NULL;
	}
	if (chunked->trailers_max == 0 || (state == TRAILER && chunked->trailer_lines_max == 0))
		return &too_much;
	chunked->trailers_max--;
	if (state == TRAILER_VALUE) {
		chunked->state = byte == '\r' ? TRAILER_LF : TRAILER_VALUE;
		return byte == '\r' || http_is(byte, HTTP_VALUE) ? NULL : &bad_trailer;
	}
	if (state == TRAILER)
		chunked->trailer_lines_max--;
	chunked->state = byte == ':' ? TRAILER_VALUE : TRAILER_NAME;
	return http_is(byte, HTTP_TOKEN) || (byte == ':' && state == TRAILER_NAME) ? NULL
										   : &bad_trailer;
}

static const struct http_fault *read_byte(struct http_chunked *chunked, char byte)
{
	switch (chunked->state) {
	case SIZE: return read_size(chunked, byte);
	case EXTENSION: return read_extension(chunked, byte);
	case SIZE_LF: return end_size(chunked, byte);
	case DATA_CR: return expect(chunked, byte, '\r', DATA_LF, &bad_end);
	case DATA_LF: return expect(chunked, byte, '\n', SIZE, &bad_end);
	case TRAILER_LF: return expect(chunked, byte, '\n', TRAILER, &bad_trailer);
	case LAST_LF: return expect(chunked, byte, '\n', ENDED, &bad_trailer);
	default: return read_trailer(chunked, byte);
	}
}

static void take_data(struct http_chunked *chunked, const char **bytes, size_t *len,
		      struct slice *data)
{
	size_t most = chunked->left < *len ? (size_t)chunked->left : *len;

	*data = slice_span(*bytes, most);
	*bytes += most;
	*len -= most;
	chunked->left -= most;
	if (chunked->left == 0)
		chunked->state = DATA_CR;
}

enum http_chunk_step http_chunked_read(struct http_chunked *chunked, const char **bytes,
				       size_t *len, struct slice *data,
				       const struct http_fault **fault)
{
	while (*len > 0) {
		if (chunked->state == DATA) {
			take_data(chunked, bytes, len, data);
			return HTTP_CHUNK_BYTES;
		}
		*fault = read_byte(chunked, **bytes);
		if (*fault)
			return HTTP_CHUNK_FAULT;
		++*bytes;
		--*len;
		if (chunked->state == ENDED)
			return HTTP_CHUNK_END;
	}
	return HTTP_CHUNK_MORE;
}
