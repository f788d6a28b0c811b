/* registry_calls.h - what requests of HTTP make that no frame makes. For test_registry.c. */
#ifndef TESTS_CODECS_REGISTRY_CALLS_H
#define TESTS_CODECS_REGISTRY_CALLS_H

#include "codecs/registry.h"
#include "tests/support/call_probe.h"
#include "tests/support/dialects.h"

static const struct {
	size_t dialect;
	enum call_method method;
	const char *target, *body;
	bool subject; /* of whom it is follows the body */
} calls[] = {
	{ DIALECT_CONCORD, CALL_PATCH, "/api/chats/5", "{\"content\":\"x\"}", false },
	{ DIALECT_CONCORD, CALL_DELETE, "/api/chats/5", NULL, false },
	{ DIALECT_ROOMS, CALL_DELETE, "/room/" PROBE_ROOM "/users", "{\"user_id\":\"", true },
	{ DIALECT_ROOMS, CALL_PUT, "/room/" PROBE_ROOM "/admins", "{\"user_id\":\"", true },
};

/* Until it wants something done: there is somebody, in the room of who asks. */
static inline void make_call(struct call_probe *p, const struct codec_told *told)
{
	struct codec_somebody who = { .person = probe_person(&p->probe, 7, "x"), .account = true };
	struct codec_room room = { .view = &p->probe.view,
				   .present = true,
				   .caller_may_enter = true,
				   .caller_roles = ROLE_OWNER };
	struct codec_told more = {
		.people = &who, .people_count = 1, .rooms = &room, .room_count = 1
	};

	call_probe_step(p, told);
	while (!p->answer.status && p->want.kind != WANT_DRAFT) {
		more.kind = p->want.kind;
		call_probe_step(p, &more);
	}
}

static inline void make_calls(size_t dialect, bool made[ENVELOPE_KINDS])
{
	static const struct codec_told nothing;
	static struct call_probe p;
	char id[UUID_TEXT_LEN], body[128];

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (calls[i].dialect != dialect)
			continue;
		call_probe_open(&p, registry_codec(dialect));
		uuid_print(probe_person(&p.probe, 7, "").uuid, id);
		if (calls[i].body)
			snprintf(body, sizeof(body), "%s%.36s%s", calls[i].body,
				 calls[i].subject ? id : "", calls[i].subject ? "\"}" : "");
		call_probe_ask(&p, calls[i].method, calls[i].target, calls[i].body ? body : NULL);
		make_call(&p, &nothing);
		assert_int_equal(p.want.kind, WANT_DRAFT);
		assert_false(made[p.want.draft.event.kind]);
		made[p.want.draft.event.kind] = true;
		call_probe_close(&p);
	}
}

#endif
