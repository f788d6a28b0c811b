#include "bridge/client/being.h"

#include "bridge/client/push.h"
#include "bridge/core/worker.h"

void being_tell(struct session *session, const struct room_entry *room, bool there)
{
	const struct codec_ops *ops = session->codec->serves;
	struct frame *frame = NULL;

	if (!ops->room || ops->room(room_view(room, session->dialect), &session->peer.form, there,
				    &frame) != CODEC_OK)
		return;
	session_push(session, frame, NULL, OUTCOME_DELIVERED);
	frame_release(frame);
}
