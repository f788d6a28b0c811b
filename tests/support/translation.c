#include "tests/support/translation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/json_read.h"
#include "codecs/text/memory.h"

#define KEY "WCVl_0123456789abcdefghijklmnopq" /* of a login at a rooms server */

static struct translation *translation_of(struct call_sink *sink)
{
	return (struct translation *)(void *)sink;
}

/* ---- what was seen ---- */

static void forget_seen(struct translation *t)
{
	while (t->seen_count > 0)
		envelope_release(t->seen[--t->seen_count]);
}

static void see(struct translation *t, const struct envelope *event)
{
	if (t->seen_count < SEEN_MOST)
		t->seen[t->seen_count++] = envelope_seal(event);
}

static void replace_first(struct translation *t, const struct envelope *event)
{
	struct envelope *sealed = envelope_seal(event);

	envelope_release(t->seen[0]);
	t->seen[0] = sealed;
}

/* All ids that are removed one by one. */
static void gather_removed(struct translation *t, enum event_case of)
{
	static uint64_t removed[SEEN_MOST];
	struct envelope event = *t->seen[0];
	size_t count = 0;

	if (of == CASE_DELETE || !(case_fields(of) & UINT64_C(1) << FIELD_REMOVED))
		return;
	for (size_t i = 0; i < t->seen_count; i++)
		if (t->seen[i]->kind == KIND_DELETE)
			removed[count++] = t->seen[i]->target;
	event.removed = removed;
	event.removed_count = count;
	replace_first(t, &event);
}

/* Who left is who was made to. */
static void leaver_is_subject(struct translation *t, enum event_case of)
{
	struct envelope event = *t->seen[0];

	if (!case_has_subject(of) || event.kind != KIND_EXIT)
		return;
	event.subject = event.author;
	event.author = (struct person){ .number = 0 };
	replace_first(t, &event);
}

static const struct envelope *pick(struct translation *t, enum event_case of)
{
	size_t at = 0;

	while (at < t->seen_count && case_of(t->seen[at]) != of)
		at++;
	if (at > 0 && at < t->seen_count) {
		struct envelope *found = t->seen[at];

		t->seen[at] = t->seen[0];
		t->seen[0] = found;
	}
	if (t->seen_count == 0)
		return NULL;
	gather_removed(t, of);
	leaver_is_subject(t, of);
	return t->seen[0];
}

/* ---- the calling end: doors ---- */

/* Their number here, of the id that the dialect shows. */
static struct person person_of(const struct translation *t, const struct foreign_person *foreign)
{
	struct person person = { .name = foreign->name, .roles = foreign->roles };
	unsigned char uuid[16];
	uint64_t number = 0;

	bool known = false;

	if (t->codec->naming.form == NAMING_UUID && uuid_parse(foreign->id, uuid))
		known = identity_number(&t->serving.probe.ids, ID_PERSON, uuid, &number);
	else if (t->codec->naming.form == NAMING_NUMBER)
		known = call_decimal(foreign->id, UINT32_MAX, &number);
	person.number = known ? (uint32_t)number : 0;
	return person;
}

static uint64_t message_of(const struct translation *t, struct slice id)
{
	unsigned char uuid[16];
	uint64_t number = 0;
	bool known = uuid_parse(id, uuid)
			 ? identity_number(&t->serving.probe.ids, ID_MESSAGE, uuid, &number)
			 : call_decimal(id, UINT64_MAX, &number);

	return known ? number : 0;
}

static void door_heard(struct call_sink *sink, const struct call_heard *heard)
{
	struct translation *t = translation_of(sink);
	struct envelope event = heard->event;

	event.author = person_of(t, &heard->author);
	event.subject = person_of(t, &heard->subject);
	event.id = message_of(t, heard->id);
	event.target = message_of(t, heard->target);
	event.time_ms = (uint64_t)event.client_time_ms;
	see(t, &event);
}

static void door_up(struct call_sink *sink, const struct foreign_person *self)
{
	struct translation *t = translation_of(sink);

	assert_true(self->id.len < sizeof(t->self_id) && self->name.len < sizeof(t->self_name));
	if (self->id.len)
		memcpy(t->self_id, self->id.data, self->id.len);
	if (self->name.len)
		memcpy(t->self_name, self->name.data, self->name.len);
	t->calling.self = (struct foreign_person){ slice_span(t->self_id, self->id.len),
						   slice_span(t->self_name, self->name.len), 0 };
}

static void door_refused(struct call_sink *sink, enum reason reason, struct slice text)
{
	(void)sink;
	(void)reason;
	(void)text;
}

static void door_settled(struct call_sink *sink, const struct call_settled *settled)
{
	(void)sink;
	(void)settled;
}

static void door_known(struct call_sink *sink, const struct foreign_person *person, bool online)
{
	(void)sink;
	(void)person;
	(void)online;
}

static void door_send(struct call_sink *sink, struct slice frame)
{
	(void)sink;
	(void)frame;
}

static void request_clear(struct call_request *request)
{
	json_clear(&request->path);
	json_clear(&request->body);
	json_clear(&request->authorization);
}

static void door_ask(struct call_sink *sink, struct call_request *request)
{
	struct translation *t = translation_of(sink);

	if (t->asked_count < 16) {
		snprintf(t->asked[t->asked_count], sizeof(t->asked[0]), "%.*s",
			 (int)request->path.len, request->path.data);
		t->asked_tags[t->asked_count++] = request->tag;
	}
	request_clear(request);
}

static void door_history(struct call_sink *sink, size_t count, bool reaches)
{
	(void)sink;
	(void)count;
	(void)reaches;
}

/* ---- the calling end: what a server of each dialect answers ---- */

/* People are known there by names that no event has. */
static void put_people(const struct translation *t, char *out, size_t size)
{
	bool uuids = t->codec->naming.form == NAMING_UUID;
	size_t len = 0;

	for (size_t i = 0; i < CAST_SIZE; i++) {
		char uuid[UUID_TEXT_LEN + 1] = { 0 };

		uuid_print(t->cast[i].person.uuid, uuid);
		if (uuids)
			len +=
			    (size_t)snprintf(out + len, size - len, "%s\"%s\"", i ? "," : "", uuid);
		else
			len += (size_t)snprintf(out + len, size - len,
						"%s{\"id\":%u,\"username\":\"known %zu\"}",
						i ? "," : "", t->cast[i].person.number, i);
	}
}

static void answer_for(const struct translation *t, const char *path, char *out, size_t size)
{
	char people[1024];
	const char *id = strrchr(path, '/');

	put_people(t, people, sizeof(people));
	if (strstr(path, "/tokens"))
		snprintf(out, size, "{\"token\":\"t\"}");
	else if (strstr(path, "/key"))
		snprintf(out, size, "{\"key\":\"" KEY "\"}");
	else if (strstr(path, "/users/current") || strstr(path, "/self"))
		snprintf(out, size, "{\"id\":99,\"username\":\"relay\",\"channel\":{\"id\":7}}");
	else if (strstr(path, "/channels"))
		snprintf(out, size,
			 "[{\"id\":7,\"name\":\"general\",\"capabilities\":[\"text\"],"
			 "\"children\":[]}]");
	else if (strstr(path, "/chats/") && !strstr(path, "/users"))
		snprintf(out, size,
			 "{\"authkey\":\"k\",\"roles\":[\"User\"],\"permissions\":[],"
			 "\"endpoints\":[\"ws://chat.example\"]}");
	else if (strstr(path, "/chats/"))
		snprintf(out, size, "[]");
	else if (strstr(path, "/room/") && strstr(path, "/users"))
		snprintf(out, size, "{\"index\":0,\"user_count\":6,\"users\":[%s]}", people);
	else if (strstr(path, "/room/"))
		snprintf(out, size,
			 "{\"name\":\"lobby\",\"open\":true,\"room_id\":\"" PROBE_ROOM
			 "\",\"user_count\":2}");
	else if (strstr(path, "/user/"))
		snprintf(out, size, "{\"user_id\":\"%.36s\",\"username\":\"known %.8s\"}", id + 1,
			 id + 1);
	else if (strstr(path, "/users"))
		snprintf(out, size, "[%s]", people);
	else
		snprintf(out, size, "{}");
}

static void answer_asked(struct translation *t)
{
	static char body[2048];

	while (t->asked_count > 0) {
		uint32_t tag = t->asked_tags[0];
		struct call_result result = { .tag = tag, .status = 200 };

		answer_for(t, t->asked[0], body, sizeof(body));
		t->asked_count--;
		memmove(t->asked[0], t->asked[1], t->asked_count * sizeof(t->asked[0]));
		memmove(t->asked_tags, t->asked_tags + 1, t->asked_count * sizeof(uint32_t));
		result.body = slice_of(body);
		t->codec->calls->answered(&t->calling, NULL, &result, &t->sink);
	}
}

static void clear_plan(struct call_plan *plan)
{
	request_clear(&plan->request);
	json_clear(&plan->socket_url);
	json_clear(&plan->authorization);
}

static void log_in(struct translation *t)
{
	static char body[2048];
	struct call_result result = { .status = 200 }, *previous = NULL;

	for (unsigned steps = 0;; steps++) {
		struct call_plan plan = { .reason = REASON_NONE };
		enum call_step step = t->codec->calls->plan(&t->calling, previous, &plan, &t->sink);
		char path[160];

		assert_int_not_equal(step, CALL_REFUSED);
		assert_true(steps < 10);
		if (step == CALL_CONNECT) {
			clear_plan(&plan);
			return;
		}
		snprintf(path, sizeof(path), "%.*s", (int)plan.request.path.len,
			 plan.request.path.data);
		answer_for(t, path, body, sizeof(body));
		result.tag = plan.request.tag;
		result.body = slice_of(body);
		previous = &result;
		clear_plan(&plan);
	}
}

static void hear_text(struct translation *t, struct slice text)
{
	(void)t->codec->calls->decode(&t->calling, text, &t->sink);
}

static void calling_open(struct translation *t)
{
	static const char room[] = PROBE_ROOM;
	bool uuids = t->codec->naming.form == NAMING_UUID, none = !t->codec->naming.form;

	t->sink = (struct call_sink){ .up = door_up,
				      .refused = door_refused,
				      .heard = door_heard,
				      .settled = door_settled,
				      .known = door_known,
				      .send = door_send,
				      .ask = door_ask,
				      .history = door_history };
	t->account = (struct call_account){ .url = SLICE("http://chat.example"),
					    .user = SLICE("relay"),
					    .secret = SLICE("secret") };
	if (uuids)
		t->account.user = SLICE("6a400000-0000-4000-8000-000000000001");
	if (!none)
		t->account.room = uuids                                         ? slice_of(room)
				  : slice_is(slice_of(t->codec->name), "mixer") ? SLICE("7")
										: SLICE("general");
	t->calling = (struct call_peer){ .state = memory_zeroed(1, t->codec->calls->state_size + 1),
					 .account = &t->account,
					 .json_depth = JSON_DEPTH_DEFAULT,
					 .now_ms = PROBE_NOW,
					 .scratch = t->scratch };
	log_in(t);
	if (t->codec->calls->open)
		t->codec->calls->open(&t->calling, &t->sink);
	/* Of mixer, whose login goes on in the socket. */
	hear_text(t, SLICE("{\"type\":\"event\",\"event\":\"WelcomeEvent\",\"data\":{}}"));
	hear_text(t, SLICE("{\"type\":\"reply\",\"error\":null,\"id\":0,\"data\":"
			   "{\"authenticated\":true,\"roles\":[\"User\"]}}"));
	answer_asked(t);
	forget_seen(t);
}

/* ---- both ---- */

void translation_open(struct translation *t, const struct codec *codec,
		      const struct cast_person *cast)
{
	static const char *const queries[] = { "name=ann", "token=ann", ("key=" KEY) };
	static const char *const dialects[] = { "mixer", "concord", "rooms" };

	memset(t, 0, sizeof(*t));
	t->codec = codec;
	t->cast = cast;
	call_probe_open(&t->serving, codec);
	for (size_t i = 0; i < 3; i++)
		if (slice_is(slice_of(dialects[i]), codec->name))
			assert_int_equal(probe_handshake(&t->serving.probe, queries[i], NULL),
					 REASON_NONE);
	calling_open(t);
}

void translation_close(struct translation *t)
{
	forget_seen(t);
	json_clear(&t->bytes);
	if (t->codec->calls->close)
		t->codec->calls->close(&t->calling);
	free(t->calling.state);
	call_probe_close(&t->serving);
}

static void forget_bytes(struct translation *t)
{
	t->bytes.len = 0;
	t->messages = 0;
	t->request = false;
}

static void put_message(struct translation *t, struct slice text)
{
	assert_true(t->messages < SEEN_MOST);
	if (text.len)
		json_put_literal(&t->bytes, text.data, text.len);
	t->ends[t->messages++] = t->bytes.len;
}

static struct slice message_at(const struct translation *t, size_t i)
{
	size_t from = i ? t->ends[i - 1] : 0;

	return slice_span(t->bytes.data + from, t->ends[i] - from);
}

bool translation_take(struct translation *t, const struct frame *frame)
{
	forget_bytes(t);
	for (uint32_t i = 0; frame && i < frame->messages; i++)
		put_message(t, frame_payload(frame, i));
	return frame;
}

bool translation_show(struct translation *t, const struct envelope *event, enum audience audience)
{
	struct frame *frame = NULL;
	struct probe *p = &t->serving.probe;
	bool shown;

	if (t->codec->serves->encode(event, &p->view, &p->peer.form, audience, 0, &frame) !=
	    CODEC_OK)
		frame = NULL;
	shown = translation_take(t, frame);
	frame_release(frame);
	return shown;
}

const struct envelope *translation_hear(struct translation *t, enum event_case of)
{
	forget_seen(t);
	for (size_t i = 0; i < t->messages; i++)
		hear_text(t, message_at(t, i));
	answer_asked(t);
	return pick(t, of);
}

static void hear_coming(struct translation *t, const struct person *person, enum envelope_kind kind)
{
	struct envelope event = { .kind = kind, .id = 1, .author = *person };

	if (translation_show(t, &event, AUDIENCE_OTHERS))
		(void)translation_hear(t, case_of(&event));
}

void translation_prepare(struct translation *t, const struct envelope *event)
{
	struct envelope first = *event;

	switch (event->kind) {
	case KIND_ENTER: hear_coming(t, &event->author, KIND_EXIT); break;
	case KIND_EXIT:
	case KIND_PRESENCE: hear_coming(t, &event->author, KIND_ENTER); break;
	case KIND_KICK: hear_coming(t, &event->subject, KIND_ENTER); break;
	case KIND_POLL_START:
		first.flags &= ~(uint32_t)FLAG_AGAIN;
		if (event->flags & FLAG_AGAIN && translation_show(t, &first, AUDIENCE_OTHERS))
			(void)translation_hear(t, CASE_POLL);
		break;
	default: break;
	}
}

/* ---- said, and read ---- */

/* As the dialect names a person, and a message. */
static struct foreign_person foreign_of(const struct translation *t, const struct person *person,
					char id[FOREIGN_ID_MAX])
{
	struct foreign_person foreign = { .name = person->name };

	if (!person->number)
		return foreign;
	if (t->codec->naming.form == NAMING_UUID)
		uuid_print(person->uuid, id);
	else if (t->codec->naming.form == NAMING_NUMBER)
		snprintf(id, FOREIGN_ID_MAX, "%u", person->number);
	else
		return foreign;
	foreign.id =
	    slice_span(id, t->codec->naming.form == NAMING_UUID ? UUID_TEXT_LEN : strlen(id));
	return foreign;
}

static struct slice foreign_message(const struct translation *t, uint64_t number,
				    char id[FOREIGN_ID_MAX])
{
	unsigned char uuid[16];

	if (!number)
		return (struct slice){ NULL, 0 };
	if (!slice_is(slice_of(t->codec->name), "mixer"))
		return slice_span(
		    id, (size_t)snprintf(id, FOREIGN_ID_MAX, "%llu", (unsigned long long)number));
	identity_uuid(&t->serving.probe.ids, ID_MESSAGE, number, 0, uuid);
	uuid_print(uuid, id);
	return slice_span(id, UUID_TEXT_LEN);
}

bool translation_say(struct translation *t, const struct envelope *event)
{
	char target[FOREIGN_ID_MAX], subject[FOREIGN_ID_MAX];
	struct call_said said = { .serial = 7, .event = event, .text = event->text };
	struct call_out out = { .echoes = false };
	enum reason why = REASON_NONE;

	forget_bytes(t);
	said.target = foreign_message(t, event->target, target);
	said.subject = foreign_of(t, &event->subject, subject);
	if (t->codec->calls->say(&t->calling, &said, &out, &why) != CODEC_OK)
		return false;
	if (out.frame.len) {
		put_message(t, slice_span(out.frame.data, out.frame.len));
	} else {
		t->request = true;
		t->method = out.request.method;
		put_message(t, slice_span(out.request.path.data, out.request.path.len));
		put_message(t, slice_span(out.request.body.data, out.request.body.len));
	}
	json_clear(&out.frame);
	request_clear(&out.request);
	return true;
}

/* The handler is told whatever lets it go on. */
static const struct envelope *carry_out(struct translation *t)
{
	struct call_probe *p = &t->serving;
	struct envelope own = { .kind = KIND_MESSAGE, .id = 5, .author = p->probe.peer.self };
	const struct envelope *history[] = { &own };
	struct codec_somebody who = { .person = t->cast[0].person, .account = true };
	struct codec_room room = { .view = &p->probe.view,
				   .present = true,
				   .may_enter = true,
				   .caller_may_enter = true,
				   .caller_roles = ROLE_OWNER };
	struct codec_told told = { .kind = WANT_NOTHING,
				   .people = &who,
				   .people_count = 1,
				   .rooms = &room,
				   .room_count = 1,
				   .history = history,
				   .history_count = 1 };

	for (unsigned steps = 0; steps < CALL_STEPS_MAX; steps++) {
		call_probe_step(p, &told);
		if (p->answer.status)
			return NULL;
		if (p->want.kind == WANT_DRAFT)
			return &p->want.draft.event;
		told.kind = p->want.kind;
	}
	return NULL;
}

static void read_request(struct translation *t)
{
	struct slice path = message_at(t, 0), body = message_at(t, 1);
	char *target = memory_text(path.data, path.len), *text = memory_text(body.data, body.len);
	const struct envelope *event = NULL;

	call_probe_ask(&t->serving, t->method, target, body.len ? text : NULL);
	if (t->serving.row)
		event = carry_out(t);
	if (event)
		see(t, event);
	free(target);
	free(text);
}

const struct envelope *translation_read(struct translation *t, enum event_case of)
{
	struct probe *p = &t->serving.probe;

	forget_seen(t);
	if (t->messages == 0)
		return NULL;
	if (t->request)
		read_request(t);
	else if (probe_decode(p, message_at(t, 0)) == REASON_NONE && p->draft)
		see(t, p->draft);
	return pick(t, of);
}
