#include "bridge/client/overhear.h"

#include "bridge/client/membership.h"
#include "bridge/core/worker.h"
#include "bridge/net/ws/ws_deflate.h"

#define FIRST_TEXT       0x81 /* FIN, text; RFC 6455 section 5.2 */
#define FIRST_COMPRESSED 0xc1 /* with RSV1; RFC 7692 section 6 */
#define INFLATED_MAX     ((size_t)4 * 1024 * 1024)

static bool is_wanted(const struct capture *capture, const struct session *session)
{
	const struct membership *membership;

	if (!capture->room)
		return true;
	membership = session_membership((struct session *)(uintptr_t)session, capture->room);
	return membership && membership->in;
}

static struct capture_who who_of(const struct session *session)
{
	return (struct capture_who){ .ref = session->ref,
				     .dialect = slice_of(session->codec->name),
				     .person = session->peer.logged_in ? &session->peer.self : NULL,
				     .now_ms = session->worker->now_ms };
}

static void received(struct capture *capture, const struct session *session, struct slice text)
{
	struct capture_who who = who_of(session);

	if (is_wanted(capture, session))
		capture_frame(capture, &who, true, text);
}

/* The length of a frame's payload, as a server writes it (RFC 6455 section 5.2), and where it
 * begins; false: it is not whole. */
static bool measure(const unsigned char *bytes, size_t len, size_t *header, size_t *payload)
{
	size_t more = len < 2 ? 0 : bytes[1] == 126 ? 2 : bytes[1] == 127 ? 8 : 0;

	*header = 2 + more;
	if (len < *header)
		return false;
	*payload = more ? 0 : bytes[1];
	for (size_t i = 0; i < more; i++)
		*payload = *payload << 8 | bytes[2 + i];
	return *payload <= len - *header;
}

static void sent_message(struct capture *capture, const struct capture_who *who,
			 const unsigned char *payload, size_t len, bool compressed)
{
	struct slice text = slice_span((const char *)payload, len);

	if (compressed && !capture->inflate) {
		capture->inflate = ws_inflate_new();
		capture->inflate_free = ws_inflate_free;
	}
	if (!compressed ||
	    ws_inflate_message(capture->inflate, payload, len, INFLATED_MAX, &text) == 0)
		capture_frame(capture, who, false, text);
}

static void sent(struct capture *capture, const struct session *session, const unsigned char *bytes,
		 size_t len)
{
	struct capture_who who = who_of(session);
	size_t header, payload;

	if (session->peer.form.framing != FRAMING_WEBSOCKET || !is_wanted(capture, session))
		return;
	for (; measure(bytes, len, &header, &payload); len -= header + payload) {
		bool compressed = bytes[0] == FIRST_COMPRESSED;

		if (compressed || bytes[0] == FIRST_TEXT)
			sent_message(capture, &who, bytes + header, payload, compressed);
		bytes += header + payload;
	}
}

static void gone(struct capture *capture, const struct session *session)
{
	struct capture_who who = who_of(session);

	capture_gone(capture, &who);
}

const struct capture_ops overhear_ops = { .received = received, .sent = sent, .gone = gone };
