#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/conf/told.h"

#define PARTIES                                                                                    \
	"backends = ( { name = \"bot\"; bind = \"ipc://b\"; },"                                    \
	" { name = \"moderation\"; bind = \"ipc://m\"; } );\n"                                     \
	"taps = ( { name = \"feed\"; bind = \"ipc://f\"; } );\n"
#define UPSTREAMS                                                                                  \
	"rooms = ( { name = \"lobby\"; }, { name = \"den\"; } ); listeners = ( { mounts = ( { "    \
	"path = \"/\"; dialect = \"mixer\"; room = \"den\"; upstream = \"front\"; } ); } );\n"     \
	"upstreams = ( " UPSTREAM("both", "lobby", "") ", " UPSTREAM(                              \
	    "in", "lobby",                                                                         \
	    "direction = \"in\";") ", " UPSTREAM("out", "lobby",                                   \
						 "direction = \"out\";") ", " UPSTREAM("front",    \
										       "den",      \
										       "mode = "   \
										       "\"session" \
										       "\";") " )" \
											      ";"  \
											      "\n"
#define UPSTREAM(name, room, more)                                                                 \
	"{ name = \"" name "\"; dialect = \"mixer\"; url = \"http://" name "\"; room = \"" room    \
	"\"; " more " }"

/* The file has two lines of backends and taps; the step stands in the fourth. */
static void step_refused(const char *step, const char *fault)
{
	char text[1024], expected[512];

	snprintf(text, sizeof(text), PARTIES "routes = ( { then = (\n{ %s } ); } );", step);
	snprintf(expected, sizeof(expected), "4: %s\n", fault);
	refused(text, expected);
}

static void step_taken(const char *step)
{
	char text[1024];

	snprintf(text, sizeof(text), PARTIES "routes = ( { then = (\n{ %s } ); } );", step);
	conf_free(accepted(text));
}

/* The route stands in the second line, its own directive in the third. */
static void route_refused(const char *directive, const char *fault)
{
	char text[512], expected[512];

	snprintf(text, sizeof(text), "routes = (\n{ then = ( { drop = true; } );\n%s } );",
		 directive);
	snprintf(expected, sizeof(expected), "3: %s\n", fault);
	refused(text, expected);
}

static void route_taken(const char *directive)
{
	char text[512];

	snprintf(text, sizeof(text), "routes = ( { then = ( { drop = true; } ); %s } );",
		 directive);
	conf_free(accepted(text));
}

static void values_arrive(void **state)
{
	struct conf *conf = accepted(
	    PARTIES "routes = ( { name = \"a\"; dialect = [ \"mixer\", \"backend\" ];\n"
		    "room = \"lob*\"; kind = \"message\"; author = [ \"ann\", \"#7\" ];\n"
		    "role = ( \"mod\" ); text = \"^!\\\\d+\";\n"
		    "then = ( { ask = \"moderation\"; on_timeout = \"pass\"; deadline_ms = "
		    "250; },\n"
		    "{ rewrite = \"text\"; to = \"<{name}> {text}\"; }, { tap = \"bot\"; "
		    "},\n{ room = \"{room}\"; }, { room = \"lobby\"; },\n"
		    "{ backend = \"bot\"; drop = false; } ); },\n"
		    "{ then = ( { refuse = \"no\"; } ); },\n"
		    "{ then = ( { drop = true; } ); } );");
	const struct conf_route *route = conf->routes;

	(void)state;
	assert_int_equal(conf->route_count, 3);
	assert_string_equal(route->name, "a");
	assert_int_equal(route->dialect.count, 2);
	assert_string_equal(route->dialect.items[1], "backend");
	assert_int_equal(route->room.count, 1);
	assert_string_equal(route->room.items[0], "lob*");
	assert_string_equal(route->kind.items[0], "message");
	assert_string_equal(route->author.items[1], "#7");
	assert_string_equal(route->role.items[0], "mod");
	assert_string_equal(route->text, "^!\\d+");
	assert_int_equal(route->then_count, 6);
	assert_string_equal(route->then[0].ask, "moderation");
	assert_string_equal(route->then[0].on_timeout, "pass");
	assert_int_equal(route->then[0].deadline_ms, 250);
	assert_string_equal(route->then[1].rewrite, "text");
	assert_string_equal(route->then[1].to, "<{name}> {text}");
	assert_string_equal(route->then[2].tap, "bot");
	assert_string_equal(route->then[3].room, "{room}");
	assert_string_equal(route->then[5].backend, "bot");
	assert_string_equal(route->then[5].ask, "");
	assert_string_equal(route->then[5].on_timeout, "refuse");
	assert_string_equal(conf->routes[1].then[0].refuse, "no");
	assert_true(conf->routes[2].then[0].drop);
	assert_int_equal(conf->routes[2].kind.count, 0);
	assert_string_equal(conf->routes[2].text, "");
	conf_free(conf);
}

static void places(void **state)
{
	struct told told;
	struct conf *conf = accepted(PARTIES "routes = (\n{ then = (\n{ drop = true; } ); } );");

	(void)state;
	assert_null(conf->routes[0].place.file);
	assert_int_equal(conf->routes[0].place.line, 4);
	assert_int_equal(conf->routes[0].then[0].place.line, 5);
	assert_int_equal(conf->backends[1].place.line, 1);
	assert_int_equal(conf->taps[0].place.line, 2);
	conf_free(conf);
	write_file("places.cfg",
		   "\ntaps = (\n{ name = \"t\"; bind = \"ipc://t\"; } );\n"
		   "@include \"rules.cfg\"\n",
		   0644);
	write_file("rules.cfg", "routes = ( {\nthen = (\n{ tap = \"t\"; } ); } );\n", 0644);
	conf = told_load(&told, in_folder("places.cfg"));
	assert_string_equal(told.text, "");
	assert_string_equal(conf->taps[0].place.file, in_folder("places.cfg"));
	assert_int_equal(conf->taps[0].place.line, 3);
	assert_string_equal(conf->routes[0].place.file, in_folder("rules.cfg"));
	assert_int_equal(conf->routes[0].place.line, 1);
	assert_string_equal(conf->routes[0].then[0].place.file, in_folder("rules.cfg"));
	assert_int_equal(conf->routes[0].then[0].place.line, 3);
	conf_free(conf);
}

static void exactly_one_verb(void **state)
{
	(void)state;
	step_refused(
	    "", "a step needs one of ask, backend, upstream, tap, room, rewrite, refuse and drop");
	step_refused(
	    "drop = false;",
	    "a step needs one of ask, backend, upstream, tap, room, rewrite, refuse and drop");
	step_refused("ask = \"bot\"; drop = true;",
		     "drop and ask in one step: a step has one action");
	step_refused("room = \"lobby\"; tap = \"feed\";",
		     "room and tap in one step: a step has one action");
	step_refused("refuse = \"no\"; backend = \"bot\"; room = \"{room}\";",
		     "room and backend in one step: a step has one action\n4: refuse and backend "
		     "in one step: a step has one action");
	step_taken("room = \"lobby\"; drop = false;");
	/* One fault is enough: what is wrong is there all the same. */
	step_refused("ask = 5;", "ask must be a text, not a number");
	step_refused("refuse = \"\";", "refuse is empty");
	step_refused("drop = \"yes\";", "drop must be true or false, not a text");
	refused("routes = ( { then = (\n5 ); } );",
		"2: a step must be a group { ... }, not a number\n");
}

static void what_goes_with_what(void **state)
{
	(void)state;
	step_refused("rewrite = \"text\";", "to is missing: rewrite needs this template");
	step_refused("rewrite = \"text\"; to = \"\";", "to is empty");
	step_refused("tap = \"feed\"; to = \"x\";", "to is for rewrite only");
	step_refused("rewrite = \"txt\"; to = \"x\";",
		     "unknown rewrite 'txt', did you mean 'text'?");
	step_refused("rewrite = \"room\"; to = \"x\";",
		     "unknown rewrite 'room' (known: text, name)");
	step_refused("backend = \"bot\"; on_timeout = \"refuse\";", "on_timeout is for ask only");
	step_refused("ask = \"bot\"; on_timeout = \"drop\";",
		     "unknown on_timeout 'drop' (known: refuse, pass)");
	step_refused("tap = \"bot\"; deadline_ms = 10;", "deadline_ms is for ask and backend only");
	step_refused("ask = \"bot\"; deadline_ms = 600001;",
		     "deadline_ms is 600001, out of range (0 .. 600000)");
	step_taken("rewrite = \"name\"; to = \"{name} ({dialect})\";");
	step_taken("backend = \"bot\"; deadline_ms = 600000;");
	step_taken("ask = \"bot\"; on_timeout = \"refuse\"; deadline_ms = 0;");
}

static void names_in_steps(void **state)
{
	(void)state;
	step_refused("ask = \"modration\";",
		     "unknown backend 'modration', did you mean 'moderation'?");
	step_refused("backend = \"x\";", "unknown backend 'x' (known: bot, moderation)");
	step_refused("ask = \"feed\";", "'feed' is a tap, which only listens");
	step_refused("backend = \"feed\";", "'feed' is a tap, which only listens");
	step_refused("tap = \"fed\";", "unknown tap or backend 'fed', did you mean 'feed'?");
	step_refused("tap = \"x\";", "unknown tap or backend 'x' (known: feed, bot, moderation)");
	step_refused("room = \"loby\";", "unknown room 'loby', did you mean 'lobby'?");
	step_refused("room = \"lob*\";", "unknown room 'lob*' (known: lobby)");
	step_refused("room = \"{name}\";", "unknown room '{name}' (known: lobby)");
	step_taken("tap = \"moderation\";");
	step_taken("room = \"{room}\";");
	refused("routes = ( { then = (\n{ ask = \"bot\"; } ); } );", "2: unknown backend 'bot'\n");
}

static void what_a_route_matches(void **state)
{
	(void)state;
	route_refused("dialect = \"mixr\";", "unknown dialect 'mixr', did you mean 'mixer'?");
	route_refused(
	    "dialect = [ \"mixer\", \"irc\" ];",
	    "unknown dialect 'irc' (known: mixer, concord, rooms, simple, backend, upstream)");
	route_refused("kind = \"mesage\";", "unknown kind 'mesage', did you mean 'message'?");
	route_refused("kind = \"x\";", "unknown kind 'x' (known: message, edit, enter)");
	route_refused("role = \"onwer\";", "unknown role 'onwer', did you mean 'owner'?");
	route_refused("room = [ \"lobby\", \"loby\" ];",
		      "unknown room 'loby', did you mean 'lobby'?");
	route_refused("room = \"team*\";", "no room's name matches 'team*'");
	route_refused("room = \"lobby1*\";", "no room's name matches 'lobby1*'");
	route_refused("text = 5;", "text must be a text, not a number");
	route_taken("dialect = [ \"mixer\", \"concord\", \"backend\" ];");
	route_taken("room = [ \"lobby\", \"lob*\", \"lobby*\", \"*\" ];");
	route_taken("kind = [ \"message\", \"enter\" ]; role = \"mod\";");
	route_taken("text = \"(not judged here\";");
}

/* A rule in the third line, with that condition and the step in the fourth. */
static void by_upstream(const char *condition, const char *step, const char *expected)
{
	char text[2048];

	snprintf(text, sizeof(text),
		 UPSTREAMS "routes = ( { upstream = %s; then = (\n{ upstream = \"%s\"; } ); } );",
		 condition, step);
	if (*expected)
		refused(text, expected);
	else
		conf_free(accepted(text));
}

static void upstreams(void **state)
{
	static const char session[] = "is of mode session: rules are about those of mode relay\n";
	char text[256];

	(void)state;
	by_upstream("[ \"both\", \"in\" ]", "out", "");
	by_upstream("\"both\"", "both", "");
	by_upstream("\"bot\"", "ot",
		    "3: unknown upstream 'bot', did you mean 'both'?\n"
		    "4: unknown upstream 'ot' (known: both, front, in, out)\n");
	by_upstream("\"out\"", "in",
		    "3: upstream 'out' has the direction \"out\": nothing goes the other way\n"
		    "4: upstream 'in' has the direction \"in\": nothing goes the other way\n");
	snprintf(text, sizeof(text), "3: upstream 'front' %s4: upstream 'front' %s", session,
		 session);
	by_upstream("\"front\"", "front", text);
	step_refused("upstream = \"x\"; backend = \"bot\";",
		     "upstream and backend in one step: a step has one action\n4: unknown upstream "
		     "'x'");
	step_refused("upstream = \"x\"; deadline_ms = 5;",
		     "deadline_ms is for ask and backend only\n4: unknown upstream 'x'");
	route_taken("dialect = [ \"upstream\", \"mixer\" ];");
}

static void authors(void **state)
{
	static const char *const wrong[] = { "#",   "#0",          "#07",          "#-1", "#7a",
					     "# 7", "#2147483648", "#21474836470", NULL };

	(void)state;
	for (size_t i = 0; wrong[i]; i++) {
		char directive[128], fault[128];

		snprintf(directive, sizeof(directive), "author = \"%s\";", wrong[i]);
		snprintf(fault, sizeof(fault),
			 "author '%s' is not a person's number, from #1 to #2147483647", wrong[i]);
		route_refused(directive, fault);
	}
	route_refused("author = \"a:b\";",
		      "author 'a:b' holds a ':', '?' or '&', which end a name where clients give "
		      "one");
	route_refused("author = \" ann\";", "author ' ann' begins or ends with a space");
	route_taken("author = [ \"#1\", \"#2147483647\", \"#999999999\", \"ann\", \"a#1\" ];");
}

static void missing_and_empty(void **state)
{
	(void)state;
	refused("routes = (\n{ } );", "2: then is missing\n");
	refused("routes = ( {\nthen = ( ); } );",
		"2: then has 0 items, out of range (1 .. 16 items)\n");
	refused("routes = ( {\nthen = { drop = true; }; } );",
		"2: then must be a list of groups: ( { ... }, { ... } ), not a group\n");
	refused("routes = ( { then = ( { drop = true; } );\ntxt = \"x\"; } );",
		"2: unknown directive 'txt' in a route, did you mean 'text'?\n");
	refused("routes = ( { then = ( {\nrefuze = \"x\"; tap = \"t\"; } ); } );\n"
		"taps = ( { name = \"t\"; bind = \"ipc://t\"; } );",
		"2: unknown directive 'refuze' in a step, did you mean 'refuse'?\n");
	refused("ask = \"bot\";", "1: unknown directive 'ask' in the configuration: it belongs in "
				  "a step\n");
	conf_free(accepted("routes = ( );"));
}

/* Sixteen steps in each of a thousand rules, in front of a thousand rooms; the wrong ones are told
 * with their lines. */
static void large_tables(void **state)
{
	static char text[4 * 1024 * 1024];
	FILE *stream = fmemopen(text, sizeof(text), "w");
	struct told told;
	struct conf *conf;

	(void)state;
	assert_non_null(stream);
	fputs(PARTIES "rooms = ( { name = \"lobby\"; }", stream);
	for (int i = 0; i < 999; i++)
		fprintf(stream, ", { name = \"team %d\"; }", i);
	fputs(" );\nlisteners = ( { mounts = ( { path = \"/\"; dialect = \"mixer\"; room = "
	      "\"lobby\"; } ); } );\nroutes = (\n",
	      stream);
	for (int i = 0; i < 1000; i++) {
		fprintf(stream,
			"%s{ room = [ \"team %d\", \"team 5*\" ]; then = ( { tap = \"feed\"; }",
			i ? ",\n" : "", i % 999);
		for (int step = 0; step < 15; step++)
			fprintf(stream, ", { room = \"team %d\"; }", (i + step) % 999);
		fputs(" ); }", stream);
	}
	fputs(" );\n", stream);
	fclose(stream);
	conf = told_parse(&told, text);
	assert_string_equal(told.text, "");
	assert_int_equal(conf->route_count, 1000);
	assert_int_equal(conf->routes[999].then_count, 16);
	assert_int_equal(conf->routes[999].place.line, 1005);
	conf_free(conf);
	for (char *at = strstr(text, "[ \"team 5\""); at; at = strstr(at, "[ \"team "))
		memcpy(at + 3, "temx", 4), at++;
	assert_null(told_parse(&told, text));
	assert_int_equal(told.report.errors, 995);
	/* Guesses end where there are too many faults for one who reads them. */
	assert_non_null(strstr(told.text, "unknown room 'temx 50', did you mean 'team 50'?\n"));
	assert_non_null(strstr(told.text, "unknown room 'temx 250'\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_arrive),     cmocka_unit_test(places),
		cmocka_unit_test(exactly_one_verb),  cmocka_unit_test(what_goes_with_what),
		cmocka_unit_test(names_in_steps),    cmocka_unit_test(what_a_route_matches),
		cmocka_unit_test(upstreams),         cmocka_unit_test(authors),
		cmocka_unit_test(missing_and_empty), cmocka_unit_test(large_tables),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
