#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/admin/control/verbs/verbs.h"
#include "codecs/model/envelope.h"
#include "tests/support/page.h"

#define MANUAL_FROM                                                                                \
	".\\\" The rows of bridge/admin/control/verbs/verbs.c, by "                                \
	"tests/bridge/admin/control/verbs/test_verbs.c.\n"
#define MANUAL_TO ".\\\" End of these rows.\n"

/* ---- the table ---- */

static void check_arguments(const struct admin_verb *verb)
{
	size_t count = verb_argument_count(verb);
	bool optional = false;

	for (size_t i = 0; i < count; i++) {
		const struct admin_argument *argument = &verb->arguments[i];

		assert_non_null(argument->help);
		assert_true(argument->help[strlen(argument->help) - 1] == '.');
		assert_true((argument->shown == NULL) == (argument->value == VALUE_YES));
		assert_true(argument->option || argument->value != VALUE_YES);
		assert_false(argument->option && (argument->required || argument->rest));
		assert_true(argument->option || !argument->many);
		assert_true(!argument->rest || i + 1 == count);
		assert_false(argument->required && optional);
		optional = optional || !argument->required;
		for (size_t other = 0; other < i; other++)
			assert_string_not_equal(argument->name, verb->arguments[other].name);
		assert_string_not_equal(argument->name, "verb");
		assert_string_not_equal(argument->name, "file");
	}
	if (verb->unless) {
		size_t i = 0;

		while (i < count && strcmp(verb->arguments[i].name, verb->unless) != 0)
			i++;
		assert_true(verb->changes && i < count);
	}
}

static void rows_are_well_formed(void **state)
{
	(void)state;
	assert_true(admin_verb_count >= 12);
	for (size_t i = 0; i < admin_verb_count; i++) {
		const struct admin_verb *verb = &admin_verbs[i];

		assert_ptr_equal(admin_verb_find(verb->name), verb);
		assert_non_null(verb->brief);
		assert_true(verb->brief[strlen(verb->brief) - 1] != '.');
		assert_true(strcmp(verb->about + strlen(verb->about) - 2, ".\n") == 0);
		assert_non_null(verb->examples[0]);
		for (size_t e = 0; e < 3 && verb->examples[e]; e++)
			assert_memory_equal(verb->examples[e], verb->name, strlen(verb->name));
		check_arguments(verb);
	}
	assert_null(admin_verb_find("frob"));
	assert_null(admin_verb_find(""));
}

/* Those of two words are of a group, whose name is one of a verb only where that is meant. */
static void groups_have_members(void **state)
{
	(void)state;
	for (size_t i = 0; i < admin_verb_count; i++) {
		const struct admin_verb *verb = &admin_verbs[i];
		const struct verb_group *group = verb_group_of(verb);

		assert_true((strchr(verb->name, ' ') != NULL) == (group != NULL));
		if (group)
			assert_ptr_equal(verb_of_group(group, verb_own_name(verb)), verb);
		else
			assert_ptr_equal(verb_own_name(verb), verb->name);
	}
	for (size_t i = 0; i < verb_group_count; i++) {
		size_t members = 0;

		assert_ptr_equal(verb_group_find(verb_groups[i].name), &verb_groups[i]);
		assert_ptr_equal(verb_group_own(&verb_groups[i]),
				 admin_verb_find(verb_groups[i].name));
		assert_int_equal(verb_group_own(&verb_groups[i]) != NULL,
				 strcmp(verb_groups[i].name, "upstreams") == 0);
		for (size_t v = 0; v < admin_verb_count; v++)
			members += verb_group_of(&admin_verbs[v]) == &verb_groups[i];
		assert_true(members >= 2);
	}
	assert_null(verb_group_find("status"));
	assert_null(verb_of_group(verb_group_find("accounts"), "status"));
	assert_null(verb_of_group(verb_group_find("accounts"), ""));
}

/* ---- values ---- */

static void values_are_judged(void **state)
{
	static const struct {
		enum verb_value value;
		const char *text;
		bool right;
	} cases[] = {
		{ VALUE_TEXT, "a", true },
		{ VALUE_TEXT, "", false },
		{ VALUE_TEXT, "a\x1b[31m", false },
		{ VALUE_TEXT, "\xff", false },
		{ VALUE_PERSON, "bob", true },
		{ VALUE_PERSON, "", false },
		{ VALUE_PERSON, "#7", true },
		{ VALUE_PERSON, "#", false },
		{ VALUE_PERSON, "#07", false },
		{ VALUE_PERSON, "#2147483646", true },
		{ VALUE_PERSON, "#2147483647", false },
		{ VALUE_PERSON, "#99999999999", false },
		{ VALUE_PERSON,
		  "a23456789012345678901234567890123456789012345678901234567890123456", false },
		{ VALUE_TARGET, "bob", true },
		{ VALUE_TARGET, "192.0.2.7", true },
		{ VALUE_TARGET, "192.0.2.0/24", true },
		{ VALUE_TARGET, "192.0.2.7/24", false },
		{ VALUE_TARGET, "2001:db8::/32", true },
		{ VALUE_ROOM, "lobby", true },
		{ VALUE_ROOM, "", false },
		{ VALUE_UPSTREAM, "club", true },
		{ VALUE_UPSTREAM, "", false },
		{ VALUE_UPSTREAM, "a\n", false },
		{ VALUE_UPSTREAM,
		  "a23456789012345678901234567890123456789012345678901234567890123456", false },
		{ VALUE_DURATION, "1s", true },
		{ VALUE_DURATION, "0s", false },
		{ VALUE_DURATION, "2", false },
		{ VALUE_DURATION, "2w", false },
		{ VALUE_DURATION, "2hh", false },
		{ VALUE_DURATION, "-1h", false },
		{ VALUE_DURATION, "36500d", true },
		{ VALUE_DURATION, "36501d", false },
		{ VALUE_LEVEL, "debug", true },
		{ VALUE_LEVEL, "loud", false },
		{ VALUE_ROLE, "+mod", true },
		{ VALUE_ROLE, "-muted", true },
		{ VALUE_ROLE, "mod", false },
		{ VALUE_ROLE, "+king", false },
		{ VALUE_NAME, "bob", true },
		{ VALUE_NAME, "#7", false },
		{ VALUE_NAME, "", false },
		{ VALUE_NUMBER, "1", true },
		{ VALUE_NUMBER, "0", false },
		{ VALUE_NUMBER, "499999999", true },
		{ VALUE_NUMBER, "500000000", false },
		{ VALUE_NUMBER, "-1", false },
		{ VALUE_STANDING, "mod", true },
		{ VALUE_STANDING, "banned", false },
		{ VALUE_STANDING, "+mod", false },
		{ VALUE_CHANGE, "+mod", true },
		{ VALUE_CHANGE, "-staff", true },
		{ VALUE_CHANGE, "+muted", false },
		{ VALUE_CHANGE, "mod", false },
		{ VALUE_ID, "1", true },
		{ VALUE_ID, "9007199254740991", true },
		{ VALUE_ID, "9007199254740992", false },
		{ VALUE_ID, "0", false },
		{ VALUE_ID, "-1", false },
		{ VALUE_ID, "", false },
		{ VALUE_MESSAGE, "9007199254740991", true },
		{ VALUE_MESSAGE, "1156bf3d-5845-4000-8188-a118b6601414", true },
		{ VALUE_MESSAGE, "1156bf3d-5845-4000-8188-a118b660141", false },
		{ VALUE_MESSAGE, "0", false },
		{ VALUE_COUNT, "1", true },
		{ VALUE_COUNT, "1000", true },
		{ VALUE_COUNT, "1001", false },
		{ VALUE_COUNT, "0", false },
		{ VALUE_COUNT, "1x", false },
		{ VALUE_FILE, "a b/c.db", true },
		{ VALUE_FILE, "", false },
		{ VALUE_FILE, "a\n", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if ((verb_value_fault(cases[i].value, cases[i].text) == NULL) != cases[i].right)
			fail_msg("'%s' is %s", cases[i].text, cases[i].right ? "refused" : "taken");
	assert_true(verb_duration_ms("90s") == 90000);
	assert_true(verb_duration_ms("15m") == 900000);
	assert_true(verb_duration_ms("2h") == 7200000);
	assert_true(verb_duration_ms("36500d") == UINT64_C(36500) * 86400000);
}

/* The texts name every role there is. */
static void roles_are_told(void **state)
{
	const char *about = admin_verb_find("roles")->about;

	(void)state;
	for (uint32_t role = 1; role; role <<= 1)
		if (person_role_name(role))
			assert_non_null(strstr(about, person_role_name(role)));
}

/* ---- the manual ---- */

/* What begins a line must not be a request of roff's. */
static void put_text(FILE *out, const char *text)
{
	bool begins = true;

	for (; *text; text++) {
		if (begins && (*text == '.' || *text == '\''))
			fputs("\\&", out);
		if (*text == '-')
			fputs("\\-", out);
		else if (*text == '\n')
			fputs(text[1] ? "\n.Pp\n" : "\n", out);
		else
			fputc(*text, out);
		begins = *text == '\n';
	}
}

static void put_usage(FILE *out, const struct admin_argument *argument)
{
	if (argument->option && argument->shown)
		fprintf(out, " Op Fl Fl %s Ar %s", argument->name, argument->shown);
	else if (argument->option)
		fprintf(out, " Op Fl Fl %s", argument->name);
	else
		fprintf(out, argument->required ? " Ar %s" : " Op Ar %s", argument->shown);
	if (argument->rest || argument->many)
		fputs(" ...", out);
}

static void put_arguments(FILE *out, const struct admin_verb *verb)
{
	size_t count = verb_argument_count(verb);

	if (count == 0)
		return;
	fputs(".Bl -tag -width indent\n", out);
	for (size_t i = 0; i < count; i++) {
		const struct admin_argument *argument = &verb->arguments[i];

		if (argument->option)
			fprintf(out, ".It Fl Fl %s%s%s\n", argument->name,
				argument->shown ? " Ar " : "",
				argument->shown ? argument->shown : "");
		else
			fprintf(out, ".It Ar %s\n", argument->shown);
		put_text(out, argument->help);
		fputc('\n', out);
	}
	fputs(".El\n", out);
}

static char *told(void)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	fputs(".Bl -tag -width indent\n", out);
	for (size_t i = 0; i < admin_verb_count; i++) {
		const struct admin_verb *verb = &admin_verbs[i];

		fprintf(out, ".It Cm %s", verb->name);
		for (size_t a = 0; a < verb_argument_count(verb); a++)
			put_usage(out, &verb->arguments[a]);
		fputc('\n', out);
		put_text(out, verb->about);
		put_arguments(out, verb);
	}
	fputs(".El\n", out);
	fclose(out);
	return text;
}

static void the_manual_has_every_verb(void **state)
{
	char *expected = told();

	(void)state;
	page_has("contrib/man/dragoman.1", MANUAL_FROM, MANUAL_TO, expected);
	free(expected);
}

/* The directives that a reload takes over, in the words of the command, and of HUP. */
static void a_reload_says_what_it_takes_over(void **state)
{
	static const char taken[] = "rooms, accounts, routes, log level and log format";
	char *manual = page_read("contrib/man/dragoman.1");
	const char *signals = strstr(manual, ".Sh SIGNALS");

	(void)state;
	assert_non_null(strstr(admin_verb_find("reload")->about, taken));
	assert_non_null(signals);
	assert_non_null(strstr(signals, taken));
	free(manual);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_well_formed),
		cmocka_unit_test(groups_have_members),
		cmocka_unit_test(values_are_judged),
		cmocka_unit_test(roles_are_told),
		cmocka_unit_test(the_manual_has_every_verb),
		cmocka_unit_test(a_reload_says_what_it_takes_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
