#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/table/differ.h"
#include "conf/table/directives.h"
#include "tests/conf/told.h"

static void keep(void *context, const char *directive)
{
	fprintf(context, "%s ", directive);
}

/* All that is told of two files, each name with a space behind it. */
static void differ(const char *old_text, const char *new_text, const char *expected)
{
	struct conf *old = accepted(old_text), *new = accepted(new_text);
	char *told = NULL;
	size_t size;
	FILE *stream = open_memstream(&told, &size);

	assert_non_null(stream);
	conf_differ(old, new, keep, stream);
	fflush(stream);
	assert_string_equal(told, expected);
	rewind(stream);
	conf_differ(new, old, keep, stream);
	fclose(stream);
	assert_string_equal(told, expected);
	free(told);
	conf_free(old);
	conf_free(new);
}

#define PARTIES                                                                                    \
	"backends = ( { name = \"b\"; bind = [ \"ipc://b\", \"ipc://c\" ]; } );"                   \
	"taps = ( { name = \"t\"; bind = \"ipc://t\"; } );"
#define ACCOUNT "accounts = ( { name = \"ann\"; number = 1; secret_file = \"$/good\"; } );"

static void what_needs_a_restart(void **state)
{
	(void)state;
	differ("", "workers = 0;\nguests = true;", "");
	differ("", "workers = 1;", "workers ");
	differ("", "guests = false;", "guests listeners ");
	differ("", "state = \"x\"; pid_file = \"y\";", "state pid_file ");
	differ("", "limits = { burst = 31; };", "limits.burst ");
	differ("", "limits = { json_depth = 5; burst = 31; };", "limits.json_depth limits.burst ");
	differ("", "listeners = ( { port = 7001; } );", "listeners ");
	differ("", "listeners = ( { }, { port = 7001; } );", "listeners ");
	differ("", "listeners = ( { hosts = \"a\"; } );", "listeners ");
	differ("listeners = ( { hosts = [ \"a\" ]; } );", "listeners = ( { hosts = \"b\"; } );",
	       "listeners ");
	/* A mount that names no room is in the only one. */
	differ("", "rooms = ( { name = \"attic\"; } );", "listeners ");
	differ("", PARTIES, "backends taps ");
	differ("taps = ( { name = \"t\"; bind = \"ipc://t\"; } );",
	       "taps = ( { name = \"t\"; bind = \"ipc://u\"; } );", "taps ");
	differ("workers = 2; limits = { burst = 7; }; " PARTIES, "",
	       "workers limits.burst backends "
	       "taps ");
}

static void what_needs_none(void **state)
{
	(void)state;
	differ("", "log_level = \"trace\";", "");
	differ("", "rooms = ( { name = \"lobby\"; } );", "");
	differ("rooms = ( { name = \"a\"; concord = 4294967296L; } );",
	       "rooms = ( { name = \"a\"; concord = 8589934592L; } );", "");
	differ("", ACCOUNT, "");
	differ("", "routes = ( { then = ( { drop = true; } ); } );", "");
	differ(PARTIES "routes = ( { kind = \"message\"; then = ( { ask = \"b\"; } ); } );",
	       PARTIES
	       "routes = ( { then = ( { tap = \"t\"; }, { backend = \"b\"; } ); }, { then = ( { "
	       "refuse = \"no\"; } ); } );",
	       "");
	/* Not where it stands, but what is said. */
	differ(PARTIES, "\n\n" PARTIES, "");
	differ("log_level = \"info\"; workers = 3;", "log_level = \"debug\"; workers = 4;",
	       "workers ");
}

static void contents_of_files_are_not_compared(void **state)
{
	struct conf *old, *new;
	char *text = with_folder(ACCOUNT);
	char *told = NULL;
	size_t size;
	FILE *stream = open_memstream(&told, &size);

	(void)state;
	old = accepted(text);
	write_file("good", "another\n", 0600);
	new = accepted(text);
	write_file("good", "secret\n", 0600);
	conf_differ(old, new, keep, stream);
	fclose(stream);
	assert_string_equal(told, "");
	free(told);
	free(text);
	conf_free(old);
	conf_free(new);
}

/* Every directive at the top that is not read again is told when it changes. */
static void change(const struct section *section, char *fields)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct directive *row = &section->directives[i];
		void *field = fields + row->offset;

		switch (row->type) {
		case DIRECTIVE_YES_NO: *(bool *)field = !*(bool *)field; break;
		case DIRECTIVE_NUMBER: *(int *)field += 1; break;
		case DIRECTIVE_LARGE: *(int64_t *)field += 1; break;
		case DIRECTIVE_TEXT:
			free(*(char **)field);
			*(char **)field = strdup("changed");
			break;
		case DIRECTIVE_GROUP: change(row->inner, field); break;
		case DIRECTIVE_TEXTS:
		case DIRECTIVE_GROUPS: break;
		}
	}
}

static void expect(FILE *stream, const struct section *section, const char *path)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct directive *row = &section->directives[i];

		if (row->type == DIRECTIVE_GROUP) {
			char inner[64];

			snprintf(inner, sizeof(inner), "%s.", row->name);
			expect(stream, row->inner, inner);
		} else if (row->type != DIRECTIVE_GROUPS && !row->reloadable) {
			fprintf(stream, "%s%s ", path, row->name);
		}
	}
}

static void every_directive(void **state)
{
	struct conf *old = accepted(""), *new = accepted("");
	char *told = NULL, *expected = NULL;
	size_t size;
	FILE *stream = open_memstream(&told, &size);

	(void)state;
	change(told_top(), (char *)new);
	conf_differ(old, new, keep, stream);
	fclose(stream);
	stream = open_memstream(&expected, &size);
	expect(stream, told_top(), "");
	fclose(stream);
	assert_string_equal(told, expected);
	assert_non_null(strstr(told, "limits.rooms_per_connection "));
	free(told);
	free(expected);
	conf_free(old);
	conf_free(new);
}

static void same(const char *a, const char *b, bool expected)
{
	char text[512];
	struct conf *one, *other;

	snprintf(text, sizeof(text), "rooms = ( { name = \"a\"; %s } );", a);
	one = accepted(text);
	snprintf(text, sizeof(text), "\n\nrooms = ( { name = \"a\"; %s } );", b);
	other = accepted(text);
	assert_int_equal(conf_same_room(&told_known, &one->rooms[0], &other->rooms[0]), expected);
	conf_free(one);
	conf_free(other);
}

static void rooms_are_compared(void **state)
{
	(void)state;
	same("", "", true);
	same("banned = [ \"x\" ];", "banned = \"x\";", true);
	same("", "open = true; history = 0;", true);
	same("", "open = false;", false);
	same("", "history = 1;", false);
	same("", "remembered = 7;", false);
	same("banned = [ \"x\" ];", "banned = [ \"y\" ];", false);
	same("mixer = 1;", "mixer = 2;", false);
	same("", "rooms = \"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\";", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_needs_a_restart),
		cmocka_unit_test(what_needs_none),
		cmocka_unit_test(contents_of_files_are_not_compared),
		cmocka_unit_test(every_directive),
		cmocka_unit_test(rooms_are_compared),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
