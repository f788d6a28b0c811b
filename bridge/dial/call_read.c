#include "bridge/dial/call_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "bridge/core/worker.h"
#include "bridge/dial/call_write.h"
#include "bridge/dial/handshake.h"
#include "bridge/dial/secure.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"

#define LAST_READS 16

/* ---- frames that come ---- */

/* Says the same, as far as that goes out at once, and ends. */
static void end_closed(struct socket_call *call, uint16_t code, struct slice why)
{
	char words[32];

	if (call->state != CALL_CLOSES)
		call_close_add(call, code);
	call_put(call);
	snprintf(words, sizeof(words), "closed with code %u", code);
	call_finish(call, (struct socket_call_end){ .code = code,
						    .why = why.len > 0 ? why : slice_of(words) });
}

static void end_fault(struct socket_call *call, uint16_t code)
{
	end_closed(call, code,
		   code == CALL_CODE_BAD_TEXT   ? SLICE("what came is not UTF-8")
		   : code == CALL_CODE_TOO_LONG ? SLICE("what came is too long")
						: SLICE("what came breaks the rules of WebSocket"));
}

static void message_take(struct socket_call *call, const struct ws_message *message)
{
	if (message->binary && !text_is_utf8(message->payload))
		end_fault(call, CALL_CODE_BAD_TEXT);
	else if (call->state == CALL_OPEN)
		call->use->message(call->user, message->payload);
}

static void frames_take(struct socket_call *call, unsigned char *bytes, size_t len)
{
	struct ws_input input = {
		.bytes = bytes, .len = len, .limit = call->message_bytes, .calling = true
	};
	struct ws_message message;

	while (call->state == CALL_OPEN || call->state == CALL_CLOSES) {
		switch (ws_read(&call->reader, &input, &message)) {
		case WS_MORE: return;
		case WS_MESSAGE: message_take(call, &message); break;
		case WS_PING:
			if (call->state == CALL_OPEN && call_has_room(call, message.payload.len))
				call_frame_add(call, FRAME_PONG, message.payload);
			break;
		case WS_CLOSE: end_closed(call, message.code, message.payload); break;
		case WS_FAULT: end_fault(call, message.code); break;
		}
	}
}

/* ---- the handshake ---- */

static void agree(struct socket_call *call, const struct handshake_answer *answer)
{
	struct opening *opening = call->opening;

	/* What is borrowed lies there. */
	call->opening = NULL;
	call->state = CALL_OPEN;
	call->use->open(call->user, answer->instance);
	frames_take(call, (unsigned char *)opening->answer + answer->len,
		    opening->answer_len - answer->len);
	call->opening = opening;
	call_opening_free(call);
}

static void answer_take(struct socket_call *call, const unsigned char *bytes, size_t len)
{
	struct opening *opening = call->opening;
	struct handshake_answer answer;

	opening->answer = memory_resize(opening->answer, opening->answer_len + len);
	memcpy(opening->answer + opening->answer_len, bytes, len);
	opening->answer_len += len;
	switch (handshake_read(slice_span(opening->answer, opening->answer_len), opening->key,
			       call->worker->now_ms, &answer)) {
	case HANDSHAKE_MORE: break;
	case HANDSHAKE_AGREED: agree(call, &answer); break;
	case HANDSHAKE_REFUSED:
		call_finish(call, (struct socket_call_end){ .status = answer.status,
							    .retry_after_s = answer.retry_after_s,
							    .why = slice_of(answer.why) });
		break;
	}
}

/* ---- what the socket tells ---- */

static struct socket_call *call_of(struct socket_poll *poll)
{
	return (struct socket_call *)(void *)poll;
}

/* -1: nothing is there; otherwise as recv(), or it has ended. */
static ssize_t get(struct socket_call *call, unsigned char *bytes)
{
	bool empty = false;
	ssize_t got;

	if (call->tls) {
		got = secure_read(call->tls, bytes, CALL_READ_BYTES, &empty);
	} else {
		got = recv(call->poll.fd, bytes, CALL_READ_BYTES, MSG_DONTWAIT);
		empty = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
	}
	if (got < 0 && !empty)
		call_lost(call, errno ? strerror(errno) : "the connection is broken");
	return got;
}

static void end_silent(struct socket_call *call)
{
	if (call->state == CALL_HANDSHAKES)
		call_lost(call, call->opening->answer_len > 0
				    ? "the connection was closed within the answer"
				    : "the connection was closed without an answer");
	else
		call_lost(call, "the connection was closed without a goodbye");
}

static void take(struct socket_call *call, unsigned char *bytes, size_t len)
{
	call->heard_ms = call->worker->tick_ms;
	if (call->state == CALL_HANDSHAKES)
		answer_take(call, bytes, len);
	else
		frames_take(call, bytes, len);
}

/* The clock was read before the loop's wait. */
static void look_at_clock(struct worker *worker)
{
	if (worker->clock_stale)
		worker->read_clock(worker);
}

static void on_readable(struct socket_poll *poll)
{
	struct socket_call *call = call_of(poll);
	unsigned char *bytes = call->worker->calls->scratch;
	ssize_t got;

	look_at_clock(call->worker);
	call_enter(call);
	do {
		got = get(call, bytes);
		if (got > 0)
			take(call, bytes, (size_t)got);
		else if (got == 0)
			end_silent(call);
	} while (got > 0 && call->state != CALL_ENDED && call->tls && secure_pending(call->tls));
	call_leave(call);
}

static void on_writable(struct socket_poll *poll)
{
	struct socket_call *call = call_of(poll);

	look_at_clock(call->worker);
	call_enter(call);
	call_flush(call);
	call_leave(call);
}

/* A server that closes before it has read all of ours resets the connection, behind its goodbye. */
static void on_broken(struct socket_poll *poll)
{
	struct socket_call *call = call_of(poll);
	unsigned char *bytes = call->worker->calls->scratch;
	int number = 0;
	socklen_t len = sizeof(number);
	ssize_t got = 1;

	getsockopt(poll->fd, SOL_SOCKET, SO_ERROR, &number, &len);
	look_at_clock(call->worker);
	call_enter(call);
	for (int i = 0; number != 0 && i < LAST_READS && got > 0 && call->state != CALL_ENDED; i++)
		if ((got = get(call, bytes)) > 0)
			take(call, bytes, (size_t)got);
	call_lost(call, number ? strerror(number) : "the server ends");
	call_leave(call);
}

const struct socket_poll_ops call_poll_ops = { .readable = on_readable,
					       .writable = on_writable,
					       .broken = on_broken };
