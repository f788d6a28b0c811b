#include "bridge/dial/call_write.h"

#include <errno.h>
#include <sys/socket.h>

#include "bridge/core/worker.h"
#include "bridge/net/tls.h"

bool call_has_room(const struct socket_call *call, size_t len)
{
	size_t left = output_left(&call->output);

	return left + FRAME_HEAD_MAX <= call->unsent_bytes &&
	       len <= call->unsent_bytes - left - FRAME_HEAD_MAX;
}

void call_frame_add(struct socket_call *call, unsigned first, struct slice payload)
{
	output_frame(&call->output, &call->worker->calls->masks, first, payload);
	call_set_dirty(call);
}

void call_close_add(struct socket_call *call, uint16_t code)
{
	char payload[2] = { (char)(code >> 8), (char)(code & 0xff) };

	call_frame_add(call, FRAME_CLOSE, slice_span(payload, code == CALL_CODE_NONE ? 0 : 2));
}

/* How much of it went out: 0 when nothing can go now, -1 when nothing ever will. */
static ssize_t put(struct socket_call *call, const unsigned char *bytes, size_t len)
{
	ssize_t sent;

	if (call->tls)
		return tls_write(call->tls, bytes, len);
	sent = send(call->poll.fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return 0;
	return sent;
}

bool call_put(struct socket_call *call)
{
	struct output *output = &call->output;

	call->blocked = false;
	while (output_left(output) > 0) {
		ssize_t sent = put(call, output->bytes + output->at, output_left(output));

		if (sent < 0)
			return false;
		if (sent == 0) {
			call->blocked = true;
			socket_poll_write(&call->poll);
			return true;
		}
		output_sent(output, (size_t)sent);
	}
	return true;
}

void call_flush(struct socket_call *call)
{
	bool was_blocked = call->blocked;

	call_set_clean(call);
	if (!call_put(call))
		call_lost(call, "the connection is broken: nothing can be written");
	else if (was_blocked && !call->blocked && call->state == CALL_OPEN && call->use->drained)
		call->use->drained(call->user);
}
