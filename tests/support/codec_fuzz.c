#include "tests/support/codec_fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "codecs/text/unicode.h"
#include "tests/support/codec_probe.h"

static void require(bool what)
{
	if (!what)
		abort();
}

static void require_utf8(struct slice text)
{
	for (size_t at = 0; at < text.len;)
		require(unicode_next(text, &at) >= 0);
}

static bool line_take(struct slice *rest, struct slice *line)
{
	const char *end = rest->len ? memchr(rest->data, '\n', rest->len) : NULL;

	if (!rest->len)
		return false;
	line->data = rest->data;
	line->len = end ? (size_t)(end - rest->data) : rest->len;
	rest->data += line->len + (end != NULL);
	rest->len -= line->len + (end != NULL);
	return true;
}

static void login_check(const struct codec_login *login)
{
	require_utf8(login->name);
	require_utf8(login->secret);
	require_utf8(login->room_id);
}

static void draft_check(const struct envelope *draft)
{
	require_utf8(draft->text);
	require_utf8(draft->thread);
	require_utf8(draft->subject.name);
	require(draft->part_count <= ENVELOPE_PARTS_MAX);
	for (size_t i = 0; i < draft->part_count; i++) {
		require_utf8(draft->parts[i].text);
		require_utf8(draft->parts[i].name);
	}
	if (draft->poll) {
		require(draft->poll->option_count <= POLL_OPTIONS_MAX);
		require_utf8(draft->poll->question);
		for (size_t i = 0; i < draft->poll->option_count; i++)
			require_utf8(draft->poll->options[i]);
	}
}

/* The draft was ordered, and the peer is told. */
static void done_check(struct probe *p)
{
	struct envelope event = *p->draft;
	struct codec_reply reply = { .kind = REPLY_DONE,
				     .correlation = p->draft->correlation,
				     .event = &event };
	struct frame *frame = NULL;

	event.id = 123;
	event.time_ms = PROBE_NOW;
	event.author = p->peer.self;
	if (p->codec->serves->reply(&p->peer, &reply, &frame) == CODEC_OK)
		probe_check_frame(frame);
	frame_release(frame);
}

/* Returns whether the connection is open. */
static bool shake_hands(struct probe *p, struct slice how, struct slice said)
{
	char *text = memory_text(said.data, said.len);
	bool query = memchr(how.data, 'q', how.len), header = memchr(how.data, 'a', how.len);
	enum reason reason = probe_handshake(p, query ? text : NULL, header ? text : NULL);

	free(text);
	if (reason == REASON_NONE)
		login_check(&p->login);
	else
		require(p->codec->serves->refuse(reason).status >= 400);
	return reason == REASON_NONE;
}

static void frame_check(struct probe *p, struct slice text)
{
	probe_check_text(p, text);
	if (p->logins)
		login_check(&p->login);
	if (p->draft) {
		draft_check(p->draft);
		done_check(p);
	}
}

void codec_fuzz(const struct codec *codec, const unsigned char *data, size_t size)
{
	struct slice rest = slice_span((const char *)data, size), how, said, line;
	struct probe p;
	size_t letters;

	if (!line_take(&rest, &line) || !line.len)
		return;
	for (letters = 0; letters < line.len && line.data[letters] != ' '; letters++)
		;
	how = slice_span(line.data, letters);
	said = slice_span(line.data + letters, line.len - letters);
	if (said.len)
		said = slice_span(said.data + 1, said.len - 1);
	probe_open(&p, codec);
	p.peer.logged_in = memchr(how.data, 'l', how.len);
	p.peer.strict = memchr(how.data, 's', how.len);
	p.peer.form.framing = memchr(how.data, 'n', how.len) ? FRAMING_LINES : FRAMING_WEBSOCKET;
	if (shake_hands(&p, how, said)) {
		if (codec->serves->open)
			codec->serves->open(&p.peer, &p.sink);
		while (line_take(&rest, &line))
			frame_check(&p, line);
	}
	probe_close(&p);
}
