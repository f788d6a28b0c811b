/* mixer_text.h - what the tests of the mixer codec share. JSON is written with ' for ", so that
 * it can be read. */
#ifndef TESTS_CODECS_MIXER_MIXER_TEXT_H
#define TESTS_CODECS_MIXER_MIXER_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/model/identity.h"
#include "codecs/registry.h"
#include "codecs/text/json_read.h"
#include "tests/support/codec_probe.h"

/* The printf-formatted text with every ' turned into ". Valid until the next call. */
__attribute__((format(printf, 1, 2))) static inline const char *json(const char *format, ...)
{
	static char text[16384];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	for (char *at = strchr(text, '\''); at; at = strchr(at, '\''))
		*at = '"';
	return text;
}

/* The UUID mixer shows for a message. Valid until the next call. */
static inline const char *message_uuid(const struct probe *p, uint64_t id)
{
	static char text[UUID_TEXT_LEN + 1];
	unsigned char uuid[16];

	identity_uuid(&p->ids, ID_MESSAGE, id, 0, uuid);
	uuid_print(uuid, text);
	return text;
}

#define COUNT(array)    (sizeof(array) / sizeof((array)[0]))
#define METHOD(m, args) "{'type':'method','method':'" m "','arguments':" args ",'id':2}"
#define DONE(data)      "{'type':'reply','error':null,'id':2,'data':" data "}"
#define BAD_ARGUMENT                                                                               \
	"{'type':'reply','error':{'code':4004,'message':"                                          \
	"'A field is missing or has an invalid value','stacktrace':[]},'id':2}"

static inline int setup(void **state)
{
	*state = malloc(sizeof(struct probe));
	probe_open(*state, &codec_mixer);
	return 0;
}

/* Before auth. */
static inline int setup_stranger(void **state)
{
	struct probe *p;

	setup(state);
	p = *state;
	p->peer.self = (struct person){ 0 };
	p->peer.logged_in = false;
	return 0;
}

static inline int teardown(void **state)
{
	probe_close(*state);
	free(*state);
	return 0;
}

static inline enum reason decode(struct probe *p, const char *quoted)
{
	return probe_decode_text(p, json("%s", quoted));
}

static inline void assert_refused(struct probe *p, const char *frame, enum reason reason)
{
	enum reason got = decode(p, frame);

	if (got != reason)
		print_error("%s: %s\n", reason_code(got), frame);
	assert_int_equal(got, reason);
	assert_int_equal(p->drafts + p->logins + p->queries + p->answers, 0);
}

static inline void assert_slice(struct slice slice, const char *text)
{
	assert_true(slice_is(slice, text));
}

#endif
