#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/table/differ.h"
#include "tests/conf/told.h"

#define ROOM                                                                                       \
	"listeners = ( { mounts = ( { path = \"/\"; dialect = \"mixer\"; } ); } );"                \
	"rooms = ( { name = \"lobby\"; shows = (\n"

/* In rooms, who enters is always shown. */
static bool may_show(size_t dialect, const char *kind, const char *as, const char **why)
{
	*why = "because";
	return dialect != TOLD_ROOMS || strcmp(kind, "enter") != 0 ||
	       strcmp(as, CONF_SHOWN_NOTHING) != 0;
}

static struct conf *parse(struct told *told, const char *shows)
{
	static struct conf_known known;
	char text[1024];

	known = told_known;
	known.may_show = may_show;
	snprintf(text, sizeof(text), ROOM "%s ); } );", shows);
	*told = (struct told){ .report = { .error = told_error } };
	return conf_parse(text, &known, &told->report);
}

/* The first of shows is in the second line. */
static void shows_refused(const char *shows, const char *expected)
{
	struct told told;

	assert_null(parse(&told, shows));
	assert_string_equal(told.text, expected);
}

static void one_pair_or_several_are_shown_otherwise(void **state)
{
	struct told told;
	struct conf *conf =
	    parse(&told, "{ dialect = \"simple\"; kind = \"edit\"; as = \"nothing\"; },"
			 "{ dialect = [ \"mixer\", \"concord\" ]; kind = [ \"edit\", \"enter\" ];"
			 " as = \"notice\"; }");

	(void)state;
	assert_string_equal(told.text, "");
	assert_int_equal(conf->rooms[0].show_count, 2);
	assert_string_equal(conf->rooms[0].shows[0].as, "nothing");
	assert_int_equal(conf->rooms[0].shows[1].dialect.count, 2);
	assert_string_equal(conf->rooms[0].shows[1].kind.items[1], "enter");
	conf_free(conf);
}

static void what_is_impossible_is_refused_with_the_reason(void **state)
{
	(void)state;
	shows_refused("{ dialect = \"rooms\"; kind = [ \"edit\", \"enter\" ];\nas = \"nothing\"; }",
		      "3: enter of rooms cannot be shown as nothing: because\n");
}

static void a_pair_is_shown_in_one_way(void **state)
{
	(void)state;
	shows_refused("{ dialect = \"simple\"; kind = \"edit\"; as = \"text\"; },\n"
		      "{ dialect = [ \"mixer\", \"simple\" ]; kind = \"edit\"; as = \"notice\"; }",
		      "3: edit of simple is shown as text already\n");
}

static void words_are_known_and_all_three_are_there(void **state)
{
	(void)state;
	shows_refused("{ dialect = \"simpel\"; kind = \"edti\"; as = \"nothng\"; }",
		      "2: unknown dialect 'simpel', did you mean 'simple'?\n"
		      "2: unknown kind 'edti', did you mean 'edit'?\n"
		      "2: unknown form 'nothng', did you mean 'nothing'?\n");
	shows_refused("{ kind = \"edit\"; as = \"text\"; }", "2: dialect is missing\n");
}

static void a_reload_takes_them_over(void **state)
{
	struct told told;
	struct conf *a = parse(&told, "{ dialect = \"simple\"; kind = \"edit\"; as = \"text\"; }"),
		    *b = parse(&told,
			       "{ dialect = \"simple\"; kind = \"edit\"; as = \"nothing\"; }");

	(void)state;
	assert_false(conf_same_room(a->known, &a->rooms[0], &b->rooms[0]));
	assert_true(conf_same_room(a->known, &a->rooms[0], &a->rooms[0]));
	conf_free(a);
	conf_free(b);
}

/* ---- of routes ---- */

static void route_refused(const char *route, const char *expected)
{
	static struct conf_known known;
	struct told told = { .report = { .error = told_error } };
	char text[1024];

	known = told_known;
	known.may_show = may_show;
	snprintf(text, sizeof(text),
		 "listeners = ( { mounts = ( { path = \"/\"; dialect = \"mixer\"; } ); } );"
		 "rooms = ( { name = \"lobby\"; } ); routes = (\n{ %s } );",
		 route);
	conf_free(conf_parse(text, &known, &told.report));
	assert_string_equal(told.text, expected);
}

#define SHOWS(kind) "shows = ( { dialect = \"rooms\"; kind = \"" kind "\"; as = \"nothing\"; } );"
#define OWN         "then = ( { room = \"{room}\"; } );"

static void a_route_has_its_own(void **state)
{
	(void)state;
	route_refused(OWN SHOWS("edit") "mass_mentions = true;", "");
	route_refused("kind = \"edit\";" OWN SHOWS("edit"), "");
}

static void what_would_be_of_no_effect_is_refused(void **state)
{
	(void)state;
	route_refused("kind = \"edit\";" OWN SHOWS("message"),
		      "2: the route decides about no event of kind message\n");
	route_refused("then = ( { drop = true; } );" SHOWS("edit"),
		      "2: the route delivers to no room\n");
	route_refused("then = ( { refuse = \"no\"; } ); mass_mentions = true;",
		      "2: the route delivers to no room\n");
	route_refused(OWN
		      "shows = ( { dialect = \"simple\"; kind = \"enter\"; as = \"nothing\"; } );",
		      "2: enter is shown as the room has it: no route changes it\n");
	route_refused(OWN "shows = ( { dialect = \"rooms\"; kind = \"edit\"; as = \"text\"; },"
			  "{ dialect = \"rooms\"; kind = \"edit\"; as = \"notice\"; } );",
		      "2: edit of rooms is shown as text already\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_pair_or_several_are_shown_otherwise),
		cmocka_unit_test(what_is_impossible_is_refused_with_the_reason),
		cmocka_unit_test(a_pair_is_shown_in_one_way),
		cmocka_unit_test(words_are_known_and_all_three_are_there),
		cmocka_unit_test(a_reload_takes_them_over),
		cmocka_unit_test(a_route_has_its_own),
		cmocka_unit_test(what_would_be_of_no_effect_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
