/* concord_calls.h - requests to concord's door: what its tests share. Included by these alone.
 *
 * Statuses and fields are those of ConcordServer at fdb0d57, read in its source; its error bodies
 * are what its framework, Spring WebFlux, writes. Where it answers otherwise than is done here, or
 * is not known to, the test says so. */
#ifndef TESTS_CODECS_CONCORD_CONCORD_CALLS_H
#define TESTS_CODECS_CONCORD_CONCORD_CALLS_H

#include <stdio.h>

#include "codecs/registry.h"
#include "tests/support/call_probe.h"

#define JSON   " application/json; charset=utf-8 "
#define BRIDGE "2147483647"

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_probe, close_probe)

static inline int open_probe(void **state)
{
	static struct call_probe probe;

	call_probe_open(&probe, &codec_concord);
	probe.probe.peer.self = probe_person(&probe.probe, 43, "bob");
	probe.probe.view.room_number = 8501928463962112;
	probe.probe.view.bridge = probe_person(&probe.probe, 2147483647, "Dragoman");
	*state = &probe;
	return 0;
}

static inline int close_probe(void **state)
{
	call_probe_close(*state);
	return 0;
}

static const struct codec_told nothing;

static inline struct codec_told told(enum want_kind kind, enum reason reason)
{
	return (struct codec_told){ .kind = kind, .reason = reason };
}

static inline void assert_said(struct call_probe *p, const char *said)
{
	assert_string_equal(call_probe_said(p), said);
}

/* A request whose first step wants something. */
static inline void assert_wants(struct call_probe *p, enum call_method method, const char *target,
				const char *body, enum want_kind kind)
{
	call_probe_ask(p, method, target, body);
	call_probe_step(p, &nothing);
	assert_int_equal(p->answer.status, 0);
	assert_int_equal(p->want.kind, kind);
}

/* What is said is an error with that status and sentence. */
static inline void assert_error(struct call_probe *p, unsigned status, const char *error,
				const char *message)
{
	char said[512];

	snprintf(said, sizeof(said),
		 "%u" JSON "{\"timestamp\":\"2026-11-21T19:29:48.027+00:00\",\"path\":\"%.*s\","
		 "\"status\":%u,\"error\":\"%s\",\"message\":\"%s\"}",
		 status, (int)p->call.path.len, p->call.path.data, status, error, message);
	assert_said(p, said);
}

static inline void assert_refuses(struct call_probe *p, enum call_method method, const char *target,
				  const char *body, unsigned status, const char *error,
				  const char *message)
{
	call_probe_ask(p, method, target, body);
	call_probe_step(p, &nothing);
	assert_error(p, status, error, message);
}

static inline void tell(struct call_probe *p, struct codec_told what)
{
	call_probe_step(p, &what);
}

#endif
