#include "bridge/net/http/http_refusal.h"

static uint32_t bit(enum http_method method)
{
	return UINT32_C(1) << method;
}

/* What goes without saying. */
static uint32_t completed(uint32_t known)
{
	if (known & bit(METHOD_GET))
		known |= bit(METHOD_HEAD);
	return known | bit(METHOD_OPTIONS);
}

unsigned http_refusal_status(uint32_t known, const struct http_request *request)
{
	enum http_method method = request->method;

	if (slice_is(request->path, "*"))
		return 204;
	if (known == 0)
		return 404;
	if (method == METHOD_HEAD && known & bit(METHOD_GET))
		return 0;
	if (known & bit(method))
		return 0;
	if (method == METHOD_OPTIONS)
		return 204;
	return method == METHOD_OTHER ? 501 : 405;
}

static struct slice allow_list(uint32_t known, char allow[HTTP_ALLOW_MAX])
{
	size_t len = 0;

	for (enum http_method method = METHOD_GET; method < METHOD_OTHER; method++) {
		struct slice text = http_method_text(method);

		if (!(completed(known) & bit(method)))
			continue;
		if (len > 0) {
			memcpy(allow + len, ", ", 2);
			len += 2;
		}
		memcpy(allow + len, text.data, text.len);
		len += text.len;
	}
	return slice_span(allow, len);
}

struct http_answer http_refusal_answer(unsigned status, uint32_t known, char allow[HTTP_ALLOW_MAX])
{
	struct http_answer answer;

	switch (status) {
	case 204: answer = (struct http_answer){ .status = 204 }; break;
	case 404: answer = http_answer_text(404, SLICE("nothing is served at this path\n")); break;
	case 405:
		answer = http_answer_text(405, SLICE("this path does not know the method\n"));
		break;
	default: answer = http_answer_text(501, SLICE("this server does not know the method\n"));
	}
	if (known && (status == 204 || status == 405))
		answer.allow = allow_list(known, allow);
	return answer;
}
