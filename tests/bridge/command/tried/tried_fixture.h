/* tried_fixture.h - what the tests of dragoman routes share: a configuration, and what is printed
 * with it. */
#ifndef TESTS_BRIDGE_COMMAND_TRIED_TRIED_FIXTURE_H
#define TESTS_BRIDGE_COMMAND_TRIED_TRIED_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/command/tried/tried.h"
#include "bridge/known.h"
#include "bridge/setup.h"
#include "conf/load.h"

/* What every configuration here has. */
#define PLACES                                                                                     \
	"listeners: ( { address = \"127.0.0.1\"; port = 0; mounts = ( { path = \"/mixer\";"        \
	" dialect = \"mixer\"; room = \"lobby\"; } ); } );\n"                                      \
	"rooms: ( { name = \"lobby\"; mixer = 1; concord = 2;"                                     \
	" rooms = \"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\"; },"                                    \
	" { name = \"annex\"; mixer = 3; concord = 4;"                                             \
	" rooms = \"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a02\"; } );\n"                                \
	"backends: ( { name = \"judge\"; bind = \"ipc://judge.sock\"; deadline_ms = 1500; },"      \
	" { name = \"dice\"; bind = \"ipc://dice.sock\"; speaks_as = (\"Dice\", \"Croupier\"); }"  \
	" );\n"                                                                                    \
	"taps: ( { name = \"feed\"; bind = \"tcp://127.0.0.1:7010\"; } );"                         \
	"upstreams: ( { name = \"there\"; dialect = \"mixer\"; url = \"http://127.0.0.1:1\";"      \
	" room = \"annex\"; }, { name = \"else\"; dialect = \"concord\";"                          \
	" url = \"http://127.0.0.1:2\"; room = \"annex\"; } );\n"

/* What was printed, and whether it went well. Texts are new. */
struct told {
	char *out, *errors;
	bool right;
};

static inline struct told run(const char *routes, const struct arguments *arguments)
{
	struct conf_printer printer;
	struct told told;
	size_t sizes[2];
	FILE *out = open_memstream(&told.out, &sizes[0]);
	FILE *errors = open_memstream(&told.errors, &sizes[1]);
	char text[4096];
	struct conf *conf;

	assert_true(out && errors);
	snprintf(text, sizeof(text), "%sroutes: (\n%s\n);\n", PLACES, routes);
	conf_printer_init(&printer, stderr);
	conf = conf_parse(text, known_names(), &printer.report);
	assert_non_null(conf);
	told.right = tried_run(conf, arguments, out, errors);
	conf_free(conf);
	fclose(out);
	fclose(errors);
	return told;
}

static inline void told_free(struct told *told)
{
	free(told->out);
	free(told->errors);
}

/* Exactly this is printed. */
static inline void prints(const char *routes, const struct arguments *arguments,
			  const char *expected)
{
	struct told told = run(routes, arguments);

	assert_string_equal(told.errors, "");
	assert_true(told.right);
	assert_string_equal(told.out, expected);
	told_free(&told);
}

/* All of these parts are printed, in this order; a part after NULL is printed nowhere. */
static inline void prints_parts(const char *routes, const struct arguments *arguments,
				const char *const *parts)
{
	struct told told = run(routes, arguments);
	const char *at = told.out;

	assert_string_equal(told.errors, "");
	assert_true(told.right);
	for (; *parts; parts++) {
		const char *found = strstr(at, *parts);

		if (!found)
			fail_msg("no '%s' in '%s'", *parts, at);
		at = found + strlen(*parts);
	}
	if (parts[1] && strstr(told.out, parts[1]))
		fail_msg("'%s' in '%s'", parts[1], told.out);
	told_free(&told);
}

static inline void refuses(const char *event, const char *expected)
{
	struct arguments arguments = { .command = COMMAND_ROUTES, .event = event };
	struct told told = run("", &arguments);

	assert_false(told.right);
	assert_string_equal(told.out, "");
	assert_string_equal(told.errors, expected);
	told_free(&told);
}

static const struct arguments plain = { .command = COMMAND_ROUTES };

#endif
