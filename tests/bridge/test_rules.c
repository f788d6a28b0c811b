#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/known.h"
#include "bridge/rules.h"
#include "bridge/setup.h"
#include "conf/load.h"
#include "tests/support/dialects.h"

#define PLACES                                                                                     \
	"rooms: ( { name = \"lobby\"; mixer = 1; }, { name = \"attic\"; mixer = 2; } ); "          \
	"listeners: ( { mounts: ( { path = \"/simple\"; dialect = \"simple\"; room = \"lobby\"; "  \
	"} ); } );\n"                                                                              \
	"backends: ( { name = \"a\"; bind = \"ipc://a\"; }, { name = \"b\"; bind = \"ipc://b\"; "  \
	"} );\n"                                                                                   \
	"taps: ( { name = \"feed\"; bind = \"ipc://f\"; }, { name = \"log\"; bind = \"ipc://l\"; " \
	"} );\n"

/* What was told as wrong; freed by the next call. That they are read with the names alone leaves it
 * to rules_make() to judge them. */
static const char *told(const struct route_table **table, const char *text)
{
	static char *errors;
	struct conf_known names = *known_names();
	struct conf_printer printer;
	struct bridge *bridge;
	struct conf *conf;
	size_t size;
	FILE *stream;

	names.check_routes = NULL;
	free(errors);
	stream = open_memstream(&errors, &size);
	conf_printer_init(&printer, stream);
	conf = conf_parse(text, &names, &printer.report);
	assert_non_null(conf);
	bridge = setup_sketch(conf, stream);
	*table = bridge ? route_table_hold(bridge->rules) : NULL;
	setup_free(bridge);
	conf_free(conf);
	fclose(stream);
	return errors;
}

static const struct route_table *made(const char *text)
{
	const struct route_table *table;

	assert_string_equal(told(&table, text), "");
	assert_non_null(table);
	return table;
}

static void names_become_places(void **state)
{
	const struct route_table *table = made(
	    PLACES
	    "routes: ( { text = \"x\"; then = ( { tap = \"log\"; }, { tap = \"b\"; },"
	    " { ask = \"b\"; deadline_ms = 700; on_timeout = \"pass\"; }, { rewrite = \"name\"; to "
	    "= \"n\"; },"
	    " { rewrite = \"text\"; to = \"t\"; }, { room = \"{room}\"; }, { room = \"attic\"; },"
	    " { backend = \"a\"; } ); } );");
	size_t count;
	const struct route_step *steps = route_table_steps(table, 0, &count);

	(void)state;
	assert_int_equal(count, 8);
	assert_true(steps[0].action == ROUTE_TAP && steps[0].target == 1 && !steps[0].to_backend);
	assert_true(steps[1].action == ROUTE_TAP && steps[1].target == 1 && steps[1].to_backend);
	assert_true(steps[2].action == ROUTE_ASK && steps[2].target == 1);
	assert_int_equal(steps[2].deadline_ms, 700);
	assert_true(steps[2].pass_on_timeout);
	assert_true(steps[3].action == ROUTE_REWRITE && steps[3].rewrite == REWRITE_NAME);
	assert_true(steps[4].rewrite == REWRITE_TEXT && slice_is(steps[4].text, "t"));
	assert_true(steps[5].action == ROUTE_ROOM && steps[5].target == ROUTE_OWN_ROOM);
	assert_true(steps[6].action == ROUTE_ROOM && steps[6].target == 1);
	assert_true(steps[7].action == ROUTE_BACKEND && steps[7].target == 0);
	assert_int_equal(steps[7].deadline_ms, 0);
	route_table_release(table);
}

static void ends_and_names(void **state)
{
	const struct route_table *table =
	    made(PLACES "routes: ( { text = \"x\"; then = ( { refuse = \"no\"; } ); },"
			" { name = \"quiet\"; text = \"y\"; then = ( { drop = true; } ); },"
			" { then = ( { ask = \"a\"; } ); } );");
	size_t count;

	(void)state;
	assert_int_equal(route_table_count(table), 3);
	assert_true(slice_is(route_table_name(table, 0), "route 1"));
	assert_true(slice_is(route_table_name(table, 1), "quiet"));
	assert_int_equal(route_table_steps(table, 1, &count)->action, ROUTE_DROP);
	assert_true(slice_is(route_table_steps(table, 0, &count)->text, "no"));
	assert_false(route_table_steps(table, 2, &count)->pass_on_timeout);
	assert_int_equal(count, 2);
	route_table_release(table);
	table = made(PLACES);
	assert_int_equal(route_table_count(table), 0);
	route_table_release(table);
}

static size_t decides(const struct route_table *table, size_t origin, size_t room,
		      enum envelope_kind kind, struct person author, const char *text)
{
	struct envelope event = { .kind = kind, .author = author, .text = slice_of(text) };
	struct route_subject subject = { .event = &event, .origin = origin, .room = room };

	return route_table_decide(table, &subject, NULL);
}

#define UPSTREAMS                                                                                  \
	"upstreams: ( { name = \"one\"; dialect = \"mixer\"; url = \"http://127.0.0.1:1\"; room "  \
	"= "                                                                                       \
	"\"lobby\"; }, { name = \"two\"; dialect = \"simple\"; url = \"http://127.0.0.1:2\"; "     \
	"room "                                                                                    \
	"= \"lobby\"; } );"

static void upstreams_become_places(void **state)
{
	const struct route_table *table = made(
	    PLACES UPSTREAMS "routes: ( { upstream = \"two\"; then = ( { upstream = \"one\"; "
			     "}, { room = \"{room}\"; } ); },"
			     " { dialect = \"upstream\"; then = ( { upstream = \"two\"; } ); } "
			     ");");
	const struct envelope event = { .kind = KIND_MESSAGE };
	struct route_subject subject = { &event, ROUTE_FROM_UPSTREAM, 0, 1 };
	size_t count;
	const struct route_step *steps = route_table_steps(table, 0, &count);

	(void)state;
	assert_int_equal(count, 2);
	assert_true(steps[0].action == ROUTE_UPSTREAM && steps[0].target == 0);
	assert_int_equal(route_table_decide(table, &subject, NULL), 0);
	subject.upstream = 0;
	assert_int_equal(route_table_decide(table, &subject, NULL), 1);
	steps = route_table_steps(table, 1, &count);
	assert_int_equal(count, 1);
	assert_true(steps[0].action == ROUTE_UPSTREAM && steps[0].target == 1);
	route_table_release(table);
}

static void conditions_are_passed_on(void **state)
{
	const struct route_table *table = made(
	    PLACES
	    "routes: ( { dialect = [ \"mixer\", \"backend\" ]; text = \"one\"; then = ( { drop = "
	    "true; } ); },"
	    " { room = \"att*\"; text = \"two\"; then = ( { drop = true; } ); },"
	    " { kind = [ \"edit\", \"kick\" ]; text = \"three\"; then = ( { drop = true; } ); },"
	    " { author = [ \"#7\", \"Ann\" ]; text = \"four\"; then = ( { drop = true; } ); },"
	    " { role = \"mod\"; text = \"five\"; then = ( { drop = true; } ); } );");
	const struct person ann = { .name = SLICE("ann"), .number = 1 };
	const struct person seven = { .name = SLICE("x"), .number = 7, .roles = ROLE_MOD };

	(void)state;
	assert_int_equal(decides(table, DIALECT_MIXER, 0, KIND_MESSAGE, ann, "one"), 0);
	assert_int_equal(decides(table, ROUTE_FROM_BACKEND, 0, KIND_MESSAGE, ann, "one"), 0);
	assert_int_equal(decides(table, DIALECT_ROOMS, 0, KIND_MESSAGE, ann, "one"), 5);
	assert_int_equal(decides(table, DIALECT_ROOMS, 1, KIND_MESSAGE, ann, "two"), 1);
	assert_int_equal(decides(table, DIALECT_ROOMS, 0, KIND_MESSAGE, ann, "two"), 5);
	assert_int_equal(decides(table, ROUTE_FROM_BACKEND, 0, KIND_EDIT, ann, "three"), 2);
	assert_int_equal(decides(table, DIALECT_ROOMS, 0, KIND_MESSAGE, ann, "three"), 5);
	assert_int_equal(decides(table, DIALECT_ROOMS, 0, KIND_MESSAGE, ann, "four"), 3);
	assert_int_equal(decides(table, DIALECT_ROOMS, 0, KIND_MESSAGE, seven, "four"), 3);
	assert_int_equal(decides(table, DIALECT_ROOMS, 0, KIND_MESSAGE, seven, "five"), 4);
	assert_int_equal(decides(table, DIALECT_ROOMS, 0, KIND_MESSAGE, ann, "five"), 5);
	route_table_release(table);
}

/* What only the whole table shows is told with the line of the rule, or of its step. */
static void faults_have_lines(void **state)
{
	const struct route_table *table;
	const char *errors =
	    told(&table, PLACES "routes: (\n"
				"  { then = ( { drop = true; } ); },\n"
				"  { text = \"never\"; then = ( { drop = true; } ); },\n"
				"  { text = \"(\"; then = ( { drop = true; } ); }\n"
				");\n");

	(void)state;
	assert_null(table);
	assert_non_null(strstr(errors, ":6: error: "));
	assert_non_null(strstr(errors, ":7: error: "));
	errors =
	    told(&table, PLACES "routes: (\n  { text = \"x\"; then = (\n    { drop = true; },\n"
				"    { tap = \"feed\"; } ); } );\n");
	assert_null(table);
	assert_non_null(strstr(errors, ":6: error: "));
}

static void count_error(struct conf_report *report, const char *file, unsigned line,
			const char *message)
{
	(void)report;
	(void)file;
	(void)line;
	(void)message;
}

/* Judged as they are read, beside whatever else is wrong, broken rules must not mislead who judges
 * them: any byte changed, a text makes a configuration or at least one error. */
static void judged_while_broken(void **state)
{
	static const char changes[] = "\"{}();x\x80";
	char text[] = PLACES
	    "routes: ( { text = \"x\"; room = \"lob*\"; then = ( { tap = \"log\"; }, { room = "
	    "\"attic\"; } ); },"
	    " { room = \"attic\"; kind = \"edit\"; then = ( { ask = \"b\"; }, { backend = \"a\"; } "
	    "); },"
	    " { author = \"ann\"; text = \"y\"; then = ( { refuse = \"no\"; } ); } );";

	(void)state;
	for (size_t at = 0; text[at]; at++) {
		char kept = text[at];

		for (const char *change = changes; *change; change++) {
			struct conf_report report = { .error = count_error };
			struct conf *conf;

			text[at] = *change;
			conf = conf_parse(text, known_names(), &report);
			assert_int_equal(conf == NULL, report.errors > 0);
			conf_free(conf);
		}
		text[at] = kept;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judged_while_broken),
		cmocka_unit_test(names_become_places),
		cmocka_unit_test(ends_and_names),
		cmocka_unit_test(conditions_are_passed_on),
		cmocka_unit_test(upstreams_become_places),
		cmocka_unit_test(faults_have_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
