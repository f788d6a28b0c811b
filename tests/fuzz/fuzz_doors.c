/* Requests of HTTP to each dialect's door off any bytes: method and dialect (one byte), path and
 * query up to the end of a line, the header Authorization up to the next, then the body. Whatever
 * is asked is answered, or something is wanted; whatever that is refused for is answered at last;
 * and no answer holds what a header may not. Memory is as large as the bridge promises. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/http.h"
#include "codecs/registry.h"
#include "codecs/text/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool what)
{
	if (!what)
		abort();
}

static const struct id_key key = { "0123456789abcdef" };

/* A copy of its own of up to the end of a line; takes it off. */
static struct slice take_line(const char **at, const char *end, char **owned)
{
	const char *stop = *at < end ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;
	size_t len = (size_t)((stop ? stop : end) - *at);

	*owned = memory_new(len ? len : 1);
	if (len > 0)
		memcpy(*owned, *at, len);
	*at += len + (stop ? 1 : 0);
	return slice_span(*owned, len);
}

struct asked {
	const struct codec *codec;
	struct codec_view view;
	struct codec_peer peer;
	struct codec_call call;
	char *target, *authorization, *body, *scratch;
	size_t path_len;
};

static void ready(struct asked *asked)
{
	asked->peer.scratch = asked->scratch + asked->path_len;
}

static void check_answer(const struct codec_answer *answer)
{
	json_t *body;

	require(answer->status >= 200 && answer->status < 600);
	require(answer->header_count <= ANSWER_HEADERS);
	for (size_t i = 0; i < answer->header_count; i++) {
		struct slice value = answer_header_value(answer, i);

		for (size_t k = 0; k < value.len; k++)
			require((unsigned char)value.data[k] >= ' ' && value.data[k] != 0x7f);
	}
	if (answer->body.len == 0)
		return;
	body =
	    json_loadb(answer->body.data, answer->body.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	require(body);
	json_decref(body);
}

static void refuse(struct asked *asked)
{
	struct codec_answer answer = { 0 };

	asked->codec->http->refuse(&asked->peer, &asked->call, 404, REASON_UNKNOWN_VERB,
				   SLICE("nothing here"), &answer);
	check_answer(&answer);
	answer_clear_body(&answer);
}

static void take_steps(struct asked *asked, const struct codec_path *row)
{
	struct codec_told told = { .kind = WANT_NOTHING };

	for (unsigned steps = 0; steps <= CALL_STEPS_MAX; steps++) {
		struct codec_want want = { 0 };
		struct codec_answer answer = { 0 };
		bool answered;

		ready(asked);
		row->handle(&asked->peer, &asked->call, &told, &want, &answer);
		answered = answer.status != 0;
		if (answered)
			check_answer(&answer);
		answer_clear_body(&answer);
		if (answered)
			return;
		require(want.kind > WANT_NOTHING && want.kind < WANT_KINDS);
		told = (struct codec_told){ .kind = want.kind,
					    .reason = steps % 2 ? REASON_UNKNOWN_PERSON
								: REASON_UNKNOWN_ROOM };
	}
	abort();
}

static void ask(struct asked *asked)
{
	const struct codec_http *http = asked->codec->http;
	struct codec_match match = codec_http_match(http, asked->call.path);
	const struct codec_path *row = match.rows[asked->call.method];
	struct codec_login login = { 0 };

	require(!match.methods == !(match.rows[0] || match.rows[1] || match.rows[2] ||
				    match.rows[3] || match.rows[4]));
	refuse(asked);
	asked->call.prefix = match.prefix;
	if (!row || asked->call.body.len > row->body_max ||
	    !codec_http_parts(http, row, &asked->call, asked->scratch))
		return;
	ready(asked);
	(void)(http->identify ? http->identify : call_credentials)(&asked->peer, &asked->call,
								   &login);
	take_steps(asked, row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct codec *const codecs[] = { &codec_mixer, &codec_concord, &codec_rooms };
	const char *at = (const char *)data + 1, *end = (const char *)data + size;
	struct asked asked = { .view = { .ids = &key,
					 .room = SLICE("lobby"),
					 .room_number = 7,
					 .room_id = SLICE("7") } };
	struct slice target, path;
	const char *query;

	if (size == 0)
		return 0;
	asked.codec = codecs[data[0] / CALL_METHODS % 3];
	asked.call.method = (enum call_method)(data[0] % CALL_METHODS);
	target = take_line(&at, end, &asked.target);
	asked.call.authorization = take_line(&at, end, &asked.authorization);
	asked.body = memory_new((size_t)(end - at) + 1);
	memcpy(asked.body, at, (size_t)(end - at));
	asked.call.body = slice_span(asked.body, (size_t)(end - at));
	query = target.len ? memchr(target.data, '?', target.len) : NULL;
	path = slice_span(target.data, query ? (size_t)(query - target.data) : target.len);
	asked.call.path = path;
	if (query)
		asked.call.query = slice_span(query + 1, target.len - path.len - 1);
	asked.call.base_url = SLICE("https://chat.example");
	asked.call.socket_url = SLICE("wss://chat.example/x");
	asked.view.codec = asked.codec;
	asked.view.bridge = (struct person){ .name = SLICE("Dragoman"), .number = 9 };
	asked.peer =
	    (struct codec_peer){ .view = &asked.view,
				 .self = { .name = SLICE("ann"), .number = 42, .roles = ROLE_USER },
				 .logged_in = true,
				 .json_depth = 32,
				 .now_ms = UINT64_C(1795289388027) };
	asked.path_len = path.len;
	asked.scratch =
	    memory_new(target.len + asked.call.body.len + asked.call.authorization.len + 1);
	ask(&asked);
	free(asked.target);
	free(asked.authorization);
	free(asked.body);
	free(asked.scratch);
	return 0;
}
