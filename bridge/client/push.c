#include "bridge/client/push.h"

#include "bridge/client/batch.h"
#include "bridge/core/worker.h"

void session_push(struct session *session, struct frame *frame, struct tally *tally,
		  enum outcome outcome)
{
	batch_catch_up(session);
	session_queue(session, frame, tally, outcome, 0);
}

void session_close(struct session *session, enum close_reason why)
{
	if (session->phase != SESSION_OPEN)
		return;
	batch_catch_up(session);
	/* It may have been too slow for that. */
	if (session->phase != SESSION_OPEN)
		return;
	session->phase = SESSION_CLOSING;
	session->close_why = why;
	session->pinged_tick = session->worker->tick_ms;
	session_mark_leaving(session);
}

void session_refuse(struct session *session, enum reason reason, struct slice text)
{
	struct codec_response response = session->codec->serves->refuse(reason);

	session_close(session, close_refused(reason));
	if (session->answered || session->close_asked)
		return;
	if (text.len > 0 && response.body.len == 0) {
		response.type = SLICE("text/plain; charset=utf-8");
		response.body = text;
	}
	session->close_asked = true;
	session->transport->refuse(session->conn, reason, &response);
}
