#include "tests/support/http_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/memory.h"

#define LIMITS_USUAL                                                                               \
	{                                                                                          \
		.head_max = 8192, .headers_max = 64, .body_max = 65536                             \
	}

const struct http_limits http_limits_usual = LIMITS_USUAL;

const struct http_settings http_settings_usual = { .limits = LIMITS_USUAL,
						   .under_way_max = 4,
						   .held_max = 131072,
						   .request_ms = 30000,
						   .answer_ms = 30000,
						   .upgrade_ms = 30000,
						   .idle_ms = 75000,
						   .retry_after_s = 5 };

static uint32_t methods(void *user, const struct http_request *request)
{
	const struct http_peer *peer = user;

	return slice_is(request->path, "/none") ? 0 : peer->known;
}

void http_peer_reply(struct http_peer *peer, uint32_t ticket, const char *body)
{
	struct http_answer answer = { .status = 200, .body = slice_of(body) };

	assert_int_equal(http_reply(&peer->connection, ticket, &answer, peer->now), HTTP_REPLIED);
}

static bool handle(void *user, const struct http_call *call)
{
	struct http_peer *peer = user;
	char path[64];

	assert_ptr_equal(call->connection, &peer->connection);
	http_output_add(&peer->seen, call->request->method_text);
	http_output_add(&peer->seen, SLICE(" "));
	http_output_add(&peer->seen, call->request->path);
	http_output_add(&peer->seen, SLICE(" "));
	http_output_add(&peer->seen, call->body);
	http_output_add(&peer->seen, SLICE("|"));
	peer->upgrade = call->upgrade;
	if (peer->mode == NOBODY)
		return false;
	if (peer->calls < 64)
		peer->tickets[peer->calls++] = call->ticket;
	if (peer->answer) {
		(void)http_reply(&peer->connection, call->ticket, peer->answer, peer->now);
	} else if (peer->mode == AT_ONCE) {
		snprintf(path, sizeof(path), "%.*s", (int)(call->request->path.len % 60),
			 call->request->path.data);
		http_peer_reply(peer, call->ticket, path);
	}
	return true;
}

static void gone(void *user, uint32_t ticket)
{
	struct http_peer *peer = user;

	peer->gone[peer->gones++] = ticket;
}

static void word(void *user, const struct http_request *request, uint32_t ticket,
		 struct http_answer *answer)
{
	struct http_peer *peer = user;

	(void)request;
	(void)ticket;
	if (peer->worded) {
		answer->type = SLICE("application/json");
		answer->body = SLICE("{}");
	}
}

static void stream_write(void *user, const unsigned char *bytes, size_t len)
{
	struct http_peer *peer = user;

	assert_false(peer->ended);
	http_output_add(&peer->sent, slice_span((const char *)bytes, len));
}

static void stream_pause(void *user, bool paused)
{
	struct http_peer *peer = user;

	assert_true(peer->paused != paused);
	peer->paused = paused;
	peer->pauses++;
}

static bool stream_full(void *user)
{
	return ((struct http_peer *)user)->full;
}

static void stream_wake(void *user)
{
	((struct http_peer *)user)->wakes++;
}

static void stream_upgraded(void *user, unsigned char *rest, size_t len)
{
	struct http_peer *peer = user;

	assert_null(peer->rest);
	peer->rest = memory_text((char *)rest, len);
	peer->rest_len = len;
	http_connection_clear(&peer->connection);
}

/* The worst moment to free it. */
static void stream_end(void *user)
{
	struct http_peer *peer = user;

	assert_false(peer->ended);
	peer->ended = true;
	http_connection_clear(&peer->connection);
}

static struct slice stream_date(void *user)
{
	return ((struct http_peer *)user)->date;
}

static const struct http_handler handler = { methods, handle, gone, word, true };
static const struct http_stream stream = { stream_write,    stream_pause, stream_full, stream_wake,
					   stream_upgraded, stream_end,   stream_date };

void http_peer_open(struct http_peer *peer, enum http_peer_mode mode)
{
	*peer = (struct http_peer){ .settings = http_settings_usual,
				    .mode = mode,
				    .now = 1000,
				    .known = UINT32_MAX & ~(UINT32_C(1) << METHOD_OPTIONS) };
	http_connection_init(&peer->connection, &peer->settings, &handler, peer, &stream, peer,
			     peer->now);
}

void http_peer_close(struct http_peer *peer)
{
	http_connection_clear(&peer->connection);
	http_output_clear(&peer->sent);
	http_output_clear(&peer->seen);
	free(peer->rest);
}

void http_peer_send(struct http_peer *peer, const void *bytes, size_t len)
{
	unsigned char *segment = memory_new(len);

	memcpy(segment, bytes, len);
	assert_true(http_connection_bytes(&peer->connection, segment, len, peer->now));
	free(segment);
}

void http_peer_say(struct http_peer *peer, const char *text)
{
	http_peer_send(peer, text, strlen(text));
}

void assert_http_sent(struct http_peer *peer, const char *expected)
{
	if (peer->sent.len != strlen(expected) ||
	    (peer->sent.len && memcmp(peer->sent.data, expected, peer->sent.len) != 0))
		fail_msg("sent:\n%.*s\nis to be:\n%s", (int)peer->sent.len,
			 peer->sent.data ? peer->sent.data : "", expected);
	http_output_clear(&peer->sent);
}

void assert_http_seen(struct http_peer *peer, const char *expected)
{
	assert_true(slice_is(slice_span(peer->seen.data, peer->seen.len), expected));
	http_output_clear(&peer->seen);
}

void assert_http_statuses(struct http_peer *peer, const char *expected)
{
	char found[128] = "";
	const char *at = peer->sent.data, *end = at + peer->sent.len;

	while (at && (at = memmem(at, (size_t)(end - at), "HTTP/1.1 ", 9))) {
		strncat(found, at + 9, 4);
		at += 9;
	}
	assert_string_equal(found, expected);
	http_output_clear(&peer->sent);
}
