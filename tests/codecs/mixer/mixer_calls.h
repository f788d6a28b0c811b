/* mixer_calls.h - what the tests of mixer's HTTP share: a call by somebody who is logged in, what
 * it is told, and what it answers. Asserts with cmocka. */
#ifndef TESTS_CODECS_MIXER_MIXER_CALLS_H
#define TESTS_CODECS_MIXER_MIXER_CALLS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "tests/support/call_probe.h"

#define TEST(name)   cmocka_unit_test_setup_teardown(name, open_probe, close_probe)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct codec_told nothing;

static inline int open_probe(void **state)
{
	static struct call_probe probe;

	call_probe_open(&probe, &codec_mixer);
	probe.probe.view.bridge = probe_person(&probe.probe, 2147483647, "Dragoman");
	*state = &probe;
	return 0;
}

static inline int close_probe(void **state)
{
	call_probe_close(*state);
	return 0;
}

static inline void be_nobody(struct call_probe *p)
{
	p->probe.peer.self = (struct person){ 0 };
	p->probe.peer.logged_in = false;
}

/* 200, and this as JSON, with ' for ". */
static inline void assert_json(struct call_probe *p, unsigned status, const char *quoted)
{
	char said[2048];

	snprintf(said, sizeof(said), "%u application/json; charset=utf-8 %s", status, quoted);
	for (char *at = strchr(said, '\''); at; at = strchr(at, '\''))
		*at = '"';
	assert_string_equal(call_probe_said(p), said);
}

static inline void assert_error(struct call_probe *p, unsigned status, const char *phrase,
				const char *message)
{
	char body[1024];

	snprintf(body, sizeof(body),
		 "{'errorCode':%u,'errorMessage':'%s','statusCode':%u,'error':'%s','message':'%s'}",
		 status == 401 ? 24317 : status, status == 401 ? "Unauthorized" : message, status,
		 phrase, message);
	assert_json(p, status, body);
}

static inline void ask(struct call_probe *p, enum call_method method, const char *target)
{
	call_probe_ask(p, method, target, NULL);
	call_probe_step(p, &nothing);
}

static inline void get(struct call_probe *p, const char *target)
{
	ask(p, CALL_GET, target);
}

static inline void tell(struct call_probe *p, const struct codec_told *told)
{
	assert_int_equal(p->want.kind, told->kind);
	call_probe_step(p, told);
}

static inline void tell_refused(struct call_probe *p, enum want_kind kind, enum reason reason)
{
	struct codec_told told = { .kind = kind, .reason = reason };

	tell(p, &told);
}

/* As its home says. */
static inline void tell_room(struct call_probe *p, const struct codec_room *room)
{
	struct codec_room seen = *room;
	struct codec_told told = { .kind = WANT_ROOM, .rooms = &seen, .room_count = 1 };

	seen.view = &p->probe.view;
	tell(p, &told);
}

static inline void tell_person(struct call_probe *p, uint32_t number, const char *name)
{
	struct codec_somebody who = { .person = probe_person(&p->probe, number, name) };
	struct codec_told told = {
		.kind = WANT_PERSON, .people = &who, .people_count = 1, .total = 1
	};

	tell(p, &told);
}

static inline void tell_key(struct call_probe *p, const char *key)
{
	struct codec_told told = { .kind = WANT_KEY,
				   .key = slice_of(key),
				   .key_lasts_ms = 86400000 };

	tell(p, &told);
}

#endif
