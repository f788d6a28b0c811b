#include "bridge/command/translate/reading.h"

#include <stdlib.h>

#include "codecs/model/frame.h"
#include "codecs/text/memory.h"

struct reading_sink {
	struct codec_sink doors;
	const struct session *session;
	struct reading *out;
};

static void sink_draft(struct codec_sink *doors, const struct codec_draft *draft)
{
	struct reading_sink *sink = (struct reading_sink *)doors;
	const struct session *session = sink->session;
	struct envelope event = draft->event;

	if (sink->out->drafts++ > 0)
		return;
	event.author = session->peer.self;
	event.time_ms = session->worker->now_ms;
	event.room = session->home->rules.name;
	event.origin.instance = slice_of(session->mount->path);
	sink->out->draft = envelope_seal(&event);
}

static void sink_login(struct codec_sink *doors, const struct codec_login *login)
{
	(void)login;
	((struct reading_sink *)doors)->out->login = true;
}

static void sink_query(struct codec_sink *doors, const struct codec_query *query)
{
	(void)query;
	((struct reading_sink *)doors)->out->query = true;
}

static void sink_answer(struct codec_sink *doors, struct frame *frame)
{
	((struct reading_sink *)doors)->out->answer = true;
	frame_release(frame);
}

/* By a copy of the peer: what decode() keeps there is a matter of the frame's being sent. */
void reading_of(struct stage_client *client, struct slice frame, struct reading *out)
{
	struct session *session = client->session;
	struct reading_sink sink = { .doors = { .draft = sink_draft,
						.login = sink_login,
						.query = sink_query,
						.answer = sink_answer },
				     .session = session,
				     .out = out };
	size_t size = session->codec->state_size;
	struct codec_peer peer;

	*out = (struct reading){ .drafts = 0 };
	session_prepare(session);
	peer = session->peer;
	peer.state = memory_zeroed(1, size + 1);
	if (size)
		memcpy(peer.state, session->peer.state, size);
	out->reason = session->codec->serves->decode(&peer, frame, &sink.doors);
	free(peer.state);
}

void reading_clear(struct reading *reading)
{
	envelope_release(reading->draft);
	reading->draft = NULL;
}
