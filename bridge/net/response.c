#include "bridge/net/response.h"

#include <assert.h>
#include <string.h>

#include "bridge/net/http/http_chars.h"

struct codec_response response_text(unsigned status, struct slice body)
{
	return (struct codec_response){ .status = status,
					.type = SLICE("text/plain; charset=utf-8"),
					.body = body };
}

struct http_answer response_answer(const struct codec_response *response,
				   struct http_header *header)
{
	struct http_answer answer = { .status = response->status,
				      .type = response->type,
				      .body = response->body };
	const char *colon = NULL;

	if (response->header.data)
		colon = memchr(response->header.data, ':', response->header.len);
	if (!colon)
		return answer;
	header->name = slice_span(response->header.data, (size_t)(colon - response->header.data));
	header->value =
	    http_trimmed(slice_span(colon + 1, response->header.len - header->name.len - 1));
	answer.headers = header;
	answer.header_count = 1;
	return answer;
}

struct slice response_write(char out[RESPONSE_MAX], const struct codec_response *response,
			    struct slice date)
{
	struct http_header header;
	struct http_answer answer = response_answer(response, &header);
	struct http_output output = { 0 };
	bool whole;
	size_t len;

	answer.date = date;
	whole = http_answer_write(&output, &answer, (struct http_manner){ 0 });
	assert(whole); /* all of it is ours */
	(void)whole;
	len = output.len < RESPONSE_MAX ? output.len : RESPONSE_MAX - 1;
	memcpy(out, output.data, len);
	out[len] = '\0';
	http_output_clear(&output);
	return slice_span(out, len);
}
